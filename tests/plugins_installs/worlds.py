"""A user with both clients, a store and a project, for tests of whole operations."""

import shutil
from pathlib import Path

from attrs import frozen
from plugin_folders import make_plugin

from toolhive_plugins import Digest, Packager, Registry, Store, compare_surfaces, read_surface
from toolhive_plugins_clients import Homes
from toolhive_plugins_installs import (
    Consent,
    Installed,
    InstallRequest,
    Place,
    Proposal,
    RecordBook,
    Resolver,
    Site,
    Unattended,
    Uninstalled,
    UninstallRequest,
    install,
    uninstall,
)
from toolhive_plugins_installs.resolved import ResolvedPlugin


@frozen
class Compared:
    """What differs between two versions."""

    grew: bool
    other_code: bool = False


def compare(old: ResolvedPlugin, new: ResolvedPlugin) -> Compared:
    """Compare what two versions can do."""
    changes = compare_surfaces(read_surface(old.tree), read_surface(new.tree))
    return Compared(any(change.grew for change in changes))


class Asked:
    """Answers every question the same, and keeps them."""

    def __init__(self, answer: bool = True) -> None:
        self.answer = answer
        self.proposals: list[Proposal] = []

    def agrees(self, proposal: Proposal) -> bool:
        self.proposals.append(proposal)
        return self.answer


class World:
    """A home, a project and a store below one folder."""

    def __init__(self, root: Path, *, create: bool = True) -> None:
        self.root = root
        self.home = root / "home"
        self.project = root / "project"
        self.store = Store(root / "data" / "plugins")
        if create:
            for folder in (self.home / ".claude", self.home / ".codex", self.project / ".git"):
                folder.mkdir(parents=True)
        self.homes = Homes(self.home, {}, root / "system")
        self.told: list[str] = []
        self.failures: list[Exception] = []
        registry = Registry(plain_http=True)
        self.site = Site(
            book=RecordBook(root / "data" / "plugins", timeout=5),
            resolver=Resolver(self.store, lambda: registry),
            homes=self.homes,
            compare=compare,
            notify=self.told.append,
            failed=self.failures.append,
        )

    @property
    def in_project(self) -> Place:
        return Place(self.project)

    @property
    def skills(self) -> Path:
        return self.home / ".claude" / "skills"

    def build(
        self,
        version: str = "1.0.0",
        *,
        name: str = "demo",
        hook: str = "",
        tag: str = "",
        readme: str = "",
        files: int = 0,
    ) -> Digest:
        """Build a plugin and tag it with its name."""
        folder = self.root / "source" / f"{name}-{version}"
        shutil.rmtree(folder, ignore_errors=True)
        contents: dict[str, object] = {f"data/{number}.txt": "" for number in range(files)}
        contents |= {
            "README.md": readme or f"{name} {version}\n",
            "skills/greet/SKILL.md": "---\nname: greet\ndescription: Greets\n---\nHello\n",
        }
        if hook:
            contents["hooks/hooks.json"] = {
                "hooks": {"SessionStart": [{"hooks": [{"type": "command", "command": hook}]}]}
            }
        make_plugin(folder, contents, name=name, version=version)  # type: ignore[arg-type]
        digest = Packager(self.store).package(str(folder)).index_digest
        self.store.tag(digest, tag or name)
        return digest

    def install(self, target: str = "demo", consent: Consent | None = None, **request: object) -> Installed:
        """Install."""
        return install(self.site, InstallRequest(target=target, **request), consent or Unattended())  # type: ignore[arg-type]

    def uninstall(self, name: str = "demo", **request: object) -> Uninstalled:
        """Uninstall."""
        return uninstall(self.site, UninstallRequest(name=name, **request))  # type: ignore[arg-type]
