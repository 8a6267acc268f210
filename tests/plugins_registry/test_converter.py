"""JSON from outside becomes attrs classes, or an error that says where, and quotes nothing."""

import traceback

import pytest
from attrs import field, frozen
from hypothesis import given
from hypothesis import strategies as st

from toolhive_artifact import DocumentLimitError, InvalidDocumentError
from toolhive_plugins_registry.converter import JSON_NAME, InvalidFieldError, read_json

SECRET = "s3cret-in-the-document"


@frozen
class Inner:
    name: str = field(default="", metadata={JSON_NAME: "displayName"})
    count: int = 0


@frozen
class Outer:
    inner: Inner = field(factory=Inner)
    items: tuple[Inner, ...] = ()
    by_host: dict[str, str] = field(factory=dict, metadata={JSON_NAME: "byHost"})


def read(text: str) -> Outer:
    return read_json(text.encode(), Outer, where="answer", max_size=1000)


def test_document_becomes_values() -> None:
    outer = read(
        '{"inner": {"displayName": "x", "count": 3, "other": 1}, "items": [{}, {"count": 1}], "byHost": {"h": "v"}}'
    )
    assert outer == Outer(Inner("x", 3), (Inner(), Inner(count=1)), {"h": "v"})


def test_names_match_as_in_go_and_null_is_absent() -> None:
    assert read('{"INNER": {"displayname": "x"}, "items": null, "byhost": {"h": null}}') == Outer(
        Inner("x"), (), {"h": ""}
    )
    assert read("null") == Outer()


@pytest.mark.parametrize(
    ("text", "problem", "line", "column"),
    [
        ("[1]", "the document is not an object", 1, 1),
        ('{"inner": 5}', "inner is not an object", 1, 11),
        ('{\n "inner": {"displayName": [1]}}', "inner.displayName is not a string", 2, 27),
        ('{"inner": {"Displayname": [1]}}', "inner.displayName is not a string", 1, 27),
        ('{"inner": {"count": 1.5}}', "inner.count is not an integer", 1, 21),
        ('{"items": {}}', "items is not an array", 1, 11),
        ('{"items": "text"}', "items is not an array", 1, 11),
        ('{"items": [{}, {"count": "x"}]}', "items[1].count is not an integer", 1, 26),
        ('{"byHost": []}', "byHost is not an object", 1, 12),
        (f'{{"byHost": {{"{SECRET}": []}}}}', "byHost[*] is not a string", 1, 39),
    ],
)
def test_value_of_the_wrong_type_is_named_by_path_line_and_column(
    text: str, problem: str, line: int, column: int
) -> None:
    with pytest.raises(InvalidFieldError) as caught:
        read(text)
    assert caught.value.problem == problem
    assert (caught.value.line, caught.value.column) == (line, column)
    assert caught.value.where == f"answer, line {line}, column {column}"


@pytest.mark.parametrize(
    "text",
    [
        f'{{"inner": "{SECRET}"}}',
        f'{{"inner": {{"count": "{SECRET}"}}}}',
        f'{{"items": [{{"count": "{SECRET}"}}, "{SECRET}"]}}',
        f'{{"byHost": {{"{SECRET}": ["{SECRET}"]}}}}',
    ],
)
def test_error_quotes_no_value_and_carries_no_error_that_does(text: str) -> None:
    with pytest.raises(InvalidFieldError) as caught:
        read(text)
    assert caught.value.__context__ is None
    assert caught.value.__cause__ is None
    assert SECRET not in "".join(traceback.format_exception(caught.value)) + repr(vars(caught.value))


def test_document_that_is_too_large_is_not_read() -> None:
    with pytest.raises(DocumentLimitError):
        read(" " * 1001)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["inner", "items", "byHost", "displayName", "count", "INNER"]) | st.text(),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)


@given(_JSON)
def test_any_document_is_read_or_refused(value: object) -> None:
    import json

    text = json.dumps(value)
    try:
        outer = read_json(text.encode(), Outer, where="answer", max_size=10**6)
    except InvalidDocumentError as error:
        assert error.__context__ is None
    else:
        assert isinstance(outer.inner.name, str)
        assert all(isinstance(item.count, int) for item in outer.items)
        assert all(isinstance(name, str) for name in outer.by_host.values())
