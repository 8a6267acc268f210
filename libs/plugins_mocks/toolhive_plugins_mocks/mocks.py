"""One mock for each interface.

Made from `toolhive_plugins_interfaces` by `python build-support/mockgen/mockgen.py`: do not edit.
"""

from typing import TYPE_CHECKING
from unittest.mock import create_autospec

from toolhive_plugins_interfaces import PluginPackager, Progress, RegistryCatalog, RegistryClient
from toolhive_plugins_mocks.methods import InterfaceMock


class MockPluginPackager(InterfaceMock):
    """A mock of `PluginPackager`."""

    __slots__ = ("package",)

    def __init__(self) -> None:
        super().__init__(create_autospec(PluginPackager, instance=True, spec_set=True))
        self.package = self._mocked(PluginPackager.package)
        """package(plugin_dir: str, options: PackageOptions | None = None) -> PackageResult"""


class MockProgress(InterfaceMock):
    """A mock of `Progress`."""

    __slots__ = ("advanced", "finished", "started")

    def __init__(self) -> None:
        super().__init__(create_autospec(Progress, instance=True, spec_set=True))
        self.advanced = self._mocked(Progress.advanced)
        """advanced(descriptor: Descriptor, count: int) -> None"""
        self.finished = self._mocked(Progress.finished)
        """finished(descriptor: Descriptor, *, skipped: bool) -> None"""
        self.started = self._mocked(Progress.started)
        """started(descriptor: Descriptor) -> None"""


class MockRegistryCatalog(InterfaceMock):
    """A mock of `RegistryCatalog`."""

    __slots__ = ("copy", "referrers", "resolve", "tag", "tags")

    def __init__(self) -> None:
        super().__init__(create_autospec(RegistryCatalog, instance=True, spec_set=True))
        self.copy = self._mocked(RegistryCatalog.copy)
        """copy(source: str, target: str, *, progress: Progress | None = None) -> Digest"""
        self.referrers = self._mocked(RegistryCatalog.referrers)
        """referrers(ref: str, artifact_type: str = '') -> tuple[Descriptor, ...]"""
        self.resolve = self._mocked(RegistryCatalog.resolve)
        """resolve(ref: str) -> Digest"""
        self.tag = self._mocked(RegistryCatalog.tag)
        """tag(ref: str, tag: str) -> Digest"""
        self.tags = self._mocked(RegistryCatalog.tags)
        """tags(repository: str) -> tuple[str, ...]"""


class MockRegistryClient(InterfaceMock):
    """A mock of `RegistryClient`."""

    __slots__ = ("pull", "push")

    def __init__(self) -> None:
        super().__init__(create_autospec(RegistryClient, instance=True, spec_set=True))
        self.pull = self._mocked(RegistryClient.pull)
        """pull(store: Store, ref: str, *, progress: Progress | None = None) -> Digest"""
        self.push = self._mocked(RegistryClient.push)
        """push(store: Store, digest: Digest, ref: str, *, progress: Progress | None = None) -> None"""


if TYPE_CHECKING:  # the proof that each mock satisfies its interface
    _mock_plugin_packager: PluginPackager = MockPluginPackager()
    _mock_progress: Progress = MockProgress()
    _mock_registry_catalog: RegistryCatalog = MockRegistryCatalog()
    _mock_registry_client: RegistryClient = MockRegistryClient()
