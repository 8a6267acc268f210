"""The rules for commands, agents, skills, hooks, servers and monitors (Claude Code's documentation of each, and agentskills.io)."""

import re
import warnings
from typing import Final

from toolhive_artifact.errors import shown
from toolhive_plugins_content.components import EVENTS, Components, Hook, LspServer, McpServer, Monitor, Prompt
from toolhive_plugins_content.config import as_text
from toolhive_plugins_content.findings import Findings
from toolhive_plugins_content.manifest_rules import MAX_ENTRIES, NAME_FORM
from toolhive_plugins_content.rules import Rule
from toolhive_plugins_content.tree import FileTree

_HOOK_NEEDS: Final = {"command": "command", "http": "url", "mcp_tool": "tool", "prompt": "prompt", "agent": "prompt"}
_TRANSPORTS: Final = frozenset({"stdio", "http", "streamable-http", "sse", "ws", "sdk", "bundle"})
_ROOT: Final = re.compile(r"\$\{?CLAUDE_PLUGIN_ROOT\}?[\"']?/([A-Za-z0-9_./@+-]+)", re.ASCII)
_PROGRAM: Final = re.compile(r"\s*[\"']?" + _ROOT.pattern, re.ASCII)
_SKILL_NAME_LENGTH: Final = 64
_SKILL_DESCRIPTION_LENGTH: Final = 1024


class ComponentRules:
    """Checks a plugin's components.

    Args:
        tree: the plugin's files.
        components: what the component readers found in them.
        findings: takes what is wrong.
    """

    def __init__(self, tree: FileTree, components: Components, findings: Findings) -> None:
        self._tree = tree
        self._components = components
        self._findings = findings
        self._folders = frozenset(path[: match.start()] for path in tree.paths for match in re.finditer("/", path))

    def check(self) -> None:
        """Check all components."""
        components = self._components
        groups = {
            "commands": components.commands,
            "agents": components.agents,
            "skills": components.skills,
            "hooks": components.hooks,
            "mcpServers": components.mcp_servers,
            "lspServers": components.lsp_servers,
        }
        for name, group in groups.items():
            if len(group) > MAX_ENTRIES:
                self._findings.error(Rule.TOO_MANY, f"there are {len(group)} {name}, and there may be {MAX_ENTRIES}")
        for hook in components.hooks:
            self._hook(hook)
        for server in components.mcp_servers:
            self._mcp_server(server)
        for lsp_server in components.lsp_servers:
            self._lsp_server(lsp_server)
        for monitor in components.monitors:
            self._monitor(monitor)
        for skill in components.skills:
            self._skill(skill)
        for agent in components.agents:
            self._agent(agent)
        self._duplicates()

    def _hook(self, hook: Hook) -> None:
        path = hook.source.path
        if hook.event not in EVENTS:
            self._findings.warning(
                Rule.HOOK_EVENT, f"no client fires the event {shown(hook.event)!r}", path, remedy=_near(hook.event)
            )
        needed = _HOOK_NEEDS.get(hook.type)
        if needed is None:
            what = f"has the type {shown(hook.type)!r}" if hook.type else "has no type"
            self._findings.error(
                Rule.HOOK_TYPE,
                f"a hook for {shown(hook.event)} {what}",
                path,
                remedy=f"Write one of {', '.join(_HOOK_NEEDS)}",
            )
        elif not getattr(hook, needed):
            self._findings.error(
                Rule.HOOK, f"a hook for {shown(hook.event)} of the type {hook.type} has no {needed!r}", path
            )
        if hook.matcher and hook.matcher != "*" and not _is_regular_expression(hook.matcher):
            self._findings.warning(
                Rule.HOOK_MATCHER, f"the matcher {shown(hook.matcher)!r} is not a regular expression", path
            )
        if hook.type == "command":
            self._references(_line(hook), path, direct=hook.command)

    def _mcp_server(self, server: McpServer) -> None:
        path, name = server.source.path, shown(server.name)
        if server.transport not in _TRANSPORTS:
            self._findings.error(
                Rule.MCP_TRANSPORT, f"the server {name!r} has the type {shown(server.transport)!r}", path
            )
        elif server.transport == "stdio" and not server.command:
            self._findings.error(Rule.MCP_SERVER, f"the server {name!r} has neither a 'command' nor a 'url'", path)
        elif server.transport not in ("stdio", "bundle", "sdk") and not server.url:
            self._findings.error(
                Rule.MCP_SERVER, f"the server {name!r} of the type {server.transport} has no 'url'", path
            )
        if server.url.startswith("http://") and not re.match(r"http://(localhost|127\.|\[::1\])", server.url):
            self._findings.warning(
                Rule.MCP_PLAIN_HTTP, f"the server {name!r} is reached without encryption", path, remedy="Use https://"
            )
        self._references(" ".join((server.command, *server.args)), path, direct=server.command)

    def _lsp_server(self, server: LspServer) -> None:
        path, name = server.source.path, shown(server.name)
        if not server.command:
            self._findings.error(Rule.LSP_SERVER, f"the server {name!r} has no 'command'", path)
        if not server.extensions:
            remedy = 'Name the languages it is for, as in {".py": "python"}'
            self._findings.error(
                Rule.LSP_SERVER, f"the server {name!r} has no 'extensionToLanguage'", path, remedy=remedy
            )
        self._references(" ".join((server.command, *server.args)), path, direct=server.command)

    def _monitor(self, monitor: Monitor) -> None:
        if not monitor.name or not monitor.command:
            self._findings.error(Rule.MONITOR, "a monitor needs a 'name' and a 'command'", monitor.source.path)
        self._references(monitor.command, monitor.source.path, direct=monitor.command)

    def _references(self, line: str, path: str, *, direct: str) -> None:
        """Check that the plugin has the files that a command line names, and that the program among them is executable."""
        program = _PROGRAM.match(direct)
        for match in _ROOT.finditer(line):
            named = match[1].rstrip("/.")
            if named in self._tree.files:
                if program and program[1] == match[1] and not self._tree.files[named].executable:
                    remedy = f"chmod +x {shown(named)}"
                    self._findings.warning(
                        Rule.NOT_EXECUTABLE, f"{shown(named)!r} is run, but not marked executable", path, remedy=remedy
                    )
            elif named not in self._folders and not _is_written_later(named):
                self._findings.warning(
                    Rule.FILE_MISSING, f"names {shown(named)!r}, which is not part of the plugin", path
                )

    def _skill(self, skill: Prompt) -> None:
        front, path = skill.front_matter, skill.source.path
        if front is None:  # The reader has reported why.
            return
        if not front.values:
            remedy = "Begin the file with a name and a description between two lines of ---"
            self._findings.error(Rule.SKILL_FRONT_MATTER, "there is no front matter", path, (1, 1), remedy)
            return
        if not skill.description:
            remedy = "Say when a model should use the skill"
            self._findings.error(Rule.SKILL_DESCRIPTION, "there is no description", path, (1, 1), remedy)
        elif (length := len(skill.description)) > _SKILL_DESCRIPTION_LENGTH:
            message = f"the description has {length} characters, and may have {_SKILL_DESCRIPTION_LENGTH}"
            self._findings.warning(Rule.SKILL_DESCRIPTION, message, path, (front.line_of("description"), 1))
        name = as_text(front.values.get("name") or "")
        if not name:
            self._findings.warning(Rule.SKILL_NAME, "there is no name", path, (1, 1), "Give it the name of its folder")
            return
        at = (front.line_of("name"), 1)
        if not NAME_FORM.fullmatch(name) or len(name) > _SKILL_NAME_LENGTH:
            self._findings.warning(
                Rule.SKILL_NAME, f"the name {shown(name)!r} is not kebab-case of at most 64 characters", path, at
            )
        folder = path.split("/")[-2] if "/" in path else ""
        if folder and name != folder:
            self._findings.warning(
                Rule.SKILL_NAME, f"the name {shown(name)!r} is not its folder's, {shown(folder)!r}", path, at
            )

    def _agent(self, agent: Prompt) -> None:
        if not agent.description:
            remedy = "Say when a model should hand work to it"
            self._findings.warning(
                Rule.AGENT_DESCRIPTION, "the agent has no description", agent.source.path, (1, 1), remedy
            )

    def _duplicates(self) -> None:
        for kind, group in (
            ("command", self._components.commands),
            ("agent", self._components.agents),
            ("skill", self._components.skills),
        ):
            seen: dict[str, str] = {}
            for item in group:
                other = seen.setdefault(item.name, item.source.path)
                if other != item.source.path:
                    message = f"the {kind} {shown(item.name)!r} is also in {shown(other)}"
                    self._findings.warning(Rule.DUPLICATE, message, item.source.path)


def _is_regular_expression(text: str) -> bool:
    try:
        with warnings.catch_warnings():  # Python's notes about its own syntax are of no use to the plugin's author.
            warnings.simplefilter("ignore")
            re.compile(text)
    except (re.error, RecursionError, OverflowError):
        return False
    return True


def _line(hook: Hook) -> str:
    """Return what a hook runs, as one line: its command line, the address it calls, or what it asks a model."""
    if hook.command:
        return " ".join((hook.command, *(hook.args or ())))
    return hook.url or hook.tool or hook.prompt


def _is_written_later(path: str) -> bool:
    """Return whether a path looks like something made on the user's machine: dependencies, build output."""
    return (
        path.split("/")[0] in ("node_modules", ".venv", "venv", "dist", "build", "target") or "/node_modules/" in path
    )


def _near(event: str) -> str:
    from difflib import get_close_matches

    found = get_close_matches(event, EVENTS, n=1)
    return f"It may be {found[0]}" if found else ""
