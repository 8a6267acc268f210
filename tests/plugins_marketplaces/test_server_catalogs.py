"""The catalog of a ToolHive registry server is read page by page; whatever it answers."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from web_server import WebServer, serving

from toolhive_plugins import Digest, Registry, RegistryNotFoundError
from toolhive_plugins_marketplaces import Catalog, InvalidCatalogError, push_catalog, read_server_catalog

DIGEST = Digest.of(b"plugin")
PATH = "/registry/default/v0.1/x/dev.toolhive/plugins"


@pytest.fixture
def web() -> Iterator[WebServer]:
    with serving() as running:
        yield running


def entry(name: str = "one", **fields: Any) -> dict[str, Any]:
    package = {"registryType": "oci", "identifier": f"ghcr.io/acme/{name}:1.0.0", "digest": DIGEST}
    return {
        "namespace": "io.acme",
        "name": name,
        "description": "d",
        "version": "1.0.0",
        "packages": [package],
        **fields,
    }


def page(web: WebServer, *entries: Any, cursor: str = "", at: str = "") -> None:
    query = f"?limit=100{f'&cursor={at}' if at else ''}"
    document = {"plugins": list(entries), "metadata": {"count": len(entries), "nextCursor": cursor}}
    web.files[PATH + query] = json.dumps(document).encode()


def test_all_pages_are_read(client: Registry, web: WebServer) -> None:
    page(web, entry("two"), cursor="abc")
    page(web, entry("one", license="MIT"), at="abc")
    found = read_server_catalog(f"{web.url}/registry/default/", client)
    assert [plugin.reference for plugin in found.catalog.plugins] == [
        f"ghcr.io/acme/one@{DIGEST}",
        f"ghcr.io/acme/two@{DIGEST}",
    ]
    assert (found.catalog.plugins[0].license, found.skipped, found.digest) == ("MIT", (), "")


def test_a_tag_means_what_it_names_now(client: Registry, web: WebServer, prefix: str) -> None:
    digest = push_catalog(client, Catalog(name="any"), f"{prefix}/one:1.0.0")
    page(
        web,
        entry("one", packages=[{"registryType": "oci", "identifier": f"{prefix}/one:1.0.0"}]),
        entry("two", packages=[{"registryType": "oci", "identifier": f"{prefix}/two:1.0.0"}]),
    )
    found = read_server_catalog(f"{web.url}/registry/default", client)
    assert [plugin.reference for plugin in found.catalog.plugins] == [f"{prefix}/one@{digest}"]
    assert "is not there" in found.skipped[0].reason


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (entry("One"), "cannot be a repository's"),
        (entry(packages=[]), "in no OCI registry"),
        (entry(packages=[{"registryType": "git", "url": "https://h/x"}]), "in no OCI registry"),
        (entry(packages=[{"registryType": "oci", "identifier": "ghcr.io/../x", "digest": DIGEST}]), "repository"),
        (entry(packages=[{"registryType": "oci", "identifier": "ghcr.io/a/b:1", "digest": "sha256:0"}]), "digest"),
        (entry(packages=[{"registryType": "oci", "identifier": "ghcr.io/a/b"}]), "neither a tag nor a digest"),
        (entry(packages="x"), "must be a list"),
        (entry(status="archived"), "is archived"),
        (entry("good"), "another plugin has that name"),
        (entry(version=5), "version must be text"),
    ],
)
def test_what_cannot_be_taken_is_told(client: Registry, web: WebServer, bad: dict[str, Any], why: str) -> None:
    page(web, entry("good"), bad)
    found = read_server_catalog(f"{web.url}/registry/default", client)
    assert [plugin.name for plugin in found.catalog.plugins] == ["good"]
    assert len(found.skipped) == 1
    assert why in found.skipped[0].reason


@pytest.mark.parametrize(
    "answer", [b"", b"[]", b'{"plugins": 5}', b'{"plugins": ["x"]}', b'{"plugins": [], "metadata": 5}']
)
def test_what_is_no_list_of_plugins(client: Registry, web: WebServer, answer: bytes) -> None:
    web.files[f"{PATH}?limit=100"] = answer
    with pytest.raises(InvalidCatalogError):
        read_server_catalog(f"{web.url}/registry/default", client)


def test_pages_without_end_are_given_up(client: Registry, web: WebServer) -> None:
    page(web, cursor="a")
    page(web, cursor="a", at="a")
    with pytest.raises(InvalidCatalogError, match="leads back"):
        read_server_catalog(f"{web.url}/registry/default", client)
    with pytest.raises(RegistryNotFoundError):
        read_server_catalog(f"{web.url}/elsewhere", client)
