"""What changed between two surfaces, and whether the newer one can do more.

Parts are compared as canonical content, each whole object, by hash: time and memory are linear. A surface *grew* where something
that can run or load came or changed, where rights or reach grew, or where something came that is not understood. Removals alone
are not growth. Other content in files that can run is told apart, by `code_changes`: the same things run, with other code.
"""

import enum
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from typing import Final

from attrs import frozen

from toolhive_artifact.json_values import JsonObject
from toolhive_plugins_content.surface.parts import PROMPTS, Part, PartKind, PartReader, Rights
from toolhive_plugins_content.surface.programs import Program
from toolhive_plugins_content.surface.surface import Surface
from toolhive_plugins_content.surface.values import Fact, canonical
from toolhive_plugins_content.tree import FileTree


class ChangeKind(enum.Enum):
    """How a part of the surface changed."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@frozen(kw_only=True)
class PartChange:
    """A part of the surface that is not the same."""

    change: ChangeKind
    kind: PartKind
    name: str
    old: Part | None
    """None where it was added."""

    new: Part | None
    """None where it was removed."""

    grew: bool
    """Whether the newer version can run, load or be granted something by it that the older could not."""

    @property
    def old_facts(self) -> tuple[Fact, ...]:
        """What the older version says of it."""
        return tuple(self.old.facts) if self.old is not None else ()

    @property
    def new_facts(self) -> tuple[Fact, ...]:
        """What the newer version says of it."""
        return tuple(self.new.facts) if self.new is not None else ()


@frozen
class CodeChange:
    """A file that can run, or be run, and is not the same; or that came."""

    path: str
    what: str
    """What kind of program it is; may be empty."""

    change: ChangeKind
    grew: bool
    """Whether it can run where it could not: it became executable, or came into a folder that is on a PATH."""


_Key = tuple[PartKind, str, str, bytes]

_BY_PLACE: Final = frozenset({PartKind.UNKNOWN, PartKind.UNREAD, PartKind.AMBIGUITY})
"""Kinds whose place is part of what they are: the same unknown key elsewhere is another one."""


def compare_surfaces(old: Surface, new: Surface) -> tuple[PartChange, ...]:
    """Return what changed, in the order of the kinds; within one, what grew comes first."""
    gone = _without(old.parts, new.parts)
    come = _without(new.parts, old.parts)
    changes = list(_changes(gone, come))
    order = {kind: number for number, kind in enumerate(PartKind)}
    return tuple(sorted(changes, key=lambda change: (order[change.kind], not change.grew)))


def code_changes(old_tree: FileTree, old: Surface, new_tree: FileTree, new: Surface) -> tuple[CodeChange, ...]:
    """Return the files that can run or be run and are new, or have other content or rights, by path."""
    before = {program.path: program for program in old.programs}
    return tuple(
        change
        for program in new.programs
        if (change := _code_change(before.get(program.path), program, old_tree, new_tree)) is not None
    )


def _code_change(old: Program | None, new: Program, old_tree: FileTree, new_tree: FileTree) -> CodeChange | None:
    path = new.path
    came = path not in old_tree.files
    runs_now = (new.executable and not (old and old.executable)) or (new.on_path and came)
    if not came and not runs_now and old_tree.digest(path) == new_tree.digest(path):
        return None
    return CodeChange(path, new.what, ChangeKind.ADDED if came else ChangeKind.CHANGED, runs_now)


def _key(part: Part) -> _Key:
    place = f"{part.path} {part.at}" if part.kind in _BY_PLACE else ""
    reader = b"" if part.reader in (PartReader.ANY, PartReader.CLAUDE) else part.reader.value.encode()
    shape = (canonical(part.content), reader, b"at start" if part.starts else b"")
    return part.kind, part.name, place, sha256(b"\0".join(shape)).digest()


def _without(parts: Iterable[Part], others: Iterable[Part]) -> list[Part]:
    """Return those parts that have no equal among the others, of which each counts once."""
    left = Counter(map(_key, others))
    found: list[Part] = []
    for part in parts:
        key = _key(part)
        if left[key]:
            left[key] -= 1
        else:
            found.append(part)
    return found


def _changes(gone: Sequence[Part], come: Sequence[Part]) -> Iterator[PartChange]:
    """Pair parts of one kind and name; what has no pair was added or removed."""
    waiting: dict[tuple[PartKind, str], deque[Part]] = defaultdict(deque)
    for part in gone:
        waiting[part.kind, part.name].append(part)
    for part in come:
        same_name = waiting[part.kind, part.name]
        old = same_name.popleft() if same_name else None
        change = ChangeKind.CHANGED if old is not None else ChangeKind.ADDED
        yield PartChange(change=change, kind=part.kind, name=part.name, old=old, new=part, grew=_grew(old, part))
    for left in waiting.values():
        for part in left:
            yield PartChange(change=ChangeKind.REMOVED, kind=part.kind, name=part.name, old=part, new=None, grew=False)


def _grew(old: Part | None, new: Part) -> bool:
    if new.kind not in PROMPTS:
        return True  # another command line, another condition, another unknown: it can do what it could not
    if old is None:
        return new.kind is PartKind.AGENT or not new.inert
    return _rights_grew(old.rights or Rights(), new.rights or Rights())


def _rights_grew(old: Rights, new: Rights) -> bool:
    more_tools = old.allowed is not None and (new.allowed is None or bool(set(new.allowed) - set(old.allowed)))
    fewer_denied = bool(set(old.denied) - set(new.denied))
    more_shell = bool(Counter(new.shell) - Counter(old.shell))
    return more_tools or fewer_denied or more_shell or _more(old.grants, new.grants) or _more(new.limits, old.limits)


def _more(old: JsonObject, new: JsonObject) -> bool:
    """Tell whether `new` says something that `old` does not: another key, or another value of one."""
    return any(key not in old or canonical(old[key]) != canonical(item) for key, item in new.items())
