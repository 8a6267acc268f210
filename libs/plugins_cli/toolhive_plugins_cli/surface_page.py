"""Draws a plugin's executable surface, so that a careful person stops and reads.

What runs without asking comes first and is counted in the headline. Every command line is shown whole, on lines of its own, with
nothing abridged, hidden or interpreted.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from toolhive_plugins_cli.page import Page, untrusted
from toolhive_plugins_cli.styled_text import Text
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
"""When each event of a hook happens."""


_NAMES = {
    "module": ("module in the client", "modules in the client"),
    "shell command": ("shell command in prompts", "shell commands in prompts"),
}


def draw_headline(page: Page, surface: "Surface") -> None:
    """Draw, in a box, how much would run, and how much of it without asking."""
    automatic = (
        len(surface.hooks)
        + len(surface.modules)
        + len(surface.mcp_servers)
        + len(surface.monitors)
        + len(surface.status_lines)
    )
    shells = sum(len(command.shell) for command in surface.commands)
    shells += sum(len(skill.shell) for skill in surface.skills)
    counts = {
        "hook": len(surface.hooks),
        "module": len(surface.modules),
        "MCP server": len(surface.mcp_servers),
        "LSP server": len(surface.lsp_servers),
        "monitor": len(surface.monitors),
        "status line": len(surface.status_lines),
        "shell command": shells,
        "executable file": len(surface.executables),
    }
    parts = [plural(count, *_NAMES.get(name, (name,))) for name, count in counts.items() if count]
    if not parts and not surface.unread:
        page.line(Text("runs nothing by itself", "good"), f"  {_prompts(surface)}")
        return
    lines = [Text(", ".join(parts) or "nothing was found that runs")]
    if surface.at_start:
        lines.append(Text(f"{_run_verb(len(surface.at_start))} as soon as a session begins, without asking", "danger"))
    if automatic > len(surface.at_start):
        lines.append(Text(f"{_run_verb(automatic - len(surface.at_start))} later, without asking", "danger"))
    if surface.unread:
        lines.append(Text(f"{plural(len(surface.unread), 'file')} could not be read and may hide more", "caution"))
    title = "This plugin runs code on your machine" if automatic else "This plugin contains programs"
    page.box(
        title if parts else "This plugin may run code on your machine", lines, "danger" if automatic else "caution"
    )


def _run_verb(count: int) -> str:
    return f"{count} runs" if count == 1 else f"{count} run"


def _prompts(surface: "Surface") -> str:
    kinds = ((surface.commands, "command"), (surface.agents, "agent"), (surface.skills, "skill"))
    return ", ".join(plural(len(group), name) for group, name in kinds if group) or "no components"


def draw_surface(page: Page, surface: "Surface", *, verbose: bool = False) -> None:
    """Draw all of the surface; `verbose` adds what prompts that bring no rights are about."""
    if surface.at_start:
        page.section("When a session begins", "without asking, with your rights", "danger")
        for start in surface.at_start:
            page.line(Text(f"{start.kind:<12}", "label"), untrusted(start.name, "name"), indent=2, hang=4)
            page.line(_SHELL, untrusted(start.what, "command"), indent=4, hang=6)
    _hooks(page, surface.hooks)
    if surface.modules:
        page.section("Modules", "code that the client loads into itself and calls at each event", "danger")
        for module in surface.modules:
            page.line(untrusted(module.path, "command"), "  ", untrusted(module.source, "quiet"), indent=2, hang=4)
    _mcp_servers(page, surface.mcp_servers)
    _lsp_servers(page, surface.lsp_servers)
    _monitors(page, surface.monitors)
    if surface.status_lines:
        page.section("Status lines", "run again and again while you work", "danger")
        for line in surface.status_lines:
            page.line(untrusted(line.setting, "name"), indent=2)
            page.line(_SHELL, untrusted(line.command, "command"), indent=4, hang=6)
    _programs(page, surface.programs)
    _prompt_tools(page, "Commands", surface.commands, verbose=verbose)
    _prompt_tools(page, "Skills", surface.skills, verbose=verbose)
    _agents(page, surface.agents)
    if surface.unread:
        page.section("Not understood", "a client may read more in it than this command does", "caution")
        for problem in surface.unread:
            place = f":{problem.line}:{problem.column}" if problem.line else ""
            page.line(untrusted(problem.path, "name"), place, "  ", untrusted(problem.problem), indent=2, hang=4)


def _hooks(page: Page, hooks: "Sequence[Hook]") -> None:
    if not hooks:
        return
    page.section("Hooks", "run without asking, with your rights", "danger")
    for hook in hooks:
        head = [untrusted(hook.event, "name")]
        if hook.matcher and hook.matcher != "*":
            head += [Text("  for ", "label"), untrusted(hook.matcher)]
        elif "ToolUse" in hook.event:
            head += [Text("  for ", "label"), Text("every tool")]
        if hook.condition:
            head += [Text("  if ", "label"), untrusted(hook.condition)]
        page.line(*head, indent=2, hang=4)
        when = f"{_WHEN[hook.event]}  " if hook.event in _WHEN else ""
        page.line(Text(when), untrusted(hook.source.path, "quiet"), indent=4)
        _hook_action(page, hook)


def _hook_action(page: Page, hook: "Hook") -> None:
    _run(page, hook.command, hook.args or ())
    if hook.url:
        page.line(Text("sends it to ", "label"), untrusted(hook.url, "command"), indent=4, hang=6)
    if hook.tool:
        page.line(Text("calls ", "label"), untrusted(hook.tool, "command"), indent=4, hang=6)
    if hook.prompt:
        page.line(Text("asks a model: ", "label"), untrusted(hook.prompt), indent=4, hang=6)
    if not (hook.command or hook.url or hook.tool or hook.prompt):
        page.line(Text("of the type ", "label"), untrusted(hook.type or "(none)"), indent=4)


def _mcp_servers(page: Page, servers: "Sequence[McpServer]") -> None:
    if not servers:
        return
    page.section("MCP servers", "started or connected to with each session; the model may use their tools", "danger")
    for server in servers:
        page.line(
            untrusted(server.name, "name"),
            "  ",
            untrusted(server.transport),
            "  ",
            untrusted(server.source.path, "quiet"),
            indent=2,
            hang=4,
        )
        _run(page, server.command, server.args)
        if server.url:
            page.line(Text("connects to ", "label"), untrusted(server.url, "command"), indent=4, hang=6)
        if server.headers:
            page.line(Text("sends the headers ", "label"), _joined(server.headers), indent=4, hang=6)
        if server.headers_helper:
            page.line(
                Text("asks for more headers: $ ", "label"),
                untrusted(server.headers_helper, "command"),
                indent=4,
                hang=6,
            )
        _environment(page, server.env)


def _lsp_servers(page: Page, servers: "Sequence[LspServer]") -> None:
    if not servers:
        return
    page.section("LSP servers", "started when you open a file of their language", "danger")
    for server in servers:
        page.line(
            untrusted(server.name, "name"),
            Text("  for ", "label"),
            _joined(server.extensions),
            "  ",
            untrusted(server.source.path, "quiet"),
            indent=2,
            hang=4,
        )
        _run(page, server.command, server.args)
        _environment(page, server.env)


def _environment(page: Page, names: Sequence[str]) -> None:
    if names:
        page.line(Text("with the environment ", "label"), _joined(names), indent=4, hang=6)


def _monitors(page: Page, monitors: "Sequence[Monitor]") -> None:
    if not monitors:
        return
    page.section("Monitors", "run in the background, without asking, with your rights", "danger")
    for monitor in monitors:
        page.line(
            untrusted(monitor.name, "name"),
            "  ",
            untrusted(monitor.when),
            "  ",
            untrusted(monitor.source.path, "quiet"),
            indent=2,
            hang=4,
        )
        _run(page, monitor.command, ())


def _programs(page: Page, programs: "Sequence[Program]") -> None:
    marked = [program for program in programs if program.executable]
    others = [program for program in programs if not program.executable]
    if marked:
        page.section("Executable files", "", "caution")
        for program in marked:
            _program(page, program)
    if others:
        page.section("Other programs", "not marked executable; they run where a command line names their interpreter")
        for program in others:
            _program(page, program)


def _program(page: Page, program: "Program") -> None:
    facts = ", ".join(
        filter(None, [program.what, size(program.size), "on the model's PATH" if program.on_path else ""])
    )
    used = [Text("  run by ", "label"), _joined(program.named_by)] if program.named_by else []
    page.line(untrusted(program.path, "name"), "  ", facts, *used, indent=2, hang=4)


def _prompt_tools(page: Page, title: str, prompts: "Sequence[Command | Skill]", *, verbose: bool) -> None:
    """Draw commands or skills: those that bring rights or shell commands in full, the others by name."""
    if not prompts:
        return
    telling = [prompt for prompt in prompts if prompt.allowed_tools or prompt.shell or prompt.hooks]
    plain = [prompt for prompt in prompts if prompt not in telling]
    page.section(title, "prompts, and what they may use without asking you")
    for prompt in telling:
        tools = [Text("  may use ", "label"), _tools(prompt.allowed_tools)] if prompt.allowed_tools else []
        page.line(untrusted(prompt.name, "name"), *tools, indent=2, hang=4)
        for line in prompt.shell:
            page.line(Text("runs first: $ ", "label"), untrusted(line, "command"), indent=4, hang=6)
        if prompt.hooks:
            page.line(Text("brings hooks: ", "label"), untrusted(prompt.hooks, "command"), indent=4, hang=6)
    if verbose:
        for prompt in plain:
            page.line(untrusted(prompt.name, "name"), "  ", untrusted(prompt.description, "quiet"), indent=2, hang=4)
    elif plain:
        page.line(Text("nothing: ", "label"), _joined([prompt.name for prompt in plain]), indent=2, hang=4)


def _agents(page: Page, agents: "Sequence[Agent]") -> None:
    if not agents:
        return
    page.section("Agents", "the tools that each may ask to use")
    unlimited = [agent for agent in agents if agent.tools is None and not agent.disallowed_tools]
    for agent in agents:
        if agent in unlimited:
            continue
        tools = [Text("every tool") if agent.tools is None else _tools(agent.tools)]
        if agent.disallowed_tools:
            tools += [Text(" but not ", "label"), _joined(agent.disallowed_tools)]
        page.line(untrusted(agent.name, "name"), "  ", *tools, indent=2, hang=4)
    if unlimited:
        page.line(Text("every tool: ", "label"), _joined([agent.name for agent in unlimited]), indent=2, hang=4)


_SHELL = Text("$ ", "label")
_SWEEPING = frozenset({"*", "Bash", "Bash(*)", "Bash(*:*)", "Bash(**)"})
"""Tools that allow about anything."""


def _tools(tools: Sequence[str]) -> Text:
    """Return a list of tools, with those that allow about anything set off."""
    return _joined(tools, lambda tool: "danger" if tool in _SWEEPING else "")


def _joined(names: Sequence[str], style: Callable[[str], str] = lambda _: "") -> Text:
    text = Text()
    for number, name in enumerate(names):
        text.append(", " if number else "")
        text.append(untrusted(name, style(name)))
    return text


def _run(page: Page, command: str, args: Sequence[str]) -> None:
    """Draw a command line, whole."""
    if command or args:
        words = [part for argument in args for part in (" ", untrusted(argument, "command"))]
        page.line(_SHELL, untrusted(command, "command"), *words, indent=4, hang=6)


def draw_disagreements(page: Page, inspection: "Inspection") -> None:
    """Draw where labels and content disagree."""
    if not inspection.disagreements:
        return
    page.section("Labels and content disagree", "everything above was read from the content", "caution")
    for disagreement in inspection.disagreements:
        page.line(untrusted(disagreement.subject, "name"), indent=2)
        page.line(Text("label    ", "label"), untrusted(disagreement.claimed or "nothing"), indent=4, hang=13)
        page.line(Text("content  ", "label"), untrusted(disagreement.found or "nothing"), indent=4, hang=13)
