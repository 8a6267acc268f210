"""One installation as it is remembered: a plugin in one client, with what is needed to take it back exactly."""

from pathlib import Path

from attrs import field, frozen

from toolhive_plugins import Client
from toolhive_plugins_clients import FileRecord, Homes, Method, Placement, Scope
from toolhive_plugins_installs.installed_files import InstalledFile
from toolhive_plugins_installs.provenance import Provenance


@frozen(kw_only=True)
class Installation:
    """A plugin in one client of one home, or in one project."""

    name: str
    version: str = ""
    client: Client
    method: Method
    scope: Scope
    project: str = ""
    """The root of the project; empty for a user's."""

    home: str
    """The client's own folder. Installations of a user are told apart by it."""

    folder: str
    """Where its files are."""

    source: str
    """The target as the user wrote it: what an upgrade resolves again."""

    kind: str = ""
    """Of the source: a registry, git, the local store."""

    reference: str
    """What always names the same content."""

    resolved_reference: str = ""
    """What the source named, as a lock file has it."""

    catalog: str = ""
    digest: str
    """Of the artifact; or a commit."""

    content_digest: str
    created: str = ""
    """When the artifact was made, as it says."""

    highest_version: str = ""
    """The highest SemVer that was installed in its place since an older one was last accepted."""

    latest_created: str = ""
    """And the latest time that an artifact in its place was made at."""

    parts: tuple[str, ...] = ()
    """The digests of the artifact's manifests and layers."""

    unsigned: bool = True
    provenance: Provenance | None = None
    files: dict[str, InstalledFile] = field(factory=dict, repr=False)

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What no two installations have in common."""
        return (self.name, self.client.value, self.project, self.home if self.scope is Scope.USER else "")

    @property
    def group(self) -> tuple[str, str]:
        """The name and the project: what people take for one installed plugin."""
        return (self.name, self.project)

    def placement(self, homes: Homes) -> Placement:
        """Return where it is, for the adapter.

        Raises:
            PlacementError: the project is not there any more.
        """
        return Placement(
            name=self.name,
            scope=self.scope,
            method=self.method,
            homes=homes,
            project=Path(self.project) if self.project else None,
        )


@frozen(kw_only=True)
class Records:
    """All that is remembered."""

    installations: tuple[Installation, ...] = ()
    files: tuple[FileRecord, ...] = ()
    """One for each file of a client's or the user's that was edited."""

    folders: tuple[str, ...] = ()
    """Folders that were made on the way, and go again once they are empty."""

    def of_folder(self, folder: Path) -> Installation | None:
        """Return the installation whose files are in a folder; None where it is not ours."""
        return next((each for each in self.installations if each.folder == str(folder)), None)
