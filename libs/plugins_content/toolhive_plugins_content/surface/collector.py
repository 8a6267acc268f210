"""What all readers of the surface share: the files, by any spelling of their names; the parts found; and the bounds."""

from collections.abc import Iterable, Iterator
from typing import Final

from toolhive_artifact.errors import InvalidDocumentError, shown
from toolhive_artifact.json_values import JsonObject, JsonValue
from toolhive_plugins_content.errors import SurfaceLimitError, UnreadableFileError
from toolhive_plugins_content.surface.parts import Part, PartKind, PartReader
from toolhive_plugins_content.surface.values import MAX_DEPTH, Pointer, ambiguous_keys
from toolhive_plugins_content.tree import FileTree, resolve_path

MAX_PARTS: Final = 24_000
"""Parts of one surface; a plugin with more is refused, never cut."""

MAX_TEXT: Final = 12 * 1024 * 1024
"""Size in bytes of all configurations and prompts of a plugin together."""

MAX_PARSED_YAML: Final = 1024 * 1024
"""Characters of all YAML that goes through the parser, which takes up to 0.05 ms for each: most front matter does not."""

MAX_JSON_MARKS: Final = 400_000
"""Commas and opening brackets in one configuration: a bound on its values that costs no parsing."""


class Collector:
    """Gathers the parts of one plugin.

    Args:
        tree: the plugin's files.
    """

    def __init__(self, tree: FileTree) -> None:
        self.tree = tree
        self.parts: list[Part] = []
        self.read_paths: set[str] = set()
        """The files that some reader has taken."""
        self._text = 0
        self._parsed_yaml = 0
        self._count = 0
        self._folded: dict[str, list[str]] = {}
        for path in tree.paths:
            self._folded.setdefault(folded_path(path), []).append(path)
        self._folders: dict[str, list[str]] | None = None

    @property
    def room(self) -> int:
        """How many more components the plugin may have."""
        return MAX_PARTS - self._count

    def charge(self, path: str, count: int = 1) -> None:
        """Count components: parts, and shell commands within prompts.

        Raises:
            SurfaceLimitError: there are more than MAX_PARTS.
        """
        if count > self.room:
            raise self.too_many(path)
        self._count += count

    def too_many(self, path: str) -> SurfaceLimitError:
        """Return the error that says that there are more components than MAX_PARTS."""
        return SurfaceLimitError(
            f"the plugin has more than {MAX_PARTS} components",
            where=shown(path),
            remedy="Nobody could look through them; split the plugin",
        )

    def charge_yaml(self, path: str, characters: int) -> None:
        """Count characters that went through the YAML parser.

        Raises:
            SurfaceLimitError: there are more than MAX_PARSED_YAML.
        """
        self._parsed_yaml += characters
        if self._parsed_yaml > MAX_PARSED_YAML:
            raise SurfaceLimitError(
                f"front matter that is more than plain lines has over {MAX_PARSED_YAML} characters in all",
                where=shown(path),
                remedy="Nobody could look through it; split the plugin",
            )

    def add(self, part: Part) -> None:
        """Take a part.

        Raises:
            SurfaceLimitError: there are more than MAX_PARTS.
        """
        self.charge(part.path)
        self.parts.append(part)

    def unknown(
        self, name: str, path: str, content: JsonValue, at: Pointer = (), reader: PartReader = PartReader.ANY
    ) -> None:
        """Take something that was read and is not understood."""
        self.add(Part(kind=PartKind.UNKNOWN, name=name, path=path, content=content, at=at, reader=reader))

    def unread(self, path: str, problem: str, content: JsonValue = None, at: Pointer = (), line: int = 0) -> None:
        """Take something that could not be read; `content` is what there is of it, else its file's digest is shown."""
        if content is None and path in self.tree.files:
            content = str(self.tree.digest(path))
        self.add(Part(kind=PartKind.UNREAD, name=problem, path=path, content=content, at=at, line=line))

    def unknown_keys(
        self, value: JsonObject, known: Iterable[str], path: str, at: Pointer, reader: PartReader = PartReader.ANY
    ) -> None:
        """Take the keys of an object that are not among `known`, and those that readers take differently."""
        names = set(known)
        folded = {name.lower() for name in names}
        for key, item in value.pairs:
            if key not in names and key.lower() not in folded:
                self.unknown(f"the key {key}", path, item, (*at, key), reader)
        self.ambiguous(value, names, path, at)

    def ambiguous(self, value: JsonObject, known: Iterable[str], path: str, at: Pointer = ()) -> None:
        """Take the keys of an object that are there twice, or differ from a known one in case."""
        keys = ambiguous_keys(value, known)
        if keys:
            name = f"readers differ about {', '.join(keys)}"
            content = JsonObject(tuple((key, item) for key, item in value.pairs if key in keys))
            self.add(Part(kind=PartKind.AMBIGUITY, name=name, path=path, content=content, at=at))

    def spelled(self, path: str) -> tuple[str, ...]:
        """Return the files that a file system might open as `path`: in any case, in any Unicode normal form."""
        return tuple(self._folded.get(folded_path(path), ()))

    def inside(self, folder: str) -> tuple[str, ...]:
        """Return the files in a folder, at any depth, spelled in any way; all files for the root, ""."""
        if not folder:
            return self.tree.paths
        if self._folders is None:
            self._folders = {}
            for path in self.tree.paths:
                parts = folded_path(path).split("/")
                for depth in range(1, len(parts)):
                    self._folders.setdefault("/".join(parts[:depth]), []).append(path)
        return tuple(self._folders.get(folded_path(folder), ()))

    def declared(self, text: str) -> str | None:
        """Return the path in the plugin that a declared one leads to; None where it leads out of it.

        A backslash separates where no file's name has one, as it does on Windows.
        """
        text = text.strip()
        for root in ("${CLAUDE_PLUGIN_ROOT}", "${PLUGIN_ROOT}", "$CLAUDE_PLUGIN_ROOT", "$PLUGIN_ROOT"):
            if text.startswith(root):
                text = "." + text[len(root) :]
        path = resolve_path(text)
        if "\\" not in text or (path is not None and path in self.tree.files):
            return path
        return resolve_path(text.replace("\\", "/"))

    def json(self, path: str) -> JsonValue:
        """Return what a configuration holds; None, and an unread part, where it cannot be read."""
        self.read_paths.add(path)
        try:
            data = self._data(path)
            if data.count(b",") + data.count(b"{") + data.count(b"[") > MAX_JSON_MARKS:
                raise SurfaceLimitError(f"holds more than {MAX_JSON_MARKS} values", where=path)
            return self.tree.json(path, MAX_TEXT, MAX_DEPTH)
        except InvalidDocumentError as error:
            self.unread(path, error.problem, line=error.line)
        except UnreadableFileError as error:
            self.unread(path, error.problem)
        return None

    def text(self, path: str) -> str:
        """Return a Markdown file's text, its lines ended by line feeds; bytes that are not UTF-8 become U+FFFD."""
        self.read_paths.add(path)
        data = self._data(path)
        # A byte order mark is what makes a client read UTF-16.
        encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8"
        return data.decode(encoding, "replace").replace("\r\n", "\n").replace("\r", "\n")

    def _data(self, path: str) -> bytes:
        self._text += self.tree.files[path].size
        if self._text > MAX_TEXT:
            raise SurfaceLimitError(
                f"configurations and prompts have more than {MAX_TEXT} bytes together",
                where=path,
                remedy="Nobody could look through them; move data out of the places where clients look for components",
            )
        return self.tree.read(path, MAX_TEXT)


def folded_path(path: str) -> str:
    """Return a path as file systems compare it that fold case and normalise Unicode."""
    if path.isascii():
        return path.lower()
    from unicodedata import normalize

    return normalize("NFC", normalize("NFC", path).casefold())


def text_items(value: JsonValue) -> Iterator[tuple[JsonValue, Pointer]]:
    """Yield the items of a value that may be one item or a list of them, with what leads to each."""
    if isinstance(value, tuple):
        for index, item in enumerate(value):
            yield item, (index,)
    elif value is not None:
        yield value, ()
