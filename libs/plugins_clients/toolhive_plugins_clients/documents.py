"""A client's JSON file on its way through a plan: read, changed, given back as it was."""

import os
from collections.abc import Callable, Collection, Iterable
from pathlib import Path

from attrs import frozen

from toolhive_plugins import Digest
from toolhive_plugins_clients.files import Found, check_writable, read_file
from toolhive_plugins_clients.json_text import JsonText, Plain, parse_json_text
from toolhive_plugins_clients.plans import FileEdit, FileRecord


@frozen
class ClientFile:
    """A JSON file of a client's, as it is."""

    found: Found
    document: JsonText
    where: str
    """What errors call it."""

    @property
    def is_jsonc(self) -> bool:
        """Whether it has comments or trailing commas."""
        return not {"comments", "trailing commas"}.isdisjoint(self.document.oddities)

    @property
    def oddities(self) -> str:
        """What is in it that JSON does not have, in words; empty where nothing is."""
        return " and ".join(self.document.oddities)


def read_client_file(path: Path) -> ClientFile:
    """Read a file; one that does not exist is empty.

    Raises:
        ClientFileError: it cannot be read, or is not a JSON object.
    """
    found = read_file(path)
    return ClientFile(found, parse_json_text(found.data or b"", where=str(path)), str(path))


def edited(
    file: ClientFile, change: Callable[[JsonText], JsonText], *, new_mode: int, within: Path | None
) -> tuple[FileEdit, ...]:
    """Return the edit that a change of a file comes to; none where it changes nothing.

    Args:
        file: as it is.
        change: returns the changed document.
        new_mode: permission bits, if the file is new.
        within: a folder that links may not lead out of.

    Raises:
        ClientFileError: the file cannot be changed so, or is read-only.
        PlacementError: links lead out of `within`.
    """
    after = change(file.document)
    if after is file.document:
        return ()
    check_writable(file.found, within=within)
    mode = new_mode if file.found.data is None else file.found.mode
    return (FileEdit(file.found.path, file.found.data, after.encode(), mode),)


def given_back(
    file: ClientFile,
    change: Callable[[JsonText], JsonText],
    *,
    records: Iterable[FileRecord],
    ours: Collection[str],
    made_by_us: bool,
    within: Path | None,
) -> tuple[FileEdit, ...]:
    """Return the edit that takes our entries out of a file; none where there are none.

    If nobody else has changed the file since our last edit, and what is left means what the original meant, it becomes the original again,
    byte for byte. A file that was not there goes, unless it holds anything of somebody else's by now.

    Args:
        file: as it is.
        change: returns the document without the entries.
        records: what is remembered of files.
        ours: names of members of the root that an installation makes. Lists and objects among them mean nothing while they are empty.
        made_by_us: whether the file is ours where no record says so; then a file whose members are all `ours`, the lists and objects
            among them empty, goes.
        within: a folder that links may not lead out of.

    Raises:
        ClientFileError: the file cannot be changed so, or is read-only.
        PlacementError: links lead out of `within`.
    """
    left = change(file.document)
    if file.found.data is None or left is file.document:
        return ()
    check_writable(file.found, within=within)
    after: bytes | None = left.encode()
    record = next((each for each in records if _same_file(each.path, file.found.path)), None)
    if record is not None and record.original is not None and record.left == str(Digest.of(file.found.data)):
        original = parse_json_text(record.original, where=file.where)
        if _without_empty(original.plain(), ours) == _without_empty(left.plain(), ours):
            after = record.original
    elif _is_empty(left, ours) and (made_by_us if record is None else record.created):
        after = None
    return (FileEdit(file.found.path, file.found.data, after, file.found.mode),)


def _without_empty(meaning: Plain, ours: Collection[str]) -> Plain:
    if not isinstance(meaning, dict):
        return meaning
    return {key: value for key, value in meaning.items() if key not in ours or value not in ({}, [])}


def _is_empty(document: JsonText, ours: Collection[str]) -> bool:
    meaning = _without_empty(document.plain(), ours)
    names = isinstance(meaning, dict) and all(
        key in ours and (isinstance(value, str) or key == "owner") for key, value in meaning.items()
    )
    return names and not document.comments


def _same_file(one: Path, other: Path) -> bool:
    return one == other or os.path.realpath(one) == os.path.realpath(other)
