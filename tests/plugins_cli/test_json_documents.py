"""What `--format json` writes is a promise to pipelines: no key changes its name or its meaning.

`golden/` holds one document for each command, written by the command as it was before its libraries were rearranged. A document
is renewed by hand where a value changes on purpose:

- verify-different.json: a difference tells the platform and what it is in by fields of their own, `platform` and `field`; `subject`
  is the bare name of the file, label or annotation.
- verify.json, verify-different.json: `oddities` came, after all other keys: what no build writes though the content is the same.
- verify.json, verify-different.json: `signatures` and `attestations` came, after all other keys: null and empty
  where they were not asked for.
- validate*.json, build*.json: what clients say of the plugin came to the problems; what neither keeps it from being packaged nor is
  refused by every client is a warning, and no error.
- inspect-*.json: `surface` has `empty` and `parts` as well, every part of every kind with all its values; front matter is read as the
  client reads it, so that of `agents/odd.md` is no longer unread; an agent that may use every tool is not `inert`.
- all that have an `origin`, or `old` and `new`: each tells the `revision` that a directory was read at.
- list.json, sync*.json, upgrade*.json: `denied_by` and `older` came, after all other keys: empty and false where nothing is.
- install.json, install-project.json: `signer` came, after all other keys: empty where it is unsigned.
- diff.json: a change of the surface tells every value, each with its label, and its `platform`; `documents` has what the artifacts say
  differently.
"""

import json
from pathlib import Path

import pytest
from command_runner import Command
from json_documents import run_all

GOLDEN = Path(__file__).parent / "golden"
SENTENCES = ("message", "problem", "remedy", "text")
"""Keys whose values are words for people, which may be put better."""


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory, registry: str) -> dict[str, object]:
    """What every command wrote."""
    return run_all(Command(tmp_path_factory.mktemp("commands")), registry)


def golden(name: str) -> object:
    document: object = json.loads((GOLDEN / f"{name}.json").read_text())
    return document


def comparable(value: object) -> object:
    """Return a document as nested lists, in which the order of keys counts; of sentences only whether there is one."""
    if isinstance(value, dict):
        return [
            [key, bool(item)] if key in SENTENCES and isinstance(item, str) else [key, comparable(item)]
            for key, item in value.items()
        ]
    if isinstance(value, list):
        return [comparable(item) for item in value]
    return value


@pytest.mark.parametrize("name", sorted(path.stem for path in GOLDEN.glob("*.json")))
def test_document_is_what_it_was(written: dict[str, object], name: str) -> None:
    assert comparable(written[name]) == comparable(golden(name))


def test_every_document_is_compared(written: dict[str, object]) -> None:
    assert {path.stem for path in GOLDEN.glob("*.json")} == set(written)
