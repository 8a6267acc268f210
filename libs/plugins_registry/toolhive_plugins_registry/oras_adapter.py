"""What we take from oras (oras-py 0.2.43): a reference's URLs in the distribution API.

Its other parts would not serve here. `oras.provider` encodes a manifest again on upload, so that the digest changes; reads a whole blob
into memory to upload it; checks no digest; knows no index; repeats every request, whether that is safe or not, after sleeping up
to 83 seconds; and follows redirects with the credentials. `oras.auth` finds the parameters of `WWW-Authenticate` by a pattern that
escapes, quoted commas and a second challenge defeat; sends the password to whatever realm a challenge names, over whatever
scheme; presents a rejected token again; knows no refresh tokens, and no Basic beside Bearer; and imports requests.
"""

# oras ships no types: what is subclassed here is untyped to the checker, and this module is the seam.
# mypy: allow-subclassing-any, allow-untyped-calls, disable-error-code="import-untyped"

from oras.container import Container

from toolhive_plugins_registry.references import Reference


class Repository(Container):
    """oras's reference, for the URLs that it makes of it.

    oras finds a reference anywhere in a text, fills in a registry and a tag that were not given, and takes
    upper case, spaces and query strings for names; so this one is made of a reference that is already parsed.
    """

    def __init__(self, reference: Reference) -> None:
        self.registry = reference.host
        self.namespace, _, self.repository = reference.repository.rpartition("/")
        self.tag = "" if reference.is_digest else reference.reference
        self.digest = reference.reference if reference.is_digest else None

    def manifest_path(self, reference: str) -> str:
        """Return the path of a manifest."""
        return _path(self.manifest_url(reference))

    def blob_path(self, digest: str) -> str:
        """Return the path of a blob."""
        return _path(self.get_blob_url(digest))

    def uploads_path(self) -> str:
        """Return the path where uploads begin."""
        return _path(self.upload_blob_url())

    def referrers_path(self, digest: str) -> str:
        """Return the path of the list of referrers, which oras does not know."""
        return f"/v2/{self.api_prefix}/referrers/{digest}"

    def tags_path(self) -> str:
        """Return the path of the list of tags."""
        return _path(self.tags_url())


def _path(url: object) -> str:
    """Return the path of a URL from oras, which begins with the host."""
    return "/" + str(url).partition("/")[2]
