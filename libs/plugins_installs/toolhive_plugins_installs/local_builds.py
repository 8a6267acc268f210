"""Builds of the local store, as a person names them."""

import re
from typing import Final

from attrs import frozen

from toolhive_plugins import Digest, InvalidDigestError, InvalidTagError, Store, StoreNotFoundError
from toolhive_plugins_installs.errors import AmbiguousTargetError

_SHORT_DIGEST: Final = re.compile(r"[0-9a-f]{7,64}", re.ASCII)


@frozen
class LocalTagTarget:
    """A build in the local store."""

    name: str
    """As it was named: a tag, a digest, or the beginning of one."""

    digest: Digest
    """The index or manifest that it names."""

    def __str__(self) -> str:
        return self.name


def find_local_build(store: Store, text: str) -> LocalTagTarget | None:
    """Return the build with that tag, that digest, or the one whose digest begins so; None where there is none.

    Raises:
        AmbiguousTargetError: several builds' digests begin so.
    """
    try:
        return LocalTagTarget(text, store.resolve(text))
    except (StoreNotFoundError, InvalidTagError, InvalidDigestError):
        pass
    if _SHORT_DIGEST.fullmatch(text) is None:
        return None
    digests = {entry.digest for entry in store.tags()}
    found = [digest for digest in digests if digest.encoded.startswith(text)]
    if len(found) > 1:
        raise AmbiguousTargetError(
            "several builds have a digest that begins so", where=text, remedy="Give more of the digest"
        )
    return LocalTagTarget(text, found[0]) if found else None
