"""Draws a plugin's executable surface, so that a careful person stops and reads.

What runs without asking comes first and is counted in the headline. Every value is shown whole, on lines of its own, with nothing
abridged, hidden or interpreted.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Final

from toolhive_plugins_cli.page import Page, untrusted
from toolhive_plugins_cli.part_lines import SHELL, draw_facts, draw_hooks, shows
from toolhive_plugins_cli.text import Text, plural, size
from toolhive_plugins_service import PartKind, PartReader

if TYPE_CHECKING:
    from toolhive_plugins_service import Inspection, Part, Program, Surface

_COUNTED: Final = {
    PartKind.HOOK: ("hook", "hooks"),
    PartKind.MODULE: ("module in the client", "modules in the client"),
    PartKind.MCP_SERVER: ("MCP server", "MCP servers"),
    PartKind.LSP_SERVER: ("LSP server", "LSP servers"),
    PartKind.MONITOR: ("monitor", "monitors"),
    PartKind.CHANNEL: ("channel", "channels"),
    PartKind.SETTING: ("setting", "settings"),
    PartKind.STATUS_LINE: ("status line", "status lines"),
    PartKind.WORKFLOW: ("workflow", "workflows"),
    PartKind.PACKAGES: ("list of packages", "lists of packages"),
    PartKind.PLUGIN_DEPENDENCY: ("other plugin", "other plugins"),
    PartKind.ARCHIVE: ("archive", "archives"),
}

_SECTIONS: Final = {
    PartKind.HOOK: ("Hooks", "run without asking, with your rights", "danger"),
    PartKind.MODULE: ("Modules", "code that the client loads into itself and calls at each event", "danger"),
    PartKind.MCP_SERVER: (
        "MCP servers",
        "started or connected to with each session; the model may use their tools",
        "danger",
    ),
    PartKind.LSP_SERVER: ("LSP servers", "started when you open a file of their language", "danger"),
    PartKind.MONITOR: ("Monitors", "run in the background, without asking, with your rights", "danger"),
    PartKind.CHANNEL: ("Channels", "a server may push messages into the session, and answer for you", "danger"),
    PartKind.SETTING: ("Settings", "change how the client works", "danger"),
    PartKind.STATUS_LINE: ("Status lines", "run again and again while you work", "danger"),
    PartKind.WORKFLOW: ("Workflows", "JavaScript that the client runs, with agents", "caution"),
    PartKind.PACKAGES: ("Package dependencies", "code that is fetched from elsewhere", "danger"),
    PartKind.PLUGIN_DEPENDENCY: ("Other plugins", "asked for, and installed along with this one", "caution"),
    PartKind.USER_OPTION: ("Options that you are asked for", "a default may become part of a command line", ""),
    PartKind.OUTPUT_STYLE: ("Output styles", "a forced one replaces your own", ""),
    PartKind.ARCHIVE: ("Archives", "files inside files", "caution"),
    PartKind.AMBIGUITY: (
        "Can be read in two ways",
        "clients may see different plugins; both readings are above",
        "danger",
    ),
    PartKind.UNKNOWN: ("Not understood", "no client that we know uses it; a newer one may", "caution"),
    PartKind.UNREAD: ("Not read", "a client may find more in it than we do", "danger"),
}

_SWEEPING: Final = frozenset({"*", "Bash", "Bash(*)", "Bash(*:*)", "Bash(**)"})
"""Tools that allow about anything."""

_USUAL: Final = frozenset({("disable-model-invocation", "false"), ("user-invocable", "true")})
"""Front matter of prompts that says what holds anyway."""

_PROMPTS: Final = {
    PartKind.COMMAND: ("Commands", "prompts, and what they may use without asking you"),
    PartKind.SKILL: ("Skills", "prompts, and what they may use without asking you"),
}


def _run_verb(count: int) -> str:
    return f"{count} runs" if count == 1 else f"{count} run"


def draw_headline(page: Page, surface: "Surface") -> None:
    """Draw, in a box, how much would run, and how much of it without asking; one green line where nothing would."""
    if surface.empty:
        page.line(Text("runs nothing by itself", "good"), f"  {_prompts(surface)}")
        return
    unread = len(surface.of(PartKind.UNREAD))
    unknown = len(surface.of(PartKind.UNKNOWN, PartKind.AMBIGUITY))
    parts = list(_counts(surface))
    lines = [Text(", ".join(parts) or "nothing was found that runs")]
    later = sum(not part.starts and part.kind is not PartKind.PACKAGES for part in surface.unasked)
    if surface.at_start:
        lines.append(Text(f"{_run_verb(len(surface.at_start))} as soon as a session begins, without asking", "danger"))
    if later > 0:
        lines.append(Text(f"{_run_verb(later)} later, without asking", "danger"))
    if surface.of(PartKind.PACKAGES):
        lines.append(Text("code may be fetched from elsewhere, without asking", "danger"))
    if unknown:
        lines.append(Text(f"{plural(unknown, 'thing')} not understood, or readable in two ways", "caution"))
    if unread:
        lines.append(Text(f"{plural(unread, 'thing')} could not be read, and may hide more", "danger"))
    page.box(*_title(surface, lines))


def _title(surface: "Surface", lines: list[Text]) -> tuple[str, list[Text], str]:
    if surface.unasked or surface.at_start:
        return "This plugin runs code on your machine", lines, "danger"
    if surface.of(PartKind.UNREAD, PartKind.UNKNOWN, PartKind.AMBIGUITY):
        return "This plugin may run code on your machine", lines, "danger"
    if surface.programs or surface.of(PartKind.WORKFLOW, PartKind.ARCHIVE):
        return "This plugin brings programs", lines, "caution"
    if any(part.rights is not None and part.rights.shell for part in surface.parts):
        return "This plugin runs code when you use its prompts", lines, "caution"
    return "This plugin asks for rights", lines, "caution"


def _counts(surface: "Surface") -> Iterator[str]:
    for kind, (one, many) in _COUNTED.items():
        if count := len(surface.of(kind)):
            yield plural(count, one, many)
    shells = sum(len(part.rights.shell) for part in surface.parts if part.rights is not None)
    if shells:
        yield plural(shells, "shell command in prompts", "shell commands in prompts")
    prompts = [part for part in surface.of(*_PROMPTS, PartKind.AGENT, PartKind.OUTPUT_STYLE) if not part.inert]
    unlimited = sum(map(_has_every_tool, prompts))
    if unlimited:
        yield plural(unlimited, "agent that may use every tool", "agents that may use every tool")
    if granting := len(prompts) - unlimited:
        yield plural(granting, "prompt with rights of its own", "prompts with rights of their own")
    if executables := sum(program.executable for program in surface.programs):
        yield plural(executables, "executable file")
    if others := sum(not program.executable for program in surface.programs):
        yield plural(others, "other program")


def _prompts(surface: "Surface") -> str:
    kinds = {
        PartKind.COMMAND: "command",
        PartKind.AGENT: "agent",
        PartKind.SKILL: "skill",
        PartKind.OUTPUT_STYLE: "output style",
    }
    found = ((len(surface.of(kind)), name) for kind, name in kinds.items())
    return ", ".join(plural(count, name) for count, name in found if count) or "no components"


def draw_surface(page: Page, surface: "Surface", *, verbose: bool = False) -> None:
    """Draw all of the surface; `verbose` adds what prompts that bring no rights are about."""
    if surface.at_start:
        page.section("When a session begins", "without asking, with your rights", "danger")
        for (kind, name), parts in groupby(surface.at_start, key=lambda part: (part.kind.value, part.name)):
            page.line(Text(f"{kind:<12}", "label"), untrusted(name, "name"), indent=2, hang=4)
            for what, times in Counter(part.what for part in parts).items():
                several = Text(f"  {times} times" if times > 1 else "", "quiet")
                page.line(SHELL, untrusted(what, "command"), several, indent=4, hang=6)
    for kind, (title, note, style) in _SECTIONS.items():
        found = [part for part in surface.of(kind) if not part.inert]
        if found:
            page.section(title, note, style or "heading")
            if kind is PartKind.HOOK:
                draw_hooks(page, found)
                continue
            for part in found:
                _part(page, part)
        if kind is PartKind.OUTPUT_STYLE:
            _programs(page, surface.programs)
            for prompt, (name, about) in _PROMPTS.items():
                _prompt_section(page, name, about, surface.of(prompt), verbose=verbose)
            _agents(page, surface.of(PartKind.AGENT))


def _part(page: Page, part: "Part") -> None:
    """Draw a part: its name and place, what it runs, and every value that does not show in that line."""
    _head(page, part)
    if part.what and part.what != part.name:
        page.line(SHELL if part.kind in _RUN_LINES else "", untrusted(part.what, "command"), indent=4, hang=6)
    draw_facts(page, (fact for fact in part.facts if not shows(part, fact)))


def _head(page: Page, part: "Part") -> None:
    head: list[Text | str] = [untrusted(part.name, "name")]
    if part.path != part.name:
        head += ["  ", untrusted(part.path, "quiet")]
    if part.kind in (PartKind.UNKNOWN, PartKind.UNREAD, PartKind.AMBIGUITY) and part.at:
        head += [Text("  at ", "label"), untrusted(".".join(map(str, part.at)), "quiet")]
    if part.reader not in (PartReader.ANY, PartReader.CLAUDE):
        head += [Text("  for ", "label"), untrusted(part.reader.value)]
    page.line(*head, indent=2, hang=4)
    if part.kind in (PartKind.UNKNOWN, PartKind.UNREAD):
        page.line(Text("digest  ", "label"), part.digest, indent=4)


_RUN_LINES: Final = frozenset(
    {PartKind.MCP_SERVER, PartKind.LSP_SERVER, PartKind.MONITOR, PartKind.STATUS_LINE, PartKind.MODULE}
)


def _programs(page: Page, programs: "Sequence[Program]") -> None:
    marked = [program for program in programs if program.executable]
    others = [program for program in programs if not program.executable]
    if marked:
        page.section("Executable files", "", "caution")
        for program in marked:
            _program(page, program)
    if others:
        page.section("Other programs", "not marked executable; they run where something names their interpreter")
        for program in others:
            _program(page, program)


def _program(page: Page, program: "Program") -> None:
    facts = ", ".join(
        filter(None, [program.what, size(program.size), "on the model's PATH" if program.on_path else ""])
    )
    owners = tuple(dict.fromkeys(map(_owner, program.named_by)))
    used = [Text("  named by ", "label"), _joined(owners)] if owners else []
    page.line(untrusted(program.path, "name"), "  ", facts, *used, indent=2, hang=4)


def _owner(name: str) -> str:
    """Return what names a program, a hook by its event alone: one event may have any number of matchers."""
    return " ".join(name.split(" ", 2)[:2]) if name.startswith(f"{PartKind.HOOK.value} ") else name


def _prompt_section(page: Page, title: str, note: str, prompts: "Sequence[Part]", *, verbose: bool) -> None:
    """Draw commands or skills: those that bring rights or shell commands in full, the others by name."""
    if not prompts:
        return
    page.section(title, note)
    plain = [prompt for prompt in prompts if _is_plain(prompt)]
    for prompt in prompts:
        if not _is_plain(prompt):
            _prompt(page, prompt)
    if verbose:
        for prompt in plain:
            page.line(untrusted(prompt.name, "name"), "  ", untrusted(prompt.what, "quiet"), indent=2, hang=4)
    elif plain:
        page.line(Text("nothing: ", "label"), _joined([prompt.name for prompt in plain]), indent=2, hang=4)


def _is_plain(prompt: "Part") -> bool:
    """Tell whether a prompt neither brings rights nor is held back by anything."""
    limited = prompt.rights is not None and (prompt.rights.limits.pairs or prompt.rights.denied)
    return prompt.inert and not limited


def _has_every_tool(agent: "Part") -> bool:
    """Tell whether an agent has every tool, and nothing else is said of it."""
    rights = agent.rights
    return rights is not None and rights.allowed is None and not any(True for _ in agent.facts)


def _prompt(page: Page, prompt: "Part") -> None:
    rights = prompt.rights
    tools = [Text("  may use ", "label"), _tools(rights.allowed)] if rights is not None and rights.allowed else []
    page.line(untrusted(prompt.name, "name"), *tools, "  ", untrusted(prompt.path, "quiet"), indent=2, hang=4)
    for fact in prompt.facts:
        if fact.label.startswith("shell["):
            page.line(Text("runs first: $ ", "label"), untrusted(fact.value, "command"), indent=4, hang=6)
        elif not fact.label.startswith("allowed-tools") and (fact.label, fact.value) not in _USUAL:
            draw_facts(page, [fact])


def _agents(page: Page, agents: "Sequence[Part]") -> None:
    if not agents:
        return
    page.section("Agents", "the tools that each may ask to use")
    plain = [agent for agent in agents if _has_every_tool(agent)]
    for agent in agents:
        if _has_every_tool(agent):
            continue
        rights = agent.rights
        allowed = None if rights is None else rights.allowed
        tools = [Text("every tool") if allowed is None else _tools(allowed)]
        if rights is not None and rights.denied:
            tools += [Text(" but not ", "label"), _joined(rights.denied)]
        page.line(untrusted(agent.name, "name"), "  ", *tools, indent=2, hang=4)
        draw_facts(
            page, (fact for fact in agent.facts if not fact.label.lower().startswith(("tools", "disallowedtools")))
        )
    if plain:
        page.line(Text("every tool: ", "label"), _joined([agent.name for agent in plain]), indent=2, hang=4)


def _tools(tools: Sequence[str]) -> Text:
    """Return a list of tools, with those that allow about anything set off."""
    text = Text()
    for number, tool in enumerate(tools):
        text.append(", " if number else "").append(untrusted(tool, "danger" if tool in _SWEEPING else ""))
    return text


def _joined(names: Sequence[str]) -> Text:
    text = Text()
    for number, name in enumerate(names):
        text.append(", " if number else "").append(untrusted(name))
    return text


def draw_disagreements(page: Page, inspection: "Inspection") -> None:
    """Draw where labels and content disagree."""
    if not inspection.disagreements:
        return
    page.section("Labels and content disagree", "what is above was read from the content", "caution")
    for disagreement in inspection.disagreements:
        page.line(untrusted(disagreement.subject, "name"), indent=2)
        page.line(Text("label    ", "label"), untrusted(disagreement.claimed or "nothing"), indent=4, hang=13)
        page.line(Text("content  ", "label"), untrusted(disagreement.found or "nothing"), indent=4, hang=13)
