"""Asks Claude Code about many made cases in few calls."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from claude_code import ClaudeCode
from made_cases import BASE, PROMPT_PLACES, files_of, write_plugin

from toolhive_plugins_content import MANIFEST_PATH

Answer = tuple[bool, str]
"""Whether it accepts a case, and what it says of it if not."""


def ask(client: ClaudeCode, cases: Sequence[Mapping[str, Any]], folder: Path) -> list[Answer]:
    """Ask about each case.

    Manifests are the entries of one marketplace, prompts and servers parts of one plugin; other plugins are asked about one by one.
    """
    ways = {"manifest": _manifests, "prompt": _prompts, "server": _servers, "plugin": _plugins}
    answers: dict[int, Answer] = {}
    for kind, way in ways.items():
        numbers = [number for number, case in enumerate(cases) if case["kind"] == kind]
        chosen = [cases[number] for number in numbers]
        answers |= zip(numbers, way(client, chosen, folder / kind), strict=True)
    return [answers[number] for number in range(len(cases))]


def _manifests(client: ClaudeCode, cases: Sequence[Mapping[str, Any]], folder: Path) -> list[Answer]:
    plugins = [write_plugin(folder / f"p{number}", files_of(case)) for number, case in enumerate(cases)]
    if not plugins:
        return []
    opinions = client.validate_manifests(plugins, folder)
    return [(said.accepted, "; ".join(f"{found.path}: {found.message}" for found in said.errors)) for said in opinions]


def _prompts(client: ClaudeCode, cases: Sequence[Mapping[str, Any]], folder: Path) -> list[Answer]:
    places = [PROMPT_PLACES[case["prompt"]].format(f"case-{number}") for number, case in enumerate(cases)]
    files = {
        place: case["content"].encode("utf-8", "surrogateescape") for place, case in zip(places, cases, strict=True)
    }
    write_plugin(folder, {MANIFEST_PATH: json.dumps(BASE).encode(), **files})
    said: dict[str, str] = {}
    for part in client.validate(folder).report["contents"]:
        place = Path(part["file"]).relative_to(folder).as_posix()
        said[place] = "; ".join(f"{found['path']}: {found['message']}" for found in part["errors"])
    return [(not said.get(place), said.get(place, "")) for place in places]


def _servers(client: ClaudeCode, cases: Sequence[Mapping[str, Any]], folder: Path) -> list[Answer]:
    document = {"mcpServers": {f"s{number}": case["server"] for number, case in enumerate(cases)}}
    write_plugin(folder, {MANIFEST_PATH: json.dumps(BASE).encode(), ".mcp.json": json.dumps(document).encode()})
    said: dict[str, list[str]] = {}
    for found in client.validate(folder).errors:
        said.setdefault(found.path.split(".")[1], []).append(f"{found.path}: {found.message}")
    return [
        (f"s{number}" not in said, "; ".join(said.get(f"s{number}", ())).replace(f".s{number}", ""))
        for number in range(len(cases))
    ]


def _plugins(client: ClaudeCode, cases: Sequence[Mapping[str, Any]], folder: Path) -> list[Answer]:
    answers: list[Answer] = []
    for number, case in enumerate(cases):
        opinion = client.validate(write_plugin(folder / f"p{number}", files_of(case)))
        errors = "; ".join(f"{found.path}: {found.message}" for found in opinion.errors)
        answers.append((opinion.accepted, errors.replace(f"{folder / f'p{number}'}/", "")))
    return answers
