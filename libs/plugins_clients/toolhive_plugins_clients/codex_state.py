"""What Codex has of a plugin: its own copy, and what `config.toml` says of it. Codex runs that copy, whatever becomes of the original."""

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from attrs import frozen

from toolhive_plugins import Hook, quoted
from toolhive_plugins_clients.errors import ClientFileError
from toolhive_plugins_clients.facts import PluginFacts
from toolhive_plugins_clients.files import is_folder, names_in, read_file, unusable
from toolhive_plugins_clients.json_text import MAX_SIZE
from toolhive_plugins_clients.placements import Placement
from toolhive_plugins_clients.plans import Owed, OwedKind
from toolhive_plugins_clients.trees import same_tree

_SHOWN_HOOKS: Final = 10


@frozen(kw_only=True)
class CodexCopy:
    """One plugin, as Codex has it."""

    name: str
    marketplace: str
    project: Path | None
    """The project whose marketplace it is; None for the user's, which Codex finds by itself."""
    config: Path
    enabled: bool | None
    """What `config.toml` says; None where it does not name the plugin."""
    copies: tuple[Path, ...]
    """Its folders in the cache, one a version."""
    is_current: bool
    """Whether the one copy has the same files as the installed plugin."""
    known_at: str
    """Where `config.toml` has the marketplace from; empty where it does not have it."""
    trusted_hooks: int
    """For how many of its hooks a trust is recorded, in whatever state they were then."""

    @property
    def key(self) -> str:
        """`NAME@MARKETPLACE`."""
        return f"{self.name}@{self.marketplace}"

    @property
    def marketplace_is_known(self) -> bool:
        """Whether Codex knows the marketplace from this very folder."""
        return self.project is None or self.known_at == str(self.project)

    def due(self, plugin: PluginFacts | None) -> tuple[Owed, ...]:
        """Return what the user has to do for an installed plugin, now."""
        if self.enabled and self.is_current and self.marketplace_is_known:
            return tuple(self._trust(plugin, copied=False))
        return self.after_change(plugin)

    def after_change(self, plugin: PluginFacts | None) -> tuple[Owed, ...]:
        """Return what the user has to do once a plugin, or another version of it, was installed."""
        steps: list[Owed] = []
        if self.enabled is False:
            text = f"{self.key} is turned off in {self.config}; turn it on there, or leave it"
            return (Owed(OwedKind.TRUST, text),)
        if not self.marketplace_is_known:
            if self.known_at:
                text = f"Codex has the marketplace {self.marketplace} from {self.known_at}"
                steps.append(_command(text, "marketplace", "remove", self.marketplace))
            steps.append(_command("Tell Codex of the project's marketplace", "marketplace", "add", str(self.project)))
        steps.append(_command("Have Codex copy the plugin, which is what it runs", "add", self.key))
        return (*steps, *self._trust(plugin, copied=True), _RESTART)

    def after_removal(self, *, is_last: bool) -> tuple[Owed, ...]:
        """Return what the user has to do once the plugin is no longer installed."""
        steps: list[Owed] = []
        if self.copies or self.enabled is not None:
            text = "Have Codex remove its copy, which it runs until then"
            steps.append(_command(text, "remove", self.key))
        if is_last and self.project is not None and self.known_at == str(self.project):
            text = "Have Codex forget the project's marketplace"
            steps.append(_command(text, "marketplace", "remove", self.marketplace))
        return tuple(steps)

    def _trust(self, plugin: PluginFacts | None, *, copied: bool) -> Iterator[Owed]:
        hooks = plugin.components.hooks if plugin is not None else ()
        if hooks and (copied or self.trusted_hooks < len(hooks)):
            yield Owed(OwedKind.TRUST, f"Codex skips these hooks until you trust them, by /hooks: {named(hooks)}")


_RESTART: Final = Owed(OwedKind.RESTART, "Start a new session: a running one keeps what it has loaded")


def named(hooks: tuple[Hook, ...]) -> str:
    """Return hooks in words: what they run, and when."""
    texts = [f"{hook.event} ({_what(hook)})" for hook in hooks[:_SHOWN_HOOKS]]
    more = len(hooks) - len(texts)
    return ", ".join(texts) + (f" and {more} more" if more else "")


def _what(hook: Hook) -> str:
    from toolhive_plugins import mask_tokens, shown

    words = (hook.command, *map(quoted, hook.args or ())) if hook.command else (hook.url or hook.tool or hook.type,)
    return shown(mask_tokens(" ".join(words)))


def read_codex_copy(placement: Placement, folder: Path, marketplace: str) -> CodexCopy:
    """Return what Codex has of a plugin.

    Args:
        placement: where the plugin is installed, or was.
        folder: its folder.
        marketplace: the name of its marketplace.

    Raises:
        ClientFileError: `config.toml` cannot be read.
    """
    home = placement.homes.folder("CODEX_HOME", ".codex")
    config = read_config(home / "config.toml")
    cache = home / "plugins" / "cache" / marketplace / placement.name
    key = f"{placement.name}@{marketplace}"
    copies = tuple(cache / name for name in names_in(cache) if not name.startswith(".") and is_folder(cache / name))
    enabled = _table(_table(config, "plugins"), key).get("enabled")
    known = _table(_table(config, "marketplaces"), marketplace).get("source")
    states = _table(_table(config, "hooks"), "state")
    return CodexCopy(
        name=placement.name,
        marketplace=marketplace,
        project=placement.project,
        config=home / "config.toml",
        enabled=enabled if isinstance(enabled, bool) else None,
        copies=copies,
        is_current=len(copies) == 1 and _same(copies[0], folder),
        known_at=known if isinstance(known, str) else "",
        trusted_hooks=sum(name.startswith(f"{key}:") and "trusted_hash" in _table(states, name) for name in states),
    )


def read_config(path: Path) -> Mapping[str, object]:
    """Return a file of settings in TOML; empty if it does not exist.

    Raises:
        ClientFileError: it cannot be read, or is not TOML.
    """
    data = read_file(path, max_size=MAX_SIZE).data or b""
    try:
        return tomllib.loads(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise unusable("is not UTF-8", path) from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise unusable("is not TOML", path) from error


def _table(owner: object, name: str) -> Mapping[str, object]:
    value = owner.get(name) if isinstance(owner, Mapping) else None
    return value if isinstance(value, Mapping) else {}


def _same(copy: Path, folder: Path) -> bool:
    try:
        return is_folder(folder) and same_tree(copy, folder)
    except ClientFileError:
        return False


def _command(text: str, *arguments: str) -> Owed:
    return Owed(OwedKind.COMMAND, text, ("codex", "plugin", *arguments))
