"""Results as JSON and YAML: the typed result, field by field, under its fields' own names, unstructured by one converter."""

import json
import re
from collections.abc import Callable
from enum import Enum
from typing import Any, TypeAlias

import attrs
from cattrs import Converter
from cattrs.cols import is_namedtuple, namedtuple_dict_unstructure_factory
from cattrs.gen import make_dict_unstructure_fn, override

from toolhive_plugins_service import Platform, Surface, mask_tokens, surface_document

Plain: TypeAlias = "bool | int | float | str | list[Plain] | dict[str, Plain] | None"

_UNPRINTABLE = re.compile(r"[^\n\x20-\x7e]+")


def _text(text: str) -> str:
    """Return text that either format can carry: what is not a character, a byte of a file name say, becomes U+FFFD.

    A token in a name or a path is masked, as it is in values.
    """
    return mask_tokens(str(text)).encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _make_converter() -> Converter:
    converter = Converter()
    converter.register_unstructure_hook(str, _text)
    converter.register_unstructure_hook(Platform, str)
    converter.register_unstructure_hook(Surface, lambda surface: converter.unstructure(surface_document(surface)))
    converter.register_unstructure_hook(Enum, lambda member: converter.unstructure(member.value))
    converter.register_unstructure_hook_factory(
        is_namedtuple, lambda cls: namedtuple_dict_unstructure_factory(cls, converter)
    )
    converter.register_unstructure_hook_factory(_has_renamed_fields, lambda cls: _with_renamed_fields(cls, converter))
    return converter


def _has_renamed_fields(cls: type) -> bool:
    return attrs.has(cls) and any("key" in field.metadata for field in attrs.fields(cls))


def _with_renamed_fields(cls: type, converter: Converter) -> Callable[[object], dict[str, object]]:
    """Return what unstructures a class whose fields say in their metadata under which key they are written."""
    renamed: dict[str, Any] = {
        field.name: override(rename=field.metadata["key"]) for field in attrs.fields(cls) if "key" in field.metadata
    }
    return make_dict_unstructure_fn(cls, converter, **renamed)


_CONVERTER = _make_converter()


def plain(result: object) -> Plain:
    """Return a result as values that JSON has a form for."""
    unstructured: Plain = _CONVERTER.unstructure(result)
    return unstructured


def to_json(result: object) -> str:
    """Return a result as indented JSON that ends in a line break; what does not print is escaped."""
    text = json.dumps(plain(result), ensure_ascii=False, indent=2) + "\n"
    return text if text.replace("\n", "").isprintable() else _UNPRINTABLE.sub(_json_escape, text)


def to_yaml(result: object) -> str:
    """Return a result as a YAML document that ends in a line break; what does not print is escaped."""
    from toolhive_plugins_cli.yaml_writer import written_as_yaml

    return written_as_yaml(plain(result))


def _json_escape(match: re.Match[str]) -> str:
    """Return JSON's own escape for a run of characters, in surrogate pairs where it takes them (RFC 8259, section 7)."""
    return "".join(c if c.isprintable() or c == "\n" else json.dumps(c)[1:-1] for c in match[0])
