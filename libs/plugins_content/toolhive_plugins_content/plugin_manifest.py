"""Reads `.claude-plugin/plugin.json` as toolhive-core decodes it (docs/toolhive-core.md).

Keys match in any case, and the last one wins; `null` leaves a string unchanged. What toolhive-core keeps as raw JSON is kept as
written here too, so that components can be counted under either profile.
"""

from typing import Final

from attrs import field, frozen

from toolhive_artifact import JsonObject, JsonValue, parse_json
from toolhive_artifact.errors import InvalidDocumentError, shown
from toolhive_plugins_interfaces.errors import InvalidPluginManifestError

MANIFEST_PATH: Final = ".claude-plugin/plugin.json"
"""The path of a plugin's manifest, from the plugin's root."""

MAX_PLUGIN_MANIFEST_SIZE: Final = 64 * 1024
"""The largest manifest of a plugin, in bytes."""

# toolhive-core trims what Go's unicode.IsSpace calls space, which is more than JSON allows around a document.
_SPACE: Final = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
_JSON_SPACE: Final = " \t\r\n"


@frozen
class PluginManifest:
    """The parts of a plugin's manifest that ToolHive reads, and the whole document."""

    name: str
    """Never empty."""

    description: str
    version: str
    license: str

    requires: tuple[str, ...] | None
    """`requires` and `dependencies` joined, sorted, without duplicates; None if neither is a list."""

    document: JsonObject = field(repr=False, eq=False)
    """The whole document, with the positions of its values."""

    def declared(self, name: str) -> JsonValue:
        """Return the value of a field such as `commands`: any JSON; None if it is missing or null."""
        return self.document.field(name)


def parse_plugin_manifest(data: bytes) -> PluginManifest:
    """Parse the bytes of a `plugin.json`.

    Raises:
        InvalidPluginManifestError: it is larger than 64 KiB, not JSON, not an object, has no name, or a field of its
            metadata is not a string. Its `__cause__`, an InvalidDocumentError, has the line and the column.
    """
    try:
        return _parse(data)
    except InvalidDocumentError as error:
        raise InvalidPluginManifestError(error.problem, where=error.where, remedy=error.remedy) from error


def _parse(data: bytes) -> PluginManifest:
    document = parse_json(_trimmed(data), where=MANIFEST_PATH, max_size=MAX_PLUGIN_MANIFEST_SIZE)
    if document is None:
        document = JsonObject(())  # To toolhive-core, null is an empty manifest.
    if not isinstance(document, JsonObject):
        raise InvalidDocumentError(
            "must be a JSON object", where=MANIFEST_PATH, remedy='Write at least {"name": "..."}', line=1, column=1
        )
    description = _text(document, "description")
    version = _text(document, "version")
    license_ = _text(document, "license")
    name = _text(document, "name")
    if not name:
        raise InvalidDocumentError(
            "there is no name", where=MANIFEST_PATH, remedy='Add "name", which must not be empty'
        )
    return PluginManifest(
        name=name,
        description=description,
        version=version,
        license=license_,
        requires=_requires(document),
        document=document,
    )


def _trimmed(data: bytes) -> bytes:
    """Replace the space around the document that JSON does not allow; what is inside keeps its line and column."""
    if data.startswith(b"{") and data.endswith((b"}", b"}\n")):
        return data
    text = data.decode("utf-8", "surrogateescape").rstrip(_SPACE)
    body = text.lstrip(_SPACE)
    lead = "".join(char if char in _JSON_SPACE else " " for char in text[: len(text) - len(body)])
    return (lead + body).encode("utf-8", "surrogateescape")


def _text(document: JsonObject, name: str) -> str:
    value = ""
    for key, item in document.fields(name):
        if item is not None and not isinstance(item, str):
            line, column = document.position(key)
            raise InvalidDocumentError(
                f"{shown(key)} must be a string",
                where=MANIFEST_PATH,
                remedy="Put it in quotes",
                line=line,
                column=column,
            )
        value = value if item is None else item
    return value


def _requires(document: JsonObject) -> tuple[str, ...] | None:
    """Join the two lists. As in toolhive-core, an empty `requires` differs from a missing one."""
    requires = _references(document.field("requires"))
    dependencies = _references(document.field("dependencies"))
    if requires is None and not dependencies:
        return None
    return tuple(sorted({*(requires or ()), *(dependencies or ())}))


def _references(value: JsonValue) -> list[str] | None:
    """Return the strings of an array, or the values of an object; None if there is anything but strings and nulls."""
    if isinstance(value, tuple):
        return _all_texts(value)
    if isinstance(value, JsonObject):
        texts = _all_texts(tuple(value.values()))
        return None if texts is None else [text for text in texts if text]
    return None


def _all_texts(values: tuple[JsonValue, ...]) -> list[str] | None:
    texts: list[str] = []
    for item in values:
        if item is not None and not isinstance(item, str):
            return None
        texts.append(item or "")
    return texts
