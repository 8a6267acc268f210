"""Places in a JSON document, for the errors of its decoder."""

from typing import NamedTuple

from toolhive_artifact.errors import DocumentLimitError, InvalidDocumentError, shown
from toolhive_artifact.json_values import JsonNumber, JsonObject, JsonValue, Step, locate


class Place(NamedTuple):
    """A value's place in the document that is being decoded."""

    document: str
    """What to call the document in errors."""

    strict: bool
    """Whether to refuse a field that appears twice."""

    path: tuple[Step, ...] = ()
    """The steps from the document to the value."""

    def at(self, step: Step) -> "Place":
        """Return the place one step further in."""
        return self._replace(path=(*self.path, step))

    def error(self, problem: str, remedy: str = "", *, limit: bool = False) -> InvalidDocumentError:
        """Return the error for this value; `problem` follows its name."""
        line, column = locate(self.path) or (0, 0)
        kind = DocumentLimitError if limit else InvalidDocumentError
        return kind(f"{self._name()} {problem}", where=self.document, remedy=remedy, line=line, column=column)

    def _name(self) -> str:
        """Name the value: `layers[0].digest`."""
        text = ""
        for step in self.path:
            if isinstance(step, int):
                text += f"[{step}]"
            else:
                key = step[0].pairs[step[1]][0]
                text += f"[{key!r}]" if "." in key else f".{key}"
        return shown(text.removeprefix(".")) or "the document"


def described(value: JsonValue) -> str:
    """Describe a value by its JSON type, and by itself where it is short."""
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case str():
            return f"the string {shown(value[:40])!r}"
        case JsonNumber():
            return f"the number {value.text[:20]}"
        case JsonObject():
            return "an object"
        case _:
            return "an array"
