"""What Codex has of a plugin: its own copy, and what `config.toml` says of it. Codex runs that copy, whatever becomes of the original."""

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from attrs import frozen

from toolhive_plugins import Hook, mask_tokens, quoted, shown
from toolhive_plugins_clients.codex_hooks import read_hooks, waiting
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
    waiting: tuple[str, ...] | None
    """The hooks that wait for the user's trust, for people; None where that cannot be told."""

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
            return tuple(self._trust(plugin))
        return (*self._copying(), *self._trust(plugin))

    def after_change(self, plugin: PluginFacts) -> tuple[Owed, ...]:
        """Return what the user has to do once a plugin, or another version of it, was installed."""
        hooks = plugin.components.hooks
        return (*self._copying(), *([_trust(named(hooks))] if hooks else []), *_RESTART)

    def _copying(self) -> Iterator[Owed]:
        if self.enabled is False:
            yield Owed(OwedKind.TRUST, f"{self.key} is turned off in {self.config}; turn it on there, or leave it")
            return
        if not self.marketplace_is_known:
            if self.known_at:
                text = f"Codex has the marketplace {self.marketplace} from {shown(self.known_at)}"
                yield _command(text, "marketplace", "remove", self.marketplace)
            yield _command("Tell Codex of the project's marketplace", "marketplace", "add", str(self.project))
        yield _command("Have Codex copy the plugin, which is what it runs", "add", self.key)

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

    def _trust(self, plugin: PluginFacts | None) -> Iterator[Owed]:
        if self.waiting is None and plugin is not None and plugin.components.hooks:
            yield _trust(named(plugin.components.hooks))
        elif self.waiting:
            yield _trust(listed(self.waiting))


_RESTART: Final = (Owed(OwedKind.RESTART, "Start a new session: a running one keeps what it has loaded"),)


def _trust(hooks: str) -> Owed:
    return Owed(OwedKind.TRUST, f"Codex skips hooks that you have not trusted; look at them with /hooks: {hooks}")


def named(hooks: tuple[Hook, ...]) -> str:
    """Return hooks in words: when they run, and what."""
    return listed(tuple(f"{shown(hook.event)} ({_what(hook)})" for hook in hooks))


def listed(texts: tuple[str, ...]) -> str:
    """Return the first of some texts, and how many more there are."""
    more = len(texts) - _SHOWN_HOOKS
    return ", ".join(texts[:_SHOWN_HOOKS]) + (f" and {more} more" if more > 0 else "")


def _what(hook: Hook) -> str:
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
    is_current = len(copies) == 1 and _same(copies[0], folder)
    hooks = read_hooks(folder if is_folder(folder) else copies[0]) if copies or is_folder(folder) else ()
    return CodexCopy(
        name=placement.name,
        marketplace=marketplace,
        project=placement.project,
        config=home / "config.toml",
        enabled=enabled if isinstance(enabled, bool) else None,
        copies=copies,
        is_current=is_current,
        known_at=known if isinstance(known, str) else "",
        waiting=None if hooks is None else waiting(hooks, key, states),
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
