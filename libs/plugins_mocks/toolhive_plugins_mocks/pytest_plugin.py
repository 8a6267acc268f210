"""The pytest plugin: a fixture for each mock, which verifies it when the test has passed.

Made from `toolhive_plugins_interfaces` by `python build-support/mockgen/mockgen.py`: do not edit.
"""

from collections.abc import Generator, Iterator

import pytest

from toolhive_plugins_mocks.methods import InterfaceMock
from toolhive_plugins_mocks.mocks import MockPluginPackager, MockProgress, MockRegistryCatalog, MockRegistryClient

_PASSED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note whether the test passed: a failed test is not failed again for unmet expectations."""
    report = yield
    if report.when == "call":
        item.stash[_PASSED] = report.passed
    return report


def _verify(mock: InterfaceMock, test: pytest.Item) -> None:
    if test.stash.get(_PASSED, False):
        mock.verify()


@pytest.fixture
def mock_plugin_packager(request: pytest.FixtureRequest) -> Iterator[MockPluginPackager]:
    """A mock of `PluginPackager`, verified when the test has passed."""
    mock = MockPluginPackager()
    yield mock
    _verify(mock, request.node)


@pytest.fixture
def mock_progress(request: pytest.FixtureRequest) -> Iterator[MockProgress]:
    """A mock of `Progress`, verified when the test has passed."""
    mock = MockProgress()
    yield mock
    _verify(mock, request.node)


@pytest.fixture
def mock_registry_catalog(request: pytest.FixtureRequest) -> Iterator[MockRegistryCatalog]:
    """A mock of `RegistryCatalog`, verified when the test has passed."""
    mock = MockRegistryCatalog()
    yield mock
    _verify(mock, request.node)


@pytest.fixture
def mock_registry_client(request: pytest.FixtureRequest) -> Iterator[MockRegistryClient]:
    """A mock of `RegistryClient`, verified when the test has passed."""
    mock = MockRegistryClient()
    yield mock
    _verify(mock, request.node)
