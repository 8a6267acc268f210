"""The settings that decide what Claude Code loads: the managed ones, the project's, the user's, those first that win."""

from collections.abc import Iterator
from pathlib import Path

from attrs import frozen

from toolhive_plugins_clients.claude_files import base_of, known_marketplaces, managed_folder, settings_of
from toolhive_plugins_clients.documents import read_client_file
from toolhive_plugins_clients.errors import ClientFileError
from toolhive_plugins_clients.files import names_in
from toolhive_plugins_clients.health import Ailment, HealthStatus
from toolhive_plugins_clients.json_text import Plain
from toolhive_plugins_clients.placements import Placement


@frozen
class Settings:
    """One settings file that takes part."""

    path: Path
    values: dict[str, Plain]
    managed: bool = False
    known: str = "extraKnownMarketplaces"

    def table(self, name: str) -> dict[str, Plain]:
        """Return a member that is an object; an empty one if it is none."""
        value = self.values.get(name)
        return value if isinstance(value, dict) else {}


class _Reader:
    """Reads settings, and remembers what was wrong with them."""

    def __init__(self) -> None:
        self.ailments: list[Ailment] = []

    def read(self, path: Path, *, managed: bool = False) -> Settings:
        try:
            file = read_client_file(path)
        except ClientFileError as error:
            self.ailments.append(Ailment(HealthStatus.UNREADABLE, f"{path.name} {error.problem}", path))
            return Settings(path, {}, managed)
        values = file.document.plain()
        if file.is_jsonc:
            text = f"Claude Code ignores {path.name} as a whole: it has {file.oddities}"
            self.ailments.append(Ailment(HealthStatus.REFUSED, text, path))
            return Settings(path, {}, managed)
        if not isinstance(values, dict):
            values = {}
        return Settings(path, values, managed, known_marketplaces(file.document))


def read_settings(placement: Placement) -> tuple[list[Settings], list[Ailment]]:
    """Return the settings that count for a placement, those first that win, and what was wrong with them."""
    reader = _Reader()
    return list(_settings(placement, reader)), reader.ailments


def decision(key: str, settings: list[Settings]) -> tuple[Plain, Settings] | None:
    """Return what `enabledPlugins` has for a plugin in the first file that names it, and that file; None where none does."""
    for each in settings:
        value = each.table("enabledPlugins").get(key)
        if value is not None:
            return value, each
    return None


def _settings(placement: Placement, reader: _Reader) -> Iterator[Settings]:
    """Yield the settings that count for a placement, those first that win."""
    managed = managed_folder(placement.homes)
    parts = managed / "managed-settings.d"
    for name in sorted(names_in(parts), reverse=True):
        if name.endswith(".json") and not name.startswith("."):
            yield reader.read(parts / name, managed=True)
    yield reader.read(managed / "managed-settings.json", managed=True)
    if placement.project is not None:
        yield reader.read(base_of(placement) / "settings.local.json")
        yield reader.read(settings_of(placement))
    yield reader.read(placement.homes.folder("CLAUDE_CONFIG_DIR", ".claude") / "settings.json")
