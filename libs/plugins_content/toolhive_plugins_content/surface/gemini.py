"""Commands of Gemini CLI: `commands/**/*.toml`, whose `prompt` may have shell commands in it, `!{...}`."""

from collections.abc import Iterator
from typing import Final

from toolhive_artifact.json_values import JsonObject
from toolhive_plugins_content.surface.collector import Collector
from toolhive_plugins_content.surface.parts import Part, PartKind, PartReader, Rights

_OPENING: Final = "!{"


def read_gemini_command(collector: Collector, path: str) -> None:
    """Take a command with the shell commands in its file, wherever they are in it."""
    shell = tuple(_shell_commands(collector.text(path), collector.room + 1))
    collector.charge(path, len(shell))
    collector.add(
        Part(
            kind=PartKind.COMMAND,
            name=path.partition("/")[2].rpartition(".")[0].replace("/", ":"),
            path=path,
            content=JsonObject(tuple((f"shell[{index}]", line) for index, line in enumerate(shell))),
            reader=PartReader.GEMINI,
            rights=Rights(shell=shell),
            inert=not shell,
        )
    )


def _shell_commands(text: str, limit: int) -> Iterator[str]:
    """Yield what is between `!{` and the brace that closes it, or the end of the text, at most `limit` times."""
    at = 0
    while limit and (start := text.find(_OPENING, at)) >= 0:
        limit -= 1
        depth, at = 1, start + len(_OPENING)
        while depth and at < len(text):
            depth += {"{": 1, "}": -1}.get(text[at], 0)
            at += 1
        yield text[start + len(_OPENING) : at if depth else at - 1]
