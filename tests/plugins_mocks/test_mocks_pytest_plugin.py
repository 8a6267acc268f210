"""The pytest plugin verifies its mocks after a test that passed, and only then."""

import pytest

pytest_plugins = ["pytester", "toolhive_plugins_mocks.pytest_plugin"]

PREAMBLE = """
from unittest.mock import ANY
pytest_plugins = ["toolhive_plugins_mocks.pytest_plugin"]
"""


def run(pytester: pytest.Pytester, body: str) -> pytest.RunResult:
    pytester.makepyfile(PREAMBLE + body)
    return pytester.runpytest_inprocess("-p", "no:cacheprovider")


def test_an_unmet_expectation_fails_a_test_that_passed(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
def test_it(mock_registry_client):
    mock_registry_client.pull.expect(ANY, "example.test/a:1")
""",
    )
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*ExpectationError: pull: expected"])


def test_an_unmet_expectation_is_no_news_after_a_failure(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
def test_it(mock_registry_client):
    mock_registry_client.pull.expect(ANY, "example.test/a:1")
    assert 1 + 1 == 3
""",
    )
    result.assert_outcomes(failed=1)


def test_an_unmet_expectation_is_no_news_after_a_skip(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
import pytest
def test_it(mock_registry_client):
    mock_registry_client.pull.expect(ANY, "example.test/a:1")
    pytest.skip("no registry here")
""",
    )
    result.assert_outcomes(skipped=1)


def test_each_test_gets_mocks_of_its_own(pytester: pytest.Pytester) -> None:
    test = """
def test_{}(mock_registry_client, mock_plugin_packager, mock_progress):
    assert mock_progress.calls == ()
    mock_progress.started(None)
    mock_progress.started.expect(None)
"""
    result = run(pytester, test.format("one") + test.format("two"))
    result.assert_outcomes(passed=2)


def test_the_plugin_may_be_installed_and_asked_for_by_name(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = pytester.mkdir("installed")
    information = installed / "mocks-1.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: mocks\nVersion: 1\n")
    plugin = "toolhive_plugins_mocks.pytest_plugin"
    (information / "entry_points.txt").write_text(f"[pytest11]\n{plugin} = {plugin}\n")
    monkeypatch.syspath_prepend(installed)
    result = run(pytester, "def test_it(mock_progress):\n    mock_progress.started(None)\n")
    result.assert_outcomes(passed=1)
