"""Shell commands in prompts: what a client runs in a shell, and puts in their place, before the model sees the text.

The patterns are a superset of Claude Code's (docs/clients.md), over the whole file: a fence of three or more backticks followed by
`!`, anywhere in a line, up to the next such fence or the end of the text; and `` !`...` `` at the beginning of a line or after white
space, over several lines. A client looks for each pattern by itself, so what one finds hides nothing from the other. Arguments
(`$1`, `${name}`) may be empty, so what is a command without them counts as well.
"""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import Final

_FENCE: Final = "```"
_OPENING: Final = "```!"
_MARK: Final = "!`"
_inline = re.compile(r"(?:^|(?<=[\s\ufeff\u180e\u200b]))!`([^`]+)`", re.MULTILINE).finditer
_ARGUMENT: Final = r"\$(?:\w+(?:\[\w*\])?|\{[^{}\s]*\})"
_beside_mark = re.compile(rf"(?<=[!`]){_ARGUMENT}(?=[!`])|{_ARGUMENT}(?=!`)", re.ASCII)


def shell_commands(text: str, limit: int) -> tuple[str, ...] | None:
    """Return the shell commands in a prompt, in the order of the text, each without the white space around it.

    None where there are more than `limit`.
    """
    found = list(islice(_commands(text), limit + 1))
    if len(found) > limit:
        return None
    found.sort(key=lambda item: item[0])
    commands = [command for _, command in found]
    emptied = _beside_mark.sub("", text) if "$" in text and "!" in text else text
    if emptied != text:
        more = islice(_commands(emptied), limit + 1)
        commands += (Counter(command for _, command in more) - Counter(commands)).elements()
    return None if len(commands) > limit else tuple(commands)


def _commands(text: str) -> Iterator[tuple[int, str]]:
    """Yield the commands, each with its place in the text."""
    start = text.find(_OPENING)
    while start >= 0:
        begin = start + len(_OPENING)
        end = text.find(_FENCE, begin)
        if command := text[begin : end if end >= 0 else None].strip():
            yield start, command
        # What closes one fence may open another for a client that has not seen the first.
        start = text.find(_OPENING, begin)
    if _MARK not in text:  # which is found out much faster than the pattern is tried everywhere
        return
    for match in _inline(text):
        if command := match[1].strip():
            yield match.start(), command
