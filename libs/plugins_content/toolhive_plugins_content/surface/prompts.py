"""Shell commands in prompts: what a client runs in a shell, and puts in their place, before the model sees the text.

The patterns are a superset of Claude Code's (docs/clients.md), over the whole file: a fence of three or more backticks followed by
`!`, anywhere in a line, up to the next such fence or the end of the text; and `` !`...` `` at the beginning of a line or after white
space, over several lines.
"""

import re
from itertools import islice

_commands = re.compile(
    "`{3,}!(.*?)(?:`{3,}|\\Z)"  # a fence
    "|(?:^|(?<=[\\s\ufeff\u180e\u200b]))!`([^`]+)`",  # within a line
    re.DOTALL | re.MULTILINE,
)


def shell_commands(text: str, limit: int) -> tuple[str, ...] | None:
    """Return the shell commands in a prompt, in the order of the text, each without the white space around it.

    None where there are more than `limit`.
    """
    commands = (command for match in _commands.finditer(text) if (command := (match[1] or match[2] or "").strip()))
    found = tuple(islice(commands, limit + 1))
    return None if len(found) > limit else found
