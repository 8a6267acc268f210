"""Draws a plugin's executable surface, so that a careful person stops and reads.

What runs unasked comes first and is counted in the headline; every command line is shown whole, on lines of its own, with nothing
abridged, hidden or interpreted.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.text import Text

from toolhive_plugins_cli.page import Page, untrusted
from toolhive_plugins_cli.text import plural, size

if TYPE_CHECKING:
    from toolhive_plugins_service import (
        Agent,
        Command,
        Hook,
        Inspection,
        LspServer,
        McpServer,
        Monitor,
        Program,
        Skill,
        Surface,
    )

_WHEN = {
    "SessionStart": "when a session begins",
    "Setup": "when a project is set up",
    "SessionEnd": "when a session ends",
    "UserPromptSubmit": "each time you send a prompt; it sees the prompt",
    "UserPromptExpansion": "when a slash command is expanded",
    "PreToolUse": "before each use of a tool; it can change or stop it",
    "PostToolUse": "after each use of a tool; it sees what the tool saw",
    "PostToolUseFailure": "after a tool failed",
    "PermissionRequest": "when you would be asked for permission; it can answer for you",
    "Notification": "when you would be notified",
    "Stop": "when the model has finished; it can make it go on",
    "SubagentStart": "when a subagent begins",
    "SubagentStop": "when a subagent has finished",
    "PreCompact": "before the conversation is shortened",
    "PostCompact": "after the conversation was shortened",
}
"""When the events of hooks come, for people who do not know them by heart."""


def draw_headline(page: Page, surface: "Surface") -> None:
    """Draw, in a box, how much would run, and how much of it unasked."""
    unasked = len(surface.hooks) + len(surface.mcp_servers) + len(surface.monitors) + len(surface.status_lines)
    shells = sum(len(prompt.shell) for prompt in (*surface.commands, *surface.skills))
    counts = [
        (len(surface.hooks), "hook"),
        (len(surface.mcp_servers), "MCP server"),
        (len(surface.lsp_servers), "LSP server"),
        (len(surface.monitors), "monitor"),
        (len(surface.status_lines), "status line"),
        (shells, "shell command in prompts"),
        (len(surface.executables), "executable file"),
    ]
    parts = [_count(count, name) for count, name in counts if count]
    if not parts and not surface.unread:
        page.line(Text("runs nothing by itself", "good") + Text(f"  {_prompts(surface)}"))
        return
    lines = [Text(", ".join(parts) or "nothing was found that runs")]
    if surface.at_start:
        lines.append(Text(f"{len(surface.at_start)} of them as soon as a session begins, without asking", "danger"))
    elif unasked:
        lines.append(Text(f"{unasked} of them by themselves, without asking", "danger"))
    if surface.unread:
        lines.append(Text(f"{plural(len(surface.unread), 'thing')} could not be read, and may hide more", "caution"))
    page.box("This plugin runs code on your machine", lines, "danger" if unasked else "caution")


def _count(count: int, name: str) -> str:
    if name.endswith("in prompts"):
        return plural(count, "shell command") + " in prompts"
    return plural(count, name)


def _prompts(surface: "Surface") -> str:
    kinds = ((surface.commands, "command"), (surface.agents, "agent"), (surface.skills, "skill"))
    return ", ".join(plural(len(group), name) for group, name in kinds if group) or "no components"


def draw_surface(page: Page, surface: "Surface", *, verbose: bool = False) -> None:
    """Draw all of the surface."""
    if surface.at_start:
        page.section("At session start", "unasked, with your rights", "danger")
        for start in surface.at_start:
            page.line(Text(f"{start.kind:<11}", "label") + untrusted(start.name, "name"), indent=2, hang=13)
            page.line(untrusted(start.what, "command"), indent=13)
    _hooks(page, surface.hooks)
    _mcp_servers(page, surface.mcp_servers)
    _lsp_servers(page, surface.lsp_servers)
    _monitors(page, surface.monitors)
    if surface.status_lines:
        page.section("Status lines", "a command that is run again and again", "danger")
        for line in surface.status_lines:
            page.field(line.setting, untrusted(line.command, "command"))
    _programs(page, surface.programs)
    _prompt_tools(page, "Commands", surface.commands, verbose=verbose)
    _prompt_tools(page, "Skills", surface.skills, verbose=verbose)
    _agents(page, surface.agents, verbose=verbose)
    if surface.unread:
        page.section("Could not be read", "clients may read more in it than we do", "caution")
        for problem in surface.unread:
            page.line(untrusted(problem.path, "name") + Text(_place(problem.line, problem.column)), indent=2)
            page.line(untrusted(problem.problem), indent=4)


def _hooks(page: Page, hooks: "Sequence[Hook]") -> None:
    if not hooks:
        return
    page.section("Hooks", "run by themselves, with your rights, without asking", "danger")
    for hook in hooks:
        head = untrusted(hook.event, "danger")
        if hook.matcher and hook.matcher != "*":
            head = head + Text("  for ", "label") + untrusted(hook.matcher)
        elif hook.event.endswith(("ToolUse", "ToolUseFailure")):
            head = head + Text("  for ", "label") + Text("every tool")
        if hook.condition:
            head = head + Text("  if ", "label") + untrusted(hook.condition)
        page.line(head, indent=2, hang=4)
        if hook.event in _WHEN:
            page.line(Text(_WHEN[hook.event], "quiet"), indent=4)
        _hook_action(page, hook)
        page.line(untrusted(hook.source.path, "quiet"), indent=4)


def _hook_action(page: Page, hook: "Hook") -> None:
    if hook.command:
        line = untrusted(hook.command, "command")
        for argument in hook.args or ():
            line = line + Text(" ") + untrusted(argument, "command")
        page.line(Text("$ ", "label") + line, indent=4, hang=6)
    if hook.url:
        page.line(Text("sends it to ", "label") + untrusted(hook.url, "command"), indent=4, hang=6)
    if hook.tool:
        page.line(Text("calls ", "label") + untrusted(hook.tool, "command"), indent=4, hang=6)
    if hook.prompt:
        page.line(Text("asks a model ", "label") + untrusted(hook.prompt), indent=4, hang=6)
    if not (hook.command or hook.url or hook.tool or hook.prompt):
        page.line(Text("of the type ", "label") + (untrusted(hook.type) if hook.type else Text("(none)")), indent=4)


def _mcp_servers(page: Page, servers: "Sequence[McpServer]") -> None:
    if not servers:
        return
    page.section("MCP servers", "started or connected to with each session; the model may use their tools", "danger")
    for server in servers:
        page.line(untrusted(server.name, "danger") + Text("  ") + untrusted(server.transport, "quiet"), indent=2)
        _run(page, server.command, server.args)
        if server.url:
            page.line(Text("connects to ", "label") + untrusted(server.url, "command"), indent=4, hang=6)
        if server.headers:
            page.line(Text("sends ", "label") + _joined(server.headers), indent=4, hang=6)
        if server.headers_helper:
            page.line(Text("$ ", "label") + untrusted(server.headers_helper, "command"), indent=4, hang=6)
        if server.env:
            page.line(Text("is given ", "label") + _joined(server.env), indent=4, hang=6)
        page.line(untrusted(server.source.path, "quiet"), indent=4)


def _lsp_servers(page: Page, servers: "Sequence[LspServer]") -> None:
    if not servers:
        return
    page.section("LSP servers", "started when you open a file of their language", "danger")
    for server in servers:
        page.line(
            untrusted(server.name, "danger") + Text("  for ", "label") + _joined(server.extensions), indent=2, hang=4
        )
        _run(page, server.command, server.args)
        if server.env:
            page.line(Text("is given ", "label") + _joined(server.env), indent=4, hang=6)
        page.line(untrusted(server.source.path, "quiet"), indent=4)


def _monitors(page: Page, monitors: "Sequence[Monitor]") -> None:
    if not monitors:
        return
    page.section("Monitors", "run in the background, with your rights, without asking", "danger")
    for monitor in monitors:
        page.line(untrusted(monitor.name, "danger") + Text("  ") + untrusted(monitor.when, "quiet"), indent=2)
        page.line(Text("$ ", "label") + untrusted(monitor.command, "command"), indent=4, hang=6)
        page.line(untrusted(monitor.source.path, "quiet"), indent=4)


def _programs(page: Page, programs: "Sequence[Program]") -> None:
    if not programs:
        return
    marked = [program for program in programs if program.executable]
    others = [program for program in programs if not program.executable]
    if marked:
        page.section("Executable files", "", "caution")
        for program in marked:
            _program(page, program)
    if others:
        page.section("Other programs", "not marked executable, but they run where something names their interpreter")
        for program in others:
            _program(page, program)


def _program(page: Page, program: "Program") -> None:
    facts = [program.what, size(program.size), "on the model's PATH" if program.on_path else ""]
    page.line(
        untrusted(program.path, "name") + Text("  ") + untrusted(", ".join(filter(None, facts)), "quiet"),
        indent=2,
        hang=4,
    )


def _prompt_tools(page: Page, title: str, prompts: "Sequence[Command | Skill]", *, verbose: bool) -> None:
    """Draw commands or skills: those that bring rights or shell commands in full, the others by name."""
    if not prompts:
        return
    telling = [prompt for prompt in prompts if prompt.allowed_tools or prompt.shell or prompt.hooks]
    plain = [prompt for prompt in prompts if prompt not in telling]
    page.section(title, "prompts; what they may use without asking")
    for prompt in telling:
        page.line(untrusted(prompt.name, "name"), indent=2)
        if prompt.allowed_tools:
            page.line(Text("unasked ", "label") + _tools(prompt.allowed_tools), indent=4, hang=6)
        for line in prompt.shell:
            page.line(Text("$ ", "label") + untrusted(line, "command"), indent=4, hang=6)
        if prompt.hooks:
            page.line(Text("brings hooks ", "label") + untrusted(prompt.hooks, "command"), indent=4, hang=6)
    _plain(page, [(prompt.name, prompt.description) for prompt in plain], verbose=verbose)


def _agents(page: Page, agents: "Sequence[Agent]", *, verbose: bool) -> None:
    if not agents:
        return
    page.section("Agents", "the tools that each may use")
    unlimited = [agent for agent in agents if agent.tools is None and not agent.disallowed_tools]
    for agent in agents:
        if agent in unlimited:
            continue
        tools = Text("every tool") if agent.tools is None else _tools(agent.tools)
        if agent.disallowed_tools:
            tools = tools + Text(" but not ", "label") + _joined(agent.disallowed_tools)
        page.line(untrusted(agent.name, "name") + Text("  ") + tools, indent=2, hang=4)
    if unlimited:
        page.line(
            Text("every tool: ", "label") + _joined([agent.name for agent in unlimited], "name"), indent=2, hang=4
        )
    del verbose


def _plain(page: Page, prompts: Sequence[tuple[str, str]], *, verbose: bool) -> None:
    if not prompts:
        return
    if verbose:
        for name, description in prompts:
            page.line(untrusted(name, "name") + Text("  ") + untrusted(description, "quiet"), indent=2, hang=4)
        return
    page.line(Text("nothing: ", "label") + _joined([name for name, _ in prompts], "name"), indent=2, hang=4)


_SWEEPING = ("Bash", "Bash(*)", "Bash(*:*)", "*", "Write", "Edit")


def _tools(tools: Sequence[str]) -> Text:
    """Return a list of tools, with those that allow about anything set off."""
    text = Text()
    for number, tool in enumerate(tools):
        text.append(", " if number else "")
        text.append_text(untrusted(tool, "danger" if tool in _SWEEPING else ""))
    return text


def _joined(names: Sequence[str], style: str = "") -> Text:
    text = Text()
    for number, name in enumerate(names):
        text.append(", " if number else "")
        text.append_text(untrusted(name, style))
    return text


def _run(page: Page, command: str, args: Sequence[str]) -> None:
    if not command:
        return
    line = untrusted(command, "command")
    for argument in args:
        line = line + Text(" ") + untrusted(argument, "command")
    page.line(Text("$ ", "label") + line, indent=4, hang=6)


def _place(line: int, column: int) -> str:
    return f":{line}:{column}" if line else ""


def draw_disagreements(page: Page, inspection: "Inspection") -> None:
    """Draw where labels and content disagree."""
    if not inspection.disagreements:
        return
    page.section("Labels and content disagree", "trust the content", "caution")
    for disagreement in inspection.disagreements:
        page.line(untrusted(disagreement.subject, "name"), indent=2)
        page.line(Text("label    ", "label") + (untrusted(disagreement.claimed) or Text("nothing")), indent=4, hang=13)
        page.line(Text("content  ", "label") + (untrusted(disagreement.found) or Text("nothing")), indent=4, hang=13)
