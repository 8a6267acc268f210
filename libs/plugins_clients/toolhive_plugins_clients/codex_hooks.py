"""Which hooks of a plugin Codex would skip, for want of the user's trust.

Codex keeps a trust in `config.toml`, in `[hooks.state."PLUGIN@MARKETPLACE:FILE:EVENT:GROUP:HANDLER"]`: `trusted_hash` is the SHA-256 of the
hook's definition. The form was seen at the program (docs/clients.md), and tests hold it against the real one. It asks again, too, where
anything else of the plugin changed since, by a digest of its own that we do not know: so a hook that is not among those that wait may
wait all the same, and whoever changes a plugin says so of all its hooks. We read trust, and never write it.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from attrs import frozen

from toolhive_plugins import mask_tokens, shown
from toolhive_plugins_clients.documents import read_client_file
from toolhive_plugins_clients.errors import ClientFileError
from toolhive_plugins_clients.json_text import Plain

FILE: Final = "hooks/hooks.json"
_MANIFESTS: Final = ("plugin.json", ".codex-plugin/plugin.json", ".claude-plugin/plugin.json")
_SECONDS: Final = 600
_SHORT: Final = {"session_end": (1, 3), "interrupt": (1, 3)}
"""Events whose hooks have little time: the default and the most, in seconds."""
_WITH_MATCHER: Final = frozenset(
    {
        "permission_request", "post_compact", "post_tool_use", "pre_compact", "pre_tool_use", "session_end", "session_start",
        "subagent_start", "subagent_stop",
    }
)  # fmt: skip
_EVENTS: Final = _WITH_MATCHER | {"interrupt", "stop", "user_prompt_submit"}


@frozen
class CodexHook:
    """One hook that Codex would run."""

    key: str
    """The end of its name in `config.toml`: `FILE:EVENT:GROUP:HANDLER`."""
    digest: str
    """What a trust in it is recorded as."""
    text: str
    """When it runs and what, for people."""


def read_hooks(root: Path) -> tuple[CodexHook, ...] | None:
    """Return the hooks of a plugin's folder, in order; None where they are declared in other places, or cannot be read."""
    try:
        for path in _MANIFESTS:
            manifest = read_client_file(root / path).document.plain()
            if isinstance(manifest, dict) and "hooks" in manifest:
                return None
        document = read_client_file(root / FILE).document.plain()
    except ClientFileError:
        return None
    events = document.get("hooks") if isinstance(document, dict) else None
    return tuple(_hooks(events)) if isinstance(events, dict) else ()


def waiting(hooks: tuple[CodexHook, ...], key: str, states: Mapping[str, object]) -> tuple[str, ...]:
    """Return the hooks that wait for trust, for people.

    Args:
        hooks: of the plugin.
        key: `PLUGIN@MARKETPLACE`.
        states: the table `hooks.state` of `config.toml`.
    """
    trusts = {name: state.get("trusted_hash") for name, state in states.items() if isinstance(state, Mapping)}
    return tuple(hook.text for hook in hooks if trusts.get(f"{key}:{hook.key}") != hook.digest)


def _hooks(events: dict[str, Plain]) -> Iterator[CodexHook]:
    for name, groups in events.items():
        event = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
        if event not in _EVENTS or not isinstance(groups, list):
            continue
        for number, group in enumerate(groups):
            handlers = group.get("hooks") if isinstance(group, dict) else None
            matcher = group.get("matcher") if isinstance(group, dict) and event in _WITH_MATCHER else None
            for index, handler in enumerate(handlers if isinstance(handlers, list) else ()):
                command = handler.get("command") if isinstance(handler, dict) else None
                if isinstance(handler, dict) and handler.get("type") == "command" and isinstance(command, str):
                    digest = _digest(event, matcher, handler)
                    text = f"{shown(name)} ({shown(mask_tokens(command))})"
                    yield CodexHook(f"{FILE}:{event}:{number}:{index}", digest, text)


def _digest(event: str, matcher: Plain, handler: dict[str, Plain]) -> str:
    default, most = _SHORT.get(event, (_SECONDS, None))
    timeout = handler.get("timeout")
    seconds = max(timeout, 1) if isinstance(timeout, int) else default
    known: dict[str, Plain] = {
        "type": "command",
        "command": handler["command"],
        "timeout": seconds if most is None else min(seconds, most),
        "async": handler.get("async") is True,
    }
    if isinstance(status := handler.get("statusMessage"), str):
        known["statusMessage"] = status
    identity: dict[str, Plain] = {"event_name": event, "hooks": [known]}
    if isinstance(matcher, str):
        identity["matcher"] = matcher
    written = json.dumps(identity, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return "sha256:" + hashlib.sha256(written.encode("utf-8", "replace")).hexdigest()
