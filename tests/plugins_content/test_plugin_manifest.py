"""plugin.json is read as the reference reads it, and faults say where they are."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolhive_artifact import InvalidDocumentError
from toolhive_plugins_content import declared_inventory, parse_plugin_manifest
from toolhive_plugins_interfaces import InvalidPluginManifestError


def test_metadata_is_read() -> None:
    manifest = parse_plugin_manifest(b'{"name":"n","description":"d","version":"1","license":"MIT","x":[1]}')
    assert (manifest.name, manifest.description, manifest.version, manifest.license) == ("n", "d", "1", "MIT")
    assert manifest.requires is None


def test_keys_match_in_any_case_and_the_last_one_wins() -> None:
    manifest = parse_plugin_manifest('{"name":"a","NAME":"b","ver\u017fion":"1","LICENSE":"x","license":null}'.encode())
    assert (manifest.name, manifest.version, manifest.license) == ("b", "1", "x")


@pytest.mark.parametrize("space", ["\v", "\f", "\x85", "\xa0", "\u2028", "\u3000", " \n\u2003\t"])
def test_space_around_the_document_may_be_any_that_the_reference_trims(space: str) -> None:
    assert parse_plugin_manifest(f'{space}{{"name":"n"}}{space}'.encode()).name == "n"


@pytest.mark.parametrize(
    "text", ['{\v"name":"n"}', '\x1c{"name":"n"}', '{"name":"n"}\x00', '\ufeff{"name":"n"}', "{}\x85x"]
)
def test_other_space_is_none(text: str) -> None:
    with pytest.raises(InvalidPluginManifestError):
        parse_plugin_manifest(text.encode())


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ('{\n  "name": 5\n}', 2, 11),
        ('{"name":"n",\n "version": 1.0}', 2, 13),
        ('{"name":"n",}', 1, 13),
        ('\u2028\n{"name":}', 2, 9),
        ('{"name":"n","license":"a","LICENSE":["b"]}', 1, 37),
    ],
)
def test_fault_has_its_line_and_column(text: str, line: int, column: int) -> None:
    with pytest.raises(InvalidPluginManifestError) as caught:
        parse_plugin_manifest(text.encode())
    cause = caught.value.__cause__
    assert isinstance(cause, InvalidDocumentError)
    assert (cause.line, cause.column) == (line, column)
    assert f"line {line}, column {column}" in str(caught.value)


def test_wrong_type_is_a_fault_even_where_a_later_key_is_right() -> None:
    with pytest.raises(InvalidPluginManifestError):
        parse_plugin_manifest(b'{"name":5,"name":"n"}')


@pytest.mark.parametrize(
    ("fields", "requires"),
    [
        ('"requires":["b","a"],"dependencies":["a","c"]', ("a", "b", "c")),
        ('"dependencies":{"node":">=18","x":"","y":null}', (">=18",)),
        ('"dependencies":{"a":"1","a":null}', None),
        ('"requires":[]', ()),
        ('"requires":{"a":""}', ()),
        ('"requires":null,"dependencies":[]', None),
        ('"dependencies":{}', None),
        ('"requires":["a",1],"dependencies":["b"]', ("b",)),
        ('"requires":[null]', ("",)),
        ('"REQUIRES":["a"]', ("a",)),
        ('"requires":"a"', None),
    ],
)
def test_requirements_are_joined_sorted_and_unique(fields: str, requires: tuple[str, ...] | None) -> None:
    assert parse_plugin_manifest(f'{{"name":"n",{fields}}}'.encode()).requires == requires


@pytest.mark.parametrize(
    ("declared", "count"),
    [("[]", 0), ("{}", 0), ("null", 0), ('["a",1,null]', 3), ('{"a":1,"a":2}', 1), ('"x"', 1), ('""', 1), ("0", 1)],
)
def test_reference_counts_what_is_declared(declared: str, count: int) -> None:
    manifest = parse_plugin_manifest(f'{{"name":"n","hooks":{declared}}}'.encode())
    assert declared_inventory(manifest) == ({"hooks": count} if count else None)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=100) | st.text(max_size=100).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes_are_refused_as_one_kind_of_error(data: bytes) -> None:
    with pytest.raises(InvalidPluginManifestError) as caught:
        parse_plugin_manifest(data)
    assert str(caught.value).isprintable()


def test_error_shows_little_of_what_a_stranger_wrote() -> None:
    with pytest.raises(InvalidPluginManifestError) as caught:
        parse_plugin_manifest(b'{"name":"n",' + b"\x1b[31m" * 5000 + b"}")
    assert len(str(caught.value)) < 400
    assert str(caught.value).isprintable()
