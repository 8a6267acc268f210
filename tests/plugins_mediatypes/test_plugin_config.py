"""A plugin's metadata goes into labels and comes out again, and hostile labels give our errors only."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolhive_artifact import ContainerConfig, DocumentLimitError, ImageConfig, InvalidDocumentError, to_json
from toolhive_plugins_mediatypes import (
    ANNOTATION_PLUGIN_COMPONENTS,
    ANNOTATION_PLUGIN_REQUIRES,
    LABEL_PLUGIN_COMPONENTS,
    LABEL_PLUGIN_FILES,
    LABEL_PLUGIN_NAME,
    ComponentInventory,
    PluginConfig,
    parse_components_annotation,
    parse_requires_annotation,
    plugin_config_from_image_config,
    plugin_metadata,
)

_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
_texts = st.none() | st.lists(_text, max_size=5).map(tuple)
_counts = st.dictionaries(_text, st.integers(-(2**63), 2**63 - 1), max_size=5)
_configs = st.builds(
    PluginConfig,
    name=_text.filter(bool),
    description=_text,
    version=_text,
    license=_text,
    files=_texts,
    components=st.none() | _counts.map(ComponentInventory),
    requires=_texts,
)


def _image_config(labels: dict[str, str] | None) -> bytes:
    return to_json(ImageConfig(config=ContainerConfig(labels=labels)))


@settings(max_examples=200, deadline=None)
@given(_configs)
def test_config_survives_the_labels(config: PluginConfig) -> None:
    assert plugin_config_from_image_config(_image_config(plugin_metadata(config))) == config


def test_parsed_document_and_its_bytes_read_the_same() -> None:
    document = ImageConfig(config=ContainerConfig(labels={LABEL_PLUGIN_NAME: "n", LABEL_PLUGIN_FILES: '["a"]'}))
    assert plugin_config_from_image_config(document) == plugin_config_from_image_config(to_json(document))


def test_labels_are_written_as_toolhive_core_writes_them() -> None:
    config = PluginConfig("n", files=("<a>", "b"), components=ComponentInventory({"hooks": 1, "agents": 2}))
    metadata = plugin_metadata(config)
    assert metadata[LABEL_PLUGIN_FILES] == '["\\u003ca\\u003e","b"]'
    assert metadata[LABEL_PLUGIN_COMPONENTS] == '{"agents":2,"hooks":1}'
    assert metadata[ANNOTATION_PLUGIN_REQUIRES] == "null"


def test_file_name_that_is_not_utf8_reads_back_as_what_can_be_shown() -> None:
    metadata = plugin_metadata(PluginConfig("n", files=("a\udcff.md",)))
    assert metadata[LABEL_PLUGIN_FILES] == '["a\ufffd.md"]'
    assert plugin_config_from_image_config(_image_config(metadata)).files == ("a�.md",)


def test_lists_given_to_a_config_become_tuples() -> None:
    config = PluginConfig("n", files=["a"], components={"hooks": 1}, requires=["b"])
    assert (config.files, config.components, config.requires) == (("a",), ComponentInventory(hooks=1), ("b",))
    assert isinstance(config.components, ComponentInventory)


def test_configs_are_hashable() -> None:
    one, same = (PluginConfig("n", components=ComponentInventory(hooks=1)) for _ in range(2))
    assert {one, same} == {one}


@pytest.mark.parametrize("labels", [None, {}, {LABEL_PLUGIN_NAME: ""}, {"name": "n"}])
def test_config_without_a_name_is_refused(labels: dict[str, str] | None) -> None:
    with pytest.raises(InvalidDocumentError):
        plugin_config_from_image_config(_image_config(labels))


def test_config_that_is_too_large_is_refused() -> None:
    with pytest.raises(DocumentLimitError):
        plugin_config_from_image_config(b" " * (1024 * 1024 + 1))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200) | _text.map(str.encode))
def test_any_bytes_give_a_config_or_our_error(data: bytes) -> None:
    with pytest.raises(InvalidDocumentError):
        plugin_config_from_image_config(data)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=50))
def test_any_annotation_reads_as_something_or_nothing(text: str) -> None:
    annotations = {ANNOTATION_PLUGIN_COMPONENTS: text, ANNOTATION_PLUGIN_REQUIRES: text}
    assert isinstance(parse_components_annotation(annotations), ComponentInventory | None)
    assert isinstance(parse_requires_annotation(annotations), tuple | None)


def test_annotation_nested_too_deep_reads_as_nothing() -> None:
    assert parse_requires_annotation({ANNOTATION_PLUGIN_REQUIRES: "[" * 20_000 + "]" * 20_000}) is None


def test_no_annotations_read_as_nothing() -> None:
    assert parse_components_annotation(None) is None
    assert parse_requires_annotation({}) is None
