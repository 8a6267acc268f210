"""A catalog, in a registry and back; and what strangers may put in its place."""

import json
import subprocess
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from programs import required

from toolhive_plugins import (
    Descriptor,
    Digest,
    InvalidReferenceError,
    Manifest,
    Registry,
    RegistryNotFoundError,
    Store,
    to_json,
)
from toolhive_plugins_marketplaces import (
    ARTIFACT_TYPE_CATALOG,
    MEDIA_TYPE_CATALOG,
    Catalog,
    CatalogPlugin,
    InvalidCatalogError,
    Owner,
    Prefix,
    SurfaceSummary,
    fetch_catalog,
    parse_catalog_name,
    parse_prefix,
    push_catalog,
    read_catalog,
    write_catalog,
)

PREFIX = Prefix("ghcr.io", "acme/tools")
DIGEST = Digest.of(b"plugin")

texts = st.text(max_size=30)
names = st.from_regex(r"[a-z0-9]{1,8}(-[a-z0-9]{1,8})?", fullmatch=True)
summaries = st.builds(
    SurfaceSummary,
    parts=st.dictionaries(texts, st.integers(1, 99), max_size=3),
    programs=st.integers(0, 99),
    at_start=st.lists(texts, max_size=3).map(tuple),
)


@st.composite
def catalogs(draw: st.DrawFn) -> Catalog:
    plugins = [
        CatalogPlugin(
            name=name,
            repository=PREFIX.repository(name),
            digest=draw(st.binary(max_size=4).map(Digest.of)),
            version=draw(texts),
            description=draw(texts),
            tags=draw(st.lists(texts, max_size=2).map(tuple)),
            revision=draw(texts),
            made=draw(st.booleans()),
            dependencies=draw(st.lists(texts, max_size=2).map(tuple)),
            surface=draw(summaries),
        )
        for name in sorted(draw(st.sets(names, max_size=4)))
    ]
    return Catalog(
        name=draw(names),
        description=draw(texts),
        owner=Owner(draw(texts), draw(texts)),
        source=draw(texts),
        renames=draw(st.dictionaries(texts, texts, max_size=2)),
        plugins=tuple(plugins),
    )


@given(catalogs())
def test_what_is_written_is_what_is_read(catalog: Catalog) -> None:
    data = write_catalog(catalog)
    assert read_catalog(data, PREFIX, "test") == catalog
    assert write_catalog(read_catalog(data, PREFIX, "test")) == data


def example(*names: str, **fields: Any) -> Catalog:
    plugins = [CatalogPlugin(name=name, repository=PREFIX.repository(name), digest=DIGEST) for name in names]
    return Catalog(name="tools", plugins=tuple(plugins), **fields)


def test_one_prefix_or_another_gives_the_same_bytes() -> None:
    other = Prefix("quay.io", "mirror")
    moved = read_catalog(write_catalog(example("one")), other, "test")
    assert moved.plugins[0].reference == f"quay.io/mirror/one@{DIGEST}"
    assert write_catalog(moved) == write_catalog(example("one"))


@pytest.mark.parametrize(
    ("asked", "found"),
    [("one", "one"), ("ONE", "one"), ("old", "one"), ("older", "one"), ("loop", None), ("none", None), ("", None)],
)
def test_a_plugin_is_found_by_its_names(asked: str, found: str | None) -> None:
    catalog = example("one", "two", renames={"old": "one", "older": "old", "loop": "pool", "pool": "loop"})
    plugin = catalog.find(asked)
    assert (plugin.name if plugin else None) == found


def test_a_catalog_goes_to_a_registry_and_back(client: Registry, prefix: str) -> None:
    name = parse_catalog_name(prefix)
    digest = push_catalog(client, example("one", owner=Owner("Ann")), name.reference)
    opened = fetch_catalog(client, name)
    assert opened.digest == digest
    assert opened.catalog.owner == Owner("Ann")
    assert opened.catalog.plugins[0].reference == f"{prefix}/one@{DIGEST}"
    assert opened.pinned == f"{prefix}/toolhive.catalog@{digest}"
    assert fetch_catalog(client, parse_catalog_name(opened.pinned)).catalog == opened.catalog
    assert push_catalog(client, opened.catalog, f"{prefix}/toolhive.catalog:other") == digest


def test_other_tools_read_it(client: Registry, prefix: str) -> None:
    push_catalog(client, example("one"), f"{prefix}/toolhive.catalog:latest")
    ref = f"{prefix}/toolhive.catalog:latest"
    manifest = json.loads(subprocess.run([required("crane"), "manifest", ref], capture_output=True, check=True).stdout)
    assert manifest["artifactType"] == ARTIFACT_TYPE_CATALOG
    blob = f"{prefix}/toolhive.catalog@{manifest['layers'][0]['digest']}"
    layer = subprocess.run([required("crane"), "blob", blob], capture_output=True, check=True).stdout
    assert [plugin["name"] for plugin in json.loads(layer)["plugins"]] == ["one"]


def test_there_is_no_catalog(client: Registry, prefix: str) -> None:
    with pytest.raises(RegistryNotFoundError):
        fetch_catalog(client, parse_catalog_name(prefix))


@pytest.mark.parametrize(
    ("text", "reference", "path"),
    [
        ("ghcr.io/acme/tools", "ghcr.io/acme/tools/toolhive.catalog:latest", "acme/tools"),
        ("ghcr.io/acme/tools/toolhive.catalog", "ghcr.io/acme/tools/toolhive.catalog:latest", "acme/tools"),
        ("ghcr.io/acme/tools/toolhive.catalog:may", "ghcr.io/acme/tools/toolhive.catalog:may", "acme/tools"),
        (f"ghcr.io/acme/x@{DIGEST}", f"ghcr.io/acme/x@{DIGEST}", "acme"),
    ],
)
def test_a_catalog_is_named_by_its_prefix_or_by_reference(text: str, reference: str, path: str) -> None:
    name = parse_catalog_name(text)
    assert (name.reference, name.prefix) == (reference, Prefix("ghcr.io", path))


@pytest.mark.parametrize("text", ["ghcr.io", "ghcr.io/x:tag", "https://ghcr.io/a/b", "ghcr.io/A/b", ""])
def test_what_names_no_catalog(text: str) -> None:
    with pytest.raises(InvalidReferenceError):
        parse_catalog_name(text)


def test_a_prefix_has_no_tag() -> None:
    with pytest.raises(InvalidReferenceError, match="a prefix has none"):
        parse_prefix("ghcr.io/acme/tools:latest")


PLUGIN: dict[str, Any] = {"name": "one", "repository": "one", "digest": DIGEST}

CHANGES: list[dict[str, Any]] = [
    {"name": "../one"},
    {"name": "One"},
    {"name": "toolhive.catalog"},
    {"name": "one\n"},
    {"repository": "../one"},
    {"repository": "a/b"},
    {"repository": "one@sha256:0"},
    {"repository": "evil.example/x"},
    {"digest": "sha256:0"},
    {"digest": "md5:" + "0" * 32},
    {"digest": f"{DIGEST}; rm -rf /"},
    {"made": 1},
    {"tags": "x"},
    {"surface": []},
    {"surface": {"programs": -1}},
    {"surface": {"parts": {"hook": 1.5}}},
    {"surface": {"atStart": ["x"] * 21}},
]


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"[]",
        b"{",
        b'{"schemaVersion":1,"schemaVersion":1,"name":"x"}',
        b"[" * 100_000,
        {},
        {"schemaVersion": 2, "name": "x"},
        {"schemaVersion": "1", "name": "x"},
        {"schemaVersion": 1},
        {"schemaVersion": 1, "name": 5},
        {"schemaVersion": 1, "name": "x" * 5000},
        {"schemaVersion": 1, "name": "x", "plugins": {}},
        {"schemaVersion": 1, "name": "x", "plugins": ["one"]},
        {"schemaVersion": 1, "name": "x", "plugins": [PLUGIN, PLUGIN]},
        {"schemaVersion": 1, "name": "x", "plugins": [PLUGIN] * 10_001},
        *({"schemaVersion": 1, "name": "x", "plugins": [PLUGIN | change]} for change in CHANGES),
    ],
    ids=lambda value: str(value)[:60],
)
def test_hostile_catalogs_are_refused(document: bytes | dict[str, Any]) -> None:
    data = document if isinstance(document, bytes) else json.dumps(document).encode()
    with pytest.raises(InvalidCatalogError):
        read_catalog(data, PREFIX, "test")


def put_artifact(store: Store, layers: tuple[tuple[str, bytes], ...], artifact_type: str) -> Digest:
    store.put_blob(b"{}")
    descriptors = []
    for media_type, data in layers:
        store.put_blob(data)
        descriptors.append(Descriptor(media_type, Digest.of(data), len(data)))
    config = Descriptor("application/vnd.oci.empty.v1+json", Digest.of(b"{}"), 2)
    manifest = Manifest(artifact_type=artifact_type, config=config, layers=tuple(descriptors))
    return store.put_manifest(to_json(manifest))


@pytest.mark.parametrize(
    ("layers", "artifact_type", "problem"),
    [
        (((MEDIA_TYPE_CATALOG, b"{}"),), "dev.toolhive.plugins.v1", "artifact type"),
        (((MEDIA_TYPE_CATALOG, b"{}"),), "", "artifact type"),
        ((), ARTIFACT_TYPE_CATALOG, "no single layer"),
        (((MEDIA_TYPE_CATALOG, b"{}"), (MEDIA_TYPE_CATALOG, b"[]")), ARTIFACT_TYPE_CATALOG, "no single layer"),
        ((("application/json", b"{}"),), ARTIFACT_TYPE_CATALOG, "no single layer"),
        (((MEDIA_TYPE_CATALOG, b"not JSON"),), ARTIFACT_TYPE_CATALOG, "is not a catalog"),
    ],
)
def test_an_artifact_that_is_no_catalog(
    client: Registry,
    prefix: str,
    tmp_path: Any,
    layers: tuple[tuple[str, bytes], ...],
    artifact_type: str,
    problem: str,
) -> None:
    store = Store(tmp_path / "store")
    client.push(store, put_artifact(store, layers, artifact_type), f"{prefix}/toolhive.catalog:latest")
    with pytest.raises(InvalidCatalogError, match=problem):
        fetch_catalog(client, parse_catalog_name(prefix))
