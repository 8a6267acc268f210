"""MCP servers between formats: from Claude Code's to the open format, and from that to Claude Code's and Gemini CLI's.

A function returns the server, or why it cannot be said in the other format.
"""

import re
from collections.abc import Callable, Mapping
from typing import Final

from toolhive_artifact.errors import shown
from toolhive_artifact.json_values import JsonObject, JsonValue
from toolhive_artifact.json_writer import Encodable
from toolhive_plugins_content.adapting.description import Server
from toolhive_plugins_content.verdicts.agent_plugins_servers import PLUGIN_DATA, PLUGIN_ROOT, server_faults
from toolhive_plugins_content.verdicts.reasons import spelled

_CLAUDE_ROOT: Final = "${CLAUDE_PLUGIN_ROOT}"
_CLAUDE_DATA: Final = "${CLAUDE_PLUGIN_DATA}"
_GEMINI_ROOT: Final = "${extensionPath}"
_placeholder = re.compile(r"\$\{(?:PLUGIN_ROOT|PLUGIN_DATA)\}")
_variable = re.compile(r"\$(?:\{|[A-Za-z_])").search
_braced = re.compile(r"\$\{").search
_PATHLESS: Final = frozenset({"type", "command", "args", "env", "cwd", "url", "headers"})


class _Untranslatable(Exception):  # noqa: N818 - never leaves this module
    """Why a value cannot be said in the other format."""


def claude_server(server: Server) -> dict[str, Encodable] | str:
    """Return a server of the open format as Claude Code has it, with the variables that the format promises.

    The directory that it promises cannot be had: Claude Code starts servers where the session is, whatever their `cwd` (seen at 2.1.332).
    """
    return _attempt(lambda: _claude(server))


def gemini_server(server: Server) -> dict[str, Encodable] | str:
    """Return a server of the open format as Gemini CLI has it."""
    return _attempt(lambda: _gemini(server))


def open_server(server: JsonValue) -> dict[str, Encodable] | str:
    """Return a server of Claude Code's as the open format has it."""
    return _attempt(lambda: _open(server))


def _attempt(translate: Callable[[], dict[str, Encodable]]) -> dict[str, Encodable] | str:
    try:
        return translate()
    except _Untranslatable as error:
        return str(error)


def _claude(server: Server) -> dict[str, Encodable]:
    def said(value: str) -> str:
        rest = _placeholder.sub("", value)
        if _braced(rest):
            raise _Untranslatable(f"has {shown(value)!r}, in which Claude Code would put a variable's value")
        return value.replace(PLUGIN_ROOT, _CLAUDE_ROOT).replace(PLUGIN_DATA, _CLAUDE_DATA)

    if server["type"] != "stdio":
        return _remote({"type": "http" if server["type"] == "streamable-http" else "sse"}, "url", server, _braced)
    made: dict[str, Encodable] = {
        "type": "stdio",
        "command": _from_root(_literal(server["command"], _braced), _CLAUDE_ROOT),
    }
    if args := _list(server, "args"):
        made["args"] = [said(each) for each in args]
    environment = {key: said(value) for key, value in _map(server, "env").items()}
    made["env"] = {**environment, "PLUGIN_ROOT": _CLAUDE_ROOT, "PLUGIN_DATA": _CLAUDE_DATA}
    if server.get("cwd", PLUGIN_ROOT) not in (PLUGIN_ROOT, f"{PLUGIN_ROOT}/", "./"):
        raise _Untranslatable("has a working directory of its own, which Claude Code ignores")
    return made


def _gemini(server: Server) -> dict[str, Encodable]:
    def said(value: str) -> str:
        if PLUGIN_DATA in value:
            raise _Untranslatable("uses the plugin's data directory, and Gemini CLI has none")
        if _variable(_placeholder.sub("", value)):
            raise _Untranslatable(f"has {shown(value)!r}, in which Gemini CLI would put a variable's value")
        return value.replace(PLUGIN_ROOT, _GEMINI_ROOT)

    if server["type"] != "stdio":
        return _remote({}, "httpUrl" if server["type"] == "streamable-http" else "url", server, _variable)
    made: dict[str, Encodable] = {"command": _from_root(_literal(server["command"], _variable), _GEMINI_ROOT)}
    if args := _list(server, "args"):
        made["args"] = [said(each) for each in args]
    made["env"] = {**{key: said(value) for key, value in _map(server, "env").items()}, "PLUGIN_ROOT": _GEMINI_ROOT}
    made["cwd"] = _from_root(said(str(server.get("cwd", PLUGIN_ROOT))), _GEMINI_ROOT)
    return made


def _open(server: JsonValue) -> dict[str, Encodable]:
    if not isinstance(server, JsonObject):
        raise _Untranslatable("is no object")
    if extra := [key for key in server if key not in _PATHLESS]:
        raise _Untranslatable(f"has {', '.join(shown(key) for key in extra)}, which the Agent Plugins format has not")
    kind = server.get("type", "stdio")
    types = {"stdio": "stdio", "http": "streamable-http", "streamable-http": "streamable-http", "sse": "sse"}
    if not isinstance(kind, str) or kind not in types:
        raise _Untranslatable("is of a type that the Agent Plugins format has not")
    fields = {key: _opened(value) for key, value in server.items() if key != "type"}
    if kind == "stdio" and isinstance(command := fields.get("command"), str) and command.startswith(f"{PLUGIN_ROOT}/"):
        fields["command"] = f".{command.removeprefix(PLUGIN_ROOT)}"
    made: dict[str, Encodable] = {"type": types[kind], **fields}
    fault = next(server_faults(_as_json(made)), None)
    if fault is not None:
        raise _Untranslatable(f"{spelled(fault.path)} {fault.problem}".strip())
    return made


def _opened(value: JsonValue) -> JsonValue:
    if isinstance(value, str):
        text = value.replace(_CLAUDE_ROOT, PLUGIN_ROOT).replace(_CLAUDE_DATA, PLUGIN_DATA)
        if _braced(_placeholder.sub("", text)) or (text == value and _placeholder.search(value)):
            raise _Untranslatable(f"has {shown(value)!r}, a variable that the Agent Plugins format does not know")
        return text
    if isinstance(value, tuple):
        return tuple(_opened(each) for each in value)
    return (
        JsonObject(tuple((key, _opened(each)) for key, each in value.items()))
        if isinstance(value, JsonObject)
        else value
    )


def _as_json(server: Mapping[str, Encodable]) -> JsonValue:
    from toolhive_artifact.json_reader import parse_json
    from toolhive_artifact.json_writer import encode_json

    return parse_json(encode_json(server), where="server")


def _remote(
    made: dict[str, Encodable], key: str, server: Server, expands: Callable[[str], object]
) -> dict[str, Encodable]:
    made[key] = _literal(server["url"], expands)
    if headers := _map(server, "headers"):
        made["headers"] = {_literal(name, expands): _literal(value, expands) for name, value in headers.items()}
    return made


def _literal(value: object, expands: Callable[[str], object]) -> str:
    """Return a value in which the open format expands nothing.

    Raises:
        _Untranslatable: the other client would expand something.
    """
    text = str(value)
    if expands(text):
        raise _Untranslatable(f"has {shown(text)!r}, in which the client would put a variable's value")
    return text


def _from_root(path: str, root: str) -> str:
    return f"{root}{path[1:]}" if path.startswith("./") else path


def _list(server: Server, key: str) -> list[str]:
    value = server.get(key)
    return [str(each) for each in value] if isinstance(value, (tuple, list)) else []


def _map(server: Server, key: str) -> dict[str, str]:
    value = server.get(key)
    return {name: str(each) for name, each in value.items()} if isinstance(value, Mapping) else {}
