"""How someone who depends on the interfaces tests with the mocks."""

from unittest.mock import ANY

import pytest
from attrs import frozen

from toolhive_artifact import DEFAULT_PLATFORMS, Digest
from toolhive_plugins_interfaces import (
    InvalidPluginManifestError,
    PackageResult,
    PluginPackager,
    RegistryClient,
    RegistryConnectionError,
)
from toolhive_plugins_mediatypes import PluginConfig
from toolhive_plugins_mocks import MockPluginPackager, MockRegistryClient
from toolhive_plugins_store import Store

pytest_plugins = ["toolhive_plugins_mocks.pytest_plugin"]


@frozen
class Publisher:
    """The consumer: packages a plugin and pushes it, once more where the connection broke."""

    packager: PluginPackager
    client: RegistryClient
    store: Store

    def publish(self, plugin_dir: str, ref: str) -> Digest:
        """Return what was pushed."""
        digest = self.packager.package(plugin_dir).index_digest
        try:
            self.client.push(self.store, digest, ref)
        except RegistryConnectionError:
            self.client.push(self.store, digest, ref)
        return digest


@pytest.fixture
def publisher(
    mock_plugin_packager: MockPluginPackager, mock_registry_client: MockRegistryClient, store: Store
) -> Publisher:
    """The consumer with both its neighbours mocked."""
    return Publisher(mock_plugin_packager, mock_registry_client, store)


@pytest.fixture
def built(digest: Digest) -> PackageResult:
    """What packaging gives."""
    other = Digest.of(b"another part")
    return PackageResult(
        index_digest=digest,
        manifest_digest=other,
        config_digest=other,
        layer_digest=other,
        config=PluginConfig(name="hello"),
        platforms=DEFAULT_PLATFORMS,
        diff_id=other,
        layer_size=1,
        content_size=1,
    )


def test_what_was_packaged_is_pushed(
    publisher: Publisher,
    mock_plugin_packager: MockPluginPackager,
    mock_registry_client: MockRegistryClient,
    built: PackageResult,
) -> None:
    mock_plugin_packager.package.returns(built)
    mock_registry_client.push.expect(publisher.store, built.index_digest, "example.test/hello:1")

    assert publisher.publish("/plugins/hello", "example.test/hello:1") == built.index_digest


def test_a_broken_connection_is_tried_again(
    publisher: Publisher,
    mock_plugin_packager: MockPluginPackager,
    mock_registry_client: MockRegistryClient,
    built: PackageResult,
) -> None:
    mock_plugin_packager.package.returns(built)
    mock_registry_client.push.answers(RegistryConnectionError("reset by peer"), None)

    publisher.publish("/plugins/hello", "example.test/hello:1")

    assert len(mock_registry_client.push.calls) == 2


def test_a_faulty_plugin_is_not_pushed(
    publisher: Publisher, mock_plugin_packager: MockPluginPackager, mock_registry_client: MockRegistryClient
) -> None:
    mock_plugin_packager.package.raises(InvalidPluginManifestError("no name", where="/plugins/hello"))
    mock_plugin_packager.package.expect(ANY)

    with pytest.raises(InvalidPluginManifestError):
        publisher.publish("/plugins/hello", "example.test/hello:1")

    assert mock_registry_client.push.calls == ()
