"""Plugins made to find out what Claude Code accepts, and what it said of each.

`claude_code_fields.json` has a row for each field of `plugin.json`, with a 1 for each of VALUES that it accepts there and a 0
for each that it refuses. `claude_code_cases.jsonl` has everything finer, a case a line: what was tried, whether it was
accepted, and what the client said. `record_answers.py` asks the client anew.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from attrs import frozen

from toolhive_plugins_content import MANIFEST_PATH

HERE: Final = Path(__file__).parent
CASES_FILE: Final = HERE / "claude_code_cases.jsonl"
FIELDS_FILE: Final = HERE / "claude_code_fields.json"

BASE: Final[dict[str, Any]] = {"name": "p", "version": "1.0.0", "description": "d", "author": {"name": "x"}}
"""A manifest that nothing is wrong with; a case changes or adds a field."""

BASE_FILES: Final = {
    "x.md": "---\ndescription: d\n---\nhi\n",
    "x.json": '{"hooks": {}, "mcpServers": {}}',
    "x/y.md": "hi",
    "a/z.md": "z",
    "s/SKILL.md": "---\nname: s\ndescription: d\n---\n",
    "x.JSON": "{}",
    "X.MD": "x",
    "t.sh": "",
    "e/f": "e",
}
"""Files that the paths in the cases may lead to."""

VALUES: Final[tuple[Any, ...]] = (
    None, True, 5, "", "x", "./x", "./x.md", "./x.json", "./", ".", "../x.md", "/x.md", "./a/../x.md",
    [], {}, ["x"], ["./x.md"], ["./x.json"], ["./x"], [5], [{}], [None], {"a": 5}, {"a": {}}, {"a": "./x.md"},
)  # fmt: skip

FIELDS: Final = (
    "name", "displayName", "version", "description", "author", "homepage", "repository", "license", "keywords", "icon",
    "defaultEnabled", "commands", "agents", "skills", "workflows", "hooks", "mcpServers", "outputStyles", "lspServers",
    "experimental", "themes", "monitors", "userConfig", "channels", "dependencies", "settings", "category", "tags", "strict",
    "source", "$schema", "modules", "evals", "requires", "bin", "statusLine", "permissions", "env", "apps", "interface",
    "capabilities", "prompts", "rules", "mods", "id",
)  # fmt: skip

PROMPT_PLACES: Final = {"skill": "skills/{}/SKILL.md", "command": "commands/{}.md", "agent": "agents/{}.md"}


@frozen
class Case:
    """One plugin, or one part of one, and what Claude Code makes of it."""

    name: str
    kind: str
    """`manifest`, `prompt`, `server` or `plugin`."""
    files: Mapping[str, bytes]
    """All the plugin's files; of a prompt or a server, those of a plugin that has nothing else."""
    accepted: bool
    told: Mapping[str, Any]
    """The line of the table."""


def files_of(told: Mapping[str, Any]) -> dict[str, bytes]:
    """Return the files of a case's plugin."""
    files: dict[str, str] = {MANIFEST_PATH: json.dumps({**BASE, **told.get("manifest", {})})}
    if told["kind"] == "manifest":
        files |= BASE_FILES
    elif told["kind"] == "prompt":
        files[PROMPT_PLACES[told["prompt"]].format("case")] = told["content"]
    elif told["kind"] == "server":
        files[".mcp.json"] = json.dumps({"mcpServers": {"case": told["server"]}})
    files |= told.get("files", {})
    return {path: content.encode("utf-8", "surrogateescape") for path, content in files.items()}


def told_cases() -> list[dict[str, Any]]:
    """Return the lines of the table."""
    return [json.loads(line) for line in CASES_FILE.read_text(encoding="utf-8").splitlines()]


def field_cases() -> list[dict[str, Any]]:
    """Return a case, as a line of the table would be, for every field with every value."""
    return [
        {"kind": "manifest", "case": f"{field}: {json.dumps(value)}", "manifest": {field: value}}
        for field in FIELDS
        for value in VALUES
    ]


def all_cases() -> list[Case]:
    """Return every case with the answer on record."""
    answers = json.loads(FIELDS_FILE.read_text(encoding="utf-8"))
    fields = field_cases()
    bits = "".join(answers[field] for field in FIELDS)
    told = [*told_cases(), *({**case, "accepted": bit == "1"} for case, bit in zip(fields, bits, strict=True))]
    return [Case(case["case"], case["kind"], files_of(case), case["accepted"], case) for case in told]


def write_plugin(folder: Path, files: Mapping[str, bytes]) -> Path:
    """Write a plugin's files below a folder, and return the folder."""
    for path, content in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return folder
