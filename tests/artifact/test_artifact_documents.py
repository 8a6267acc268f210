"""OCI documents: written with the bytes of Go's encoder, and read as its decoder reads."""

import contextlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolhive_artifact import (
    MEDIA_TYPE_IMAGE_CONFIG,
    MEDIA_TYPE_IMAGE_INDEX,
    MEDIA_TYPE_IMAGE_LAYER_GZIP,
    MEDIA_TYPE_IMAGE_MANIFEST,
    ContainerConfig,
    Descriptor,
    Digest,
    DocumentLimitError,
    History,
    ImageConfig,
    Index,
    InvalidDocumentError,
    Manifest,
    Platform,
    RootFS,
    SizeLimitError,
    ToolhiveError,
    parse_descriptor,
    parse_image_config,
    parse_index,
    parse_json,
    parse_manifest,
    to_json,
)

A = Digest("sha256:" + "a" * 64)
B = Digest("sha256:" + "b" * 64)
CONFIG = Descriptor(MEDIA_TYPE_IMAGE_CONFIG, A, 12)


def descriptor_text(digest: str = A, size: object = 12, **more: object) -> str:
    return json.dumps({"mediaType": MEDIA_TYPE_IMAGE_CONFIG, "digest": digest, "size": size, **more})


def manifest_text(**more: object) -> str:
    return json.dumps({"schemaVersion": 2, "config": json.loads(descriptor_text()), "layers": [], **more})


class TestEncoding:
    def test_descriptor_with_everything_is_written_in_the_order_of_go(self) -> None:
        descriptor = Descriptor(
            media_type=MEDIA_TYPE_IMAGE_MANIFEST,
            digest=A,
            size=5,
            urls=("https://example.com/<x>",),
            annotations={"b": "2", "a": "1"},
            data=b"hello",
            platform=Platform("windows", "arm", "v7", os_version="10.0", os_features=("win32k",)),
            artifact_type="t",
        )
        assert to_json(descriptor).decode() == (
            f'{{"mediaType":"{MEDIA_TYPE_IMAGE_MANIFEST}","digest":"{A}","size":5,'
            '"urls":["https://example.com/\\u003cx\\u003e"],"annotations":{"a":"1","b":"2"},"data":"aGVsbG8=",'
            '"platform":{"architecture":"arm","os":"windows","os.version":"10.0","os.features":["win32k"],'
            '"variant":"v7"},"artifactType":"t"}'
        )

    def test_manifest_is_written_in_the_order_of_go(self) -> None:
        layer = Descriptor(MEDIA_TYPE_IMAGE_LAYER_GZIP, B, 7)
        manifest = Manifest(config=CONFIG, layers=(layer,), artifact_type="t", subject=CONFIG, annotations={"k": "v"})
        config, layer_text = to_json(CONFIG).decode(), to_json(layer).decode()
        assert to_json(manifest).decode() == (
            f'{{"schemaVersion":2,"mediaType":"{MEDIA_TYPE_IMAGE_MANIFEST}","artifactType":"t","config":{config},'
            f'"layers":[{layer_text}],"subject":{config},"annotations":{{"k":"v"}}}}'
        )

    def test_index_is_written_in_the_order_of_go(self) -> None:
        index = Index(manifests=(CONFIG,), artifact_type="t", subject=CONFIG, annotations={"k": "v"})
        config = to_json(CONFIG).decode()
        assert to_json(index).decode() == (
            f'{{"schemaVersion":2,"mediaType":"{MEDIA_TYPE_IMAGE_INDEX}","artifactType":"t",'
            f'"manifests":[{config}],"subject":{config},"annotations":{{"k":"v"}}}}'
        )

    def test_image_config_with_everything_is_written_in_the_order_of_go(self) -> None:
        config = ImageConfig(
            created="1970-01-01T00:00:00Z",
            author="me",
            architecture="arm",
            os="linux",
            os_version="1",
            os_features=("f",),
            variant="v7",
            config=ContainerConfig(
                user="u",
                exposed_ports=("22/tcp", "80/tcp"),
                env=("A=1",),
                entrypoint=("e",),
                cmd=("c",),
                volumes=("/v",),
                working_dir="/w",
                labels={"z": "1", "y": "2"},
                stop_signal="TERM",
                args_escaped=True,
            ),
            rootfs=RootFS(diff_ids=(A,)),
            history=(
                History(created="1970-01-01T00:00:00Z", created_by="x", author="a", comment="c", empty_layer=True),
            ),
        )
        assert to_json(config).decode() == (
            '{"created":"1970-01-01T00:00:00Z","author":"me","architecture":"arm","os":"linux","os.version":"1",'
            '"os.features":["f"],"variant":"v7","config":{"User":"u","ExposedPorts":{"22/tcp":{},"80/tcp":{}},'
            '"Env":["A=1"],"Entrypoint":["e"],"Cmd":["c"],"Volumes":{"/v":{}},"WorkingDir":"/w",'
            '"Labels":{"y":"2","z":"1"},"StopSignal":"TERM","ArgsEscaped":true},'
            f'"rootfs":{{"type":"layers","diff_ids":["{A}"]}},'
            '"history":[{"created":"1970-01-01T00:00:00Z","created_by":"x","author":"a","comment":"c",'
            '"empty_layer":true}]}'
        )
        assert parse_image_config(to_json(config), strict=True) == config

    def test_empty_fields_are_omitted_unless_go_always_writes_them(self) -> None:
        assert to_json(Manifest(config=CONFIG, media_type="")).decode() == (
            f'{{"schemaVersion":2,"config":{to_json(CONFIG).decode()},"layers":[]}}'
        )
        assert to_json(Index(media_type="")) == b'{"schemaVersion":2,"manifests":[]}'
        assert to_json(ImageConfig()) == (
            b'{"architecture":"","os":"","config":{},"rootfs":{"type":"layers","diff_ids":[]}}'
        )

    text = st.text(max_size=8)
    annotations = st.none() | st.dictionaries(text, text, min_size=1, max_size=3)
    platforms = st.none() | st.builds(Platform, os=text, architecture=text, variant=text, os_version=text)
    descriptors = st.builds(
        Descriptor,
        media_type=text,
        digest=st.sampled_from([A, B]),
        size=st.integers(0, 2**63 - 1),
        urls=st.lists(text, max_size=2).map(tuple),
        annotations=annotations,
        data=st.none() | st.binary(min_size=1, max_size=9),
        platform=platforms,
        artifact_type=text,
    )

    @given(descriptors, st.lists(descriptors, max_size=3).map(tuple), annotations, text)
    @settings(max_examples=100, deadline=None)
    def test_documents_read_back_as_they_were_written(
        self, one: Descriptor, some: tuple[Descriptor, ...], annotations: dict[str, str] | None, text: str
    ) -> None:
        manifest = Manifest(config=one, layers=some, subject=one, annotations=annotations, artifact_type=text)
        assert parse_manifest(to_json(manifest), strict=True) == manifest
        index = Index(manifests=some, annotations=annotations, media_type=text)
        assert parse_index(to_json(index), strict=True) == index
        assert parse_descriptor(parse_json(to_json(one), where="")) == one


class TestDecoding:
    def test_keys_match_in_any_case_and_the_last_wins(self) -> None:
        text = '{"OS":"a","oS":"b","architecture":"x","ARCHITECTURE":null,"o\u017f":"c"}'
        config = parse_image_config(text.encode())
        assert (config.os, config.architecture) == ("c", "x")

    def test_objects_written_twice_are_merged(self) -> None:
        text = b'{"config":{"User":"u","Labels":{"a":"1","b":"2"}},"config":{"Labels":{"b":"3","c":null}}}'
        config = parse_image_config(text).config
        assert config.user == "u"
        assert config.labels == {"a": "1", "b": "3", "c": ""}

    @pytest.mark.parametrize(
        "text",
        [
            b'{"config":{' + b",".join(b'"ExposedPorts":{"%d":{}}' % port for port in range(30_000)) + b"}}",
            b"{" + b",".join(b'"config":{"Labels":{"%d":""}}' % label for label in range(25_000)) + b"}",
        ],
        ids=["in one object", "in many"],
    )
    def test_a_field_that_appears_too_often_is_refused_before_merging_takes_long(self, text: bytes) -> None:
        with pytest.raises(DocumentLimitError, match="times; the limit is 16"):
            parse_image_config(text)

    def test_null_resets_a_map_but_leaves_a_plain_value_and_a_struct(self) -> None:
        text = b'{"author":"a","author":null,"config":{"User":"u","Labels":{"a":"1"},"Labels":null},"config":null}'
        config = parse_image_config(text)
        assert config.author == "a"
        assert config.config == ContainerConfig(user="u", labels=None)

    def test_null_leaves_a_digest_too(self) -> None:
        text = descriptor_text()[:-1] + ',"digest":null}'
        assert parse_descriptor(parse_json(text.encode(), where="")).digest == A

    def test_null_in_an_array_of_strings_is_an_empty_string(self) -> None:
        assert parse_image_config(b'{"os.features":["a",null]}').os_features == ("a", "")

    def test_an_absent_map_differs_from_an_empty_one(self) -> None:
        assert parse_image_config(b"{}").config.labels is None
        assert parse_image_config(b'{"config":{"Labels":{}}}').config.labels == {}

    def test_unknown_fields_are_ignored_whatever_they_hold(self) -> None:
        assert parse_image_config(b'{"x":[{"y":1e999}],"os":"linux"}').os == "linux"

    def test_null_for_a_whole_image_config_is_an_empty_one(self) -> None:
        assert parse_image_config(b"null") == ImageConfig(rootfs=RootFS(type=""))

    def test_media_type_and_layers_may_be_absent(self) -> None:
        manifest = parse_manifest(f'{{"config":{descriptor_text()}}}'.encode())
        assert (manifest.media_type, manifest.layers, manifest.schema_version) == ("", (), 0)

    @pytest.mark.parametrize(
        ("text", "problem"),
        [
            ("[]", "the document must be an object, not an array"),
            ('{"os":5}', "line 1, column 7: os must be a string, not the number 5"),
            ('{"config":[]}', "config must be an object, not an array"),
            ('{"config":{"Labels":{"a":1}}}', "config.Labels.a must be a string, not the number 1"),
            ('{"config":{"Labels":{"a.b":{}}}}', "config.Labels['a.b'] must be a string, not an object"),
            ('{"config":{"Env":"x"}}', "config.Env must be an array, not the string 'x'"),
            ('{"config":{"Env":[true]}}', "config.Env[0] must be a string, not a boolean"),
            ('{"config":{"Volumes":{"a":1}}}', "config.Volumes.a must be an object"),
            ('{"config":{"Volumes":[]}}', "config.Volumes must be an object"),
            ('{"config":{"ArgsEscaped":"yes"}}', "config.ArgsEscaped must be true or false"),
            ('{"created":"yesterday"}', "created must be an RFC 3339 time"),
            ('{"created":5}', "created must be an RFC 3339 time, not the number 5"),
            ('{"rootfs":{"diff_ids":["md5:x"]}}', "rootfs.diff_ids[0] must be sha256:"),
            ('{"rootfs":{"diff_ids":[null]}}', "rootfs.diff_ids[0] must not be null"),
            ('{"history":[{"empty_layer":1}]}', "history[0].empty_layer must be true or false"),
            ('{"os":"a","OS":1}', "line 1, column 16: OS must be a string"),
            ('{"config":{"Labels":5},\n"config":"x"}', "line 1, column 21: config.Labels must be an object"),
            ('{"config":{"Env":["a",5]},\n"config":{"Env":[]}}', "line 1, column 23: config.Env[1] must be a string"),
            ('{"os":5,"os":"x"}', "line 1, column 7: os must be a string"),
        ],
    )
    def test_value_of_another_type_is_refused_and_named(self, text: str, problem: str) -> None:
        with pytest.raises(InvalidDocumentError) as caught:
            parse_image_config(text.encode(), where="cfg")
        assert problem in str(caught.value)
        assert str(caught.value).startswith("cfg")

    @pytest.mark.parametrize(
        ("text", "problem"),
        [
            ("null", "must be an object, not null"),
            ("{}", "the document has no field 'config'"),
            ('{"config":null}', "the document has no field 'config'"),
            ('{"config":{}}', "config has no field 'digest'"),
            ('{"config":' + descriptor_text("sha256:AA") + "}", "config.digest must be sha256:"),
            ('{"config":' + descriptor_text("sha512:" + "a" * 128) + "}", "config.digest must be sha256:"),
            ('{"config":' + descriptor_text(size=-1) + "}", "config.size must be a size in bytes, not the number -1"),
            ('{"config":' + descriptor_text(size=1.5) + "}", "config.size must be a size in bytes"),
            ('{"config":' + descriptor_text(size=2**63) + "}", "config.size must be a size in bytes"),
            ('{"config":' + descriptor_text(size="1") + "}", "config.size must be a size in bytes"),
            ('{"config":' + descriptor_text(data="!") + "}", "config.data must be base64"),
            ('{"config":' + descriptor_text(data="YQ=") + "}", "config.data must be base64"),
            (manifest_text(layers=[None]), "layers[0] must not be null"),
            (manifest_text(layers={}), "layers must be an array"),
            (manifest_text(schemaVersion="2"), "schemaVersion must be a 64-bit integer, not the string '2'"),
            (manifest_text(subject=5), "subject must be an object"),
        ],
    )
    def test_manifest_that_cannot_be_used_is_refused_and_the_field_named(self, text: str, problem: str) -> None:
        with pytest.raises(InvalidDocumentError) as caught:
            parse_manifest(text.encode())
        assert problem in str(caught.value)

    def test_embedded_data_may_be_broken_into_lines(self) -> None:
        value = parse_json(descriptor_text(data="aGVs\nbG8=\r\n").encode(), where="")
        assert parse_descriptor(value).data == b"hello"

    @given(st.binary(max_size=60))
    @settings(max_examples=200, deadline=None)
    def test_any_bytes_give_a_document_or_our_error(self, data: bytes) -> None:
        for parse in (parse_manifest, parse_index, parse_image_config):
            for text in (data, b'{"config":' + data + b"}", b'{"manifests":[' + data + b"]}"):
                with contextlib.suppress(ToolhiveError):
                    parse(text)


class TestStrictness:
    @pytest.mark.parametrize(
        "text",
        [
            manifest_text()[:-1] + ',"layers":[]}',
            manifest_text()[:-1] + ',"LAYERS":[]}',
            manifest_text()[:-1] + ',"annotations":{"a":"1","a":"1"}}',
            manifest_text()[:-1] + ',"unknown":[{"a":1,"a":1}]}',
            manifest_text(schemaVersion=1),
            manifest_text(schemaVersion=0),
        ],
    )
    def test_what_two_readers_could_take_in_two_ways_is_refused_on_request(self, text: str) -> None:
        parse_manifest(text.encode())
        with pytest.raises(InvalidDocumentError):
            parse_manifest(text.encode(), strict=True)

    def test_a_folded_duplicate_is_named(self) -> None:
        text = manifest_text()[:-1] + ',"LAYERS":[]}'
        with pytest.raises(InvalidDocumentError, match="LAYERS appears twice"):
            parse_manifest(text.encode(), strict=True)


class TestLimits:
    @pytest.mark.parametrize(("count", "fits"), [(64, True), (65, False)])
    def test_a_manifest_has_at_most_64_layers(self, count: int, fits: bool) -> None:
        data = manifest_text(layers=[json.loads(descriptor_text())] * count).encode()
        if fits:
            assert len(parse_manifest(data).layers) == count
            return
        with pytest.raises(SizeLimitError, match="layers has 65 elements; the limit is 64"):
            parse_manifest(data)

    @pytest.mark.parametrize(("count", "fits"), [(32, True), (33, False)])
    def test_an_index_lists_at_most_32_manifests(self, count: int, fits: bool) -> None:
        data = json.dumps({"manifests": [json.loads(descriptor_text())] * count}).encode()
        if fits:
            assert len(parse_index(data).manifests) == count
            return
        with pytest.raises(SizeLimitError, match="manifests has 33 elements; the limit is 32"):
            parse_index(data)

    @pytest.mark.parametrize("parse", [parse_manifest, parse_index, parse_image_config])
    def test_a_document_has_at_most_one_mebibyte(self, parse: Callable[[bytes], Any]) -> None:
        with pytest.raises(DocumentLimitError, match="is 1048577 bytes"):
            parse(b" " * (1024 * 1024 + 1))


# What was read before


@pytest.mark.parametrize("read", [parse_manifest, parse_index, parse_image_config])
def test_what_a_lenient_reader_took_is_refused_to_a_strict_one_all_the_same(read: Callable[..., object]) -> None:
    twice = b'{"schemaVersion": 2,' + manifest_text().encode().strip()[1:]
    read(twice)
    with pytest.raises(InvalidDocumentError, match="duplicate key"):
        read(twice, strict=True)
    read(twice)


def test_what_is_malformed_is_refused_each_time_by_the_name_it_has_then() -> None:
    for name in ("one", "other"):
        with pytest.raises(InvalidDocumentError) as caught:
            parse_manifest(b'{"layers": 7}', where=name)
        assert caught.value.where == name


def test_the_same_bytes_are_no_other_kind_of_document() -> None:
    text = manifest_text().encode()
    assert isinstance(parse_manifest(text), Manifest)
    assert isinstance(parse_index(text), Index)
    assert parse_manifest(text, strict=True) == parse_manifest(text)


def test_of_many_documents_each_is_itself() -> None:
    texts = [manifest_text(annotations={"n": str(number)}).encode() for number in range(1000)]
    for _ in range(2):
        assert [parse_manifest(text).annotations for text in texts] == [{"n": str(n)} for n in range(1000)]
