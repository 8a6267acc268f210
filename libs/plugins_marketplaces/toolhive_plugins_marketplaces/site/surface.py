"""What a plugin can run, as a page shows it: every value whole, what runs without asking first."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from toolhive_plugins import Part, PartKind, PartReader, Program, Surface
from toolhive_plugins_marketplaces.site.elements import Child, Element, tag
from toolhive_plugins_marketplaces.site.words import EVENTS, KINDS, PROMPTS, Badge, Tone, plural, verdict

_RUN_LINES: Final = frozenset(
    {PartKind.HOOK, PartKind.MCP_SERVER, PartKind.LSP_SERVER, PartKind.MONITOR, PartKind.STATUS_LINE, PartKind.MODULE}
)
"""Kinds whose line is a command, or an address that is connected to."""


def draw_verdict(surface: Surface, platforms: str = "") -> Element:
    """Return what a surface comes to, with a name of the platforms where it is not that of all."""
    found = verdict(surface)
    title = f"{found.title} on {platforms}" if platforms else found.title
    lines = tag("ul", *(tag("li", tag("strong", line)) for line in found.unasked)) if found.unasked else None
    counts = tag("ul", *draw_badges(found.counts), class_="badges", aria_label="What it has") if found.counts else None
    return tag("div", tag("h2", title), lines, counts, class_=f"verdict {found.tone.value}")


def draw_badges(badges: Sequence[Badge]) -> list[Element]:
    """Return badges as the items of a list."""
    return [tag("li", badge.text, class_=f"badge {badge.tone.value}".rstrip()) for badge in badges]


def draw_runs(surface: Surface) -> Element | None:
    """Return everything that can run or that grants something, by kind; None if there is nothing."""
    groups = [*_at_start(surface)]
    for kind, words in KINDS.items():
        if kind in PROMPTS or kind in (PartKind.AMBIGUITY, PartKind.UNKNOWN, PartKind.UNREAD):
            continue
        groups += _group(words.title, words.note, words.tone, _parts(surface.of(kind)))
    groups += _group(
        "Commands in prompts", "run on your machine when the prompt is used", Tone.CAUTION, list(_shells(surface))
    )
    marked = [program for program in surface.programs if program.executable]
    others = [program for program in surface.programs if not program.executable]
    groups += _group("Executable files", "", Tone.CAUTION, [_program(program) for program in marked])
    groups += _group(
        "Other programs",
        "not marked executable; they run where something names their interpreter",
        Tone.CAUTION,
        [_program(program) for program in others],
    )
    for kind in (PartKind.AMBIGUITY, PartKind.UNKNOWN, PartKind.UNREAD):
        words = KINDS[kind]
        groups += _group(words.title, words.note, words.tone, _parts(surface.of(kind)))
    return tag("div", *groups, class_="groups") if groups else None


def draw_components(surface: Surface) -> Element | None:
    """Return the prompts, each with what it may use; None if there are none."""
    groups: list[Element] = []
    for kind in PROMPTS:
        words = KINDS[kind]
        groups += _group(words.title, words.note, words.tone, [_prompt(part) for part in surface.of(kind)])
    return tag("div", *groups, class_="groups") if groups else None


def _group(title: str, note: str, tone: Tone, parts: Sequence[Child]) -> list[Element]:
    if not parts:
        return []
    head = tag("h3", title, tag("span", str(len(parts)), class_="quiet small"))
    about = tag("p", note, class_="note") if note else None
    return [tag("section", head, about, *parts, class_=f"group {tone.value}".rstrip())]


def _at_start(surface: Surface) -> list[Element]:
    found: list[Child] = []
    for (kind, name), parts in groupby(surface.at_start, key=lambda part: (part.kind.value, part.name)):
        times = Counter(part.what for part in parts)
        lines = [_line(what, f"{count} times" if count > 1 else "") for what, count in times.items()]
        found.append(_part_box([_strong(name), tag("span", kind, class_="path")], lines))
    return _group("When a session begins", "without asking, with your rights", Tone.DANGER, found)


def _parts(parts: Sequence[Part]) -> list[Child]:
    """Return parts, those that are alike in everything once, with their number."""
    times = Counter((part.name, part.path, part.reader, part.digest) for part in parts)
    return [
        _part(part, alike)
        for part in parts
        if (alike := times.pop((part.name, part.path, part.reader, part.digest), 0))
    ]


def _part(part: Part, times: int) -> Element:
    head: list[Child] = [_strong(part.name)]
    if part.path != part.name:
        head.append(tag("span", part.path, class_="path"))
    if part.kind in (PartKind.UNKNOWN, PartKind.UNREAD, PartKind.AMBIGUITY) and part.at:
        head.append(tag("span", "at " + ".".join(map(str, part.at)), class_="path"))
    if part.reader not in (PartReader.ANY, PartReader.CLAUDE):
        head.append(tag("span", f"for {part.reader.value}", class_="path"))
    if times > 1:
        head.append(tag("span", f"{times} times", class_="path"))
    when = EVENTS.get(_event(part), "") if part.kind is PartKind.HOOK else ""
    lines: list[Child] = [tag("p", f"runs {when}", class_="quiet small")] if when else []
    lines += [_line(part.what, command=part.kind in _RUN_LINES)] if part.what and part.what != part.name else []
    return _part_box(head, lines, _facts(part))


def _event(hook: Part) -> str:
    """Return the event, which is the first that a hook's content says."""
    return next((fact.value for fact in hook.facts), hook.name)


def _facts(part: Part) -> Element | None:
    facts = [(fact.label, fact.value) for fact in part.facts if not _shows(part, fact.label, fact.value)]
    if part.kind in (PartKind.UNKNOWN, PartKind.UNREAD) and "digest" not in dict(facts):
        facts.append(("digest", str(part.digest)))
    return _described(facts)


def _described(facts: Sequence[tuple[str, str]]) -> Element | None:
    if not facts:
        return None
    pairs = (cell for label, value in facts for cell in (tag("dt", label or "value"), tag("dd", value)))
    return tag("dl", *pairs, class_="facts")


def _shows(part: Part, label: str, value: str) -> bool:
    """Tell whether a value shows already: in the part's name, or in the command line that it runs."""
    if value == part.what or (label in ("event", "matcher") and value in part.name.split(" ", 1)):
        return True
    if part.kind is PartKind.HOOK and (label, value) == ("type", "command"):
        return True
    in_line = value in part.what or value.replace("'", "'\\''") in part.what
    return in_line and part.runs_its_command_line and (label == "command" or label.startswith("args["))


def _shells(surface: Surface) -> Iterator[Child]:
    for part in surface.parts:
        if part.rights is not None and part.rights.shell:
            lines = [_line(fact.value) for fact in part.facts if fact.label.startswith("shell[")]
            yield _part_box([_strong(part.name), tag("span", part.path, class_="path")], lines)


def _prompt(part: Part) -> Element:
    head = [_strong(part.name), tag("span", part.path, class_="path")]
    about = tag("p", part.what, class_="quiet small") if part.what else None
    rights = part.rights
    tools: list[tuple[str, str]] = []
    if rights is not None:
        if rights.allowed is None:
            tools.append(("may use", "every tool"))
        elif rights.allowed:
            tools.append(("may use", ", ".join(rights.allowed)))
        if rights.denied:
            tools.append(("but not", ", ".join(rights.denied)))
    tools += [
        (fact.label, fact.value)
        for fact in part.facts
        if not fact.label.lower().startswith(("allowed-tools", "tools", "disallowedtools", "shell["))
    ]
    return tag("div", tag("div", *head, class_="head"), about, _described(tools), class_="part")


def _program(program: Program) -> Element:
    facts = [program.what, f"{plural(program.size, 'byte')}", "on the model\u2019s PATH" if program.on_path else ""]
    head = [_strong(program.path), tag("span", ", ".join(filter(None, facts)), class_="path")]
    named = [("named by", each) for each in dict.fromkeys(program.named_by)]
    return tag("div", tag("div", *head, class_="head"), _described(named), class_="part")


def _part_box(head: Sequence[Child], lines: Sequence[Child], facts: Element | None = None) -> Element:
    return tag("div", tag("div", *head, class_="head"), *lines, facts, class_="part")


def _line(text: str, note: str = "", *, command: bool = True) -> Child:
    told = tag("span", f"  {note}", class_="quiet") if note else None
    return tag("div", tag("code", text), told, class_="run" if command else "run plain")


def _strong(name: str) -> Element:
    return tag("strong", name)
