"""One document of a plugin, as one client reads it: where the parts that a reader finds come from."""

from attrs import frozen

from toolhive_artifact.json_values import JsonValue
from toolhive_plugins_content.surface.collector import Collector
from toolhive_plugins_content.surface.parts import Part, PartKind, PartReader
from toolhive_plugins_content.surface.values import Pointer


@frozen
class Document:
    """Takes parts, each with the document that holds it."""

    collector: Collector

    path: str
    """The document's file."""

    reader: PartReader
    """Whose reading it is."""

    declared: bool
    """Whether a manifest names or holds it."""

    def add(
        self,
        kind: PartKind,
        name: str,
        content: JsonValue,
        at: Pointer,
        *,
        what: str = "",
        starts: bool = False,
    ) -> None:
        """Take a part; see Part."""
        part = Part(
            kind=kind,
            name=name,
            path=self.path,
            at=at,
            content=content,
            reader=self.reader,
            what=what,
            starts=starts,
            declared=self.declared,
        )
        self.collector.add(part)

    def unknown(self, name: str, value: JsonValue, at: Pointer) -> None:
        """Take something that was read and is not understood."""
        self.collector.unknown(name, self.path, value, at, self.reader)
