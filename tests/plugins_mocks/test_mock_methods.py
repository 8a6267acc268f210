"""The mocks record, refuse, answer and verify; shown on the mock of `RegistryClient`."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from unittest.mock import ANY

import pytest

from toolhive_artifact import Digest
from toolhive_plugins_interfaces import RegistryClient, RegistryConnectionError, RegistryNotFoundError
from toolhive_plugins_mocks import ExpectationError, MockProgress, MockRegistryClient
from toolhive_plugins_store import Store


@pytest.fixture
def client() -> MockRegistryClient:
    """A mock that nobody verifies but the test itself."""
    return MockRegistryClient()


def test_a_mock_passes_for_its_interface(client: MockRegistryClient, store: Store, digest: Digest) -> None:
    used: RegistryClient = client
    client.pull.returns(digest)
    assert used.pull(store, "example.test/a:1") == digest


def test_calls_are_recorded_by_parameter_name(client: MockRegistryClient, store: Store, digest: Digest) -> None:
    client.push(store, digest, ref="example.test/a:1")
    (call,) = client.push.calls
    assert call.method == "push"
    assert call.arguments == {"store": store, "digest": digest, "ref": "example.test/a:1", "progress": None}


def test_calls_of_all_methods_are_recorded_in_order(client: MockRegistryClient, store: Store, digest: Digest) -> None:
    client.pull.returns(digest)
    client.push(store, digest, "example.test/a:1")
    client.pull(store, "example.test/b:1")
    client.push(store, digest, "example.test/c:1")
    assert [(call.method, call.arguments["ref"]) for call in client.calls] == [
        ("push", "example.test/a:1"),
        ("pull", "example.test/b:1"),
        ("push", "example.test/c:1"),
    ]


def test_no_call_is_lost_between_threads(digest: Digest) -> None:
    progress = MockProgress()
    with ThreadPoolExecutor(8) as threads:
        for count in range(400):
            threads.submit(progress.advanced, ANY, count)
    counts = [call.arguments["count"] for call in progress.advanced.calls]
    assert len(counts) == 400
    assert set(counts) == set(range(400))


def test_names_that_the_interface_lacks_are_refused(client: MockRegistryClient) -> None:
    lacking = "delete"
    with pytest.raises(AttributeError):
        getattr(client, lacking)
    with pytest.raises(AttributeError):
        setattr(client, lacking, None)


@pytest.mark.parametrize(
    ("arguments", "keywords"),
    [
        ((), {}),
        (("store",), {}),
        (("store", "ref", "one too many"), {}),
        (("store", "ref"), {"progres": None}),
        (("store", "ref"), {"ref": "twice"}),
    ],
)
def test_arguments_that_the_interface_does_not_take_are_refused(
    client: MockRegistryClient, digest: Digest, arguments: tuple[str, ...], keywords: dict[str, None]
) -> None:
    client.pull.returns(digest)
    untyped_forms: tuple[Callable[..., object], ...] = (client.pull, client.pull.expect)
    for untyped in untyped_forms:
        with pytest.raises(TypeError):
            untyped(*arguments, **keywords)
    assert client.pull.calls == ()


def test_a_refusal_that_the_code_under_test_hides_still_fails(client: MockRegistryClient, store: Store) -> None:
    with suppress(Exception):  # a consumer that swallows everything
        client.pull(store, "example.test/a:1")
    with pytest.raises(ExpectationError, match="pull was called, but the test gave it no result"):
        client.verify()


def test_hidden_wrong_arguments_still_fail(client: MockRegistryClient) -> None:
    untyped: Callable[..., object] = client.push
    with pytest.raises(TypeError):
        untyped("only a store")
    with pytest.raises(ExpectationError, match="missing a required argument"):
        client.verify()


def test_a_type_error_that_the_test_asked_for_is_no_fault(client: MockRegistryClient, store: Store) -> None:
    client.pull.raises(TypeError("canned"))
    with pytest.raises(TypeError, match="canned"):
        client.pull(store, "example.test/a:1")
    client.verify()


def test_a_method_with_a_result_needs_one(client: MockRegistryClient, store: Store) -> None:
    with pytest.raises(ExpectationError, match="pull was called, but the test gave it no result"):
        client.pull(store, "example.test/a:1")


def test_a_canned_result_serves_every_call(client: MockRegistryClient, store: Store, digest: Digest) -> None:
    client.pull.returns(digest)
    assert [client.pull(store, "example.test/a:1") for _ in range(3)] == [digest] * 3


def test_a_canned_error_is_raised(client: MockRegistryClient, store: Store, digest: Digest) -> None:
    client.push.raises(RegistryNotFoundError("no such repository"))
    for _ in range(2):
        with pytest.raises(RegistryNotFoundError, match="no such repository"):
            client.push(store, digest, "example.test/a:1")


def test_the_last_word_on_a_method_counts(client: MockRegistryClient, store: Store, digest: Digest) -> None:
    client.pull.raises(RegistryNotFoundError("not yet there"))
    client.pull.returns(digest)
    assert client.pull(store, "example.test/a:1") == digest


def test_answers_come_in_turn_and_end(client: MockRegistryClient, store: Store, digest: Digest) -> None:
    client.pull.answers(RegistryConnectionError("reset"), digest)
    with pytest.raises(RegistryConnectionError, match="reset"):
        client.pull(store, "example.test/a:1")
    assert client.pull(store, "example.test/a:1") == digest
    for _ in range(2):
        with pytest.raises(ExpectationError, match="more than the 2 times"):
            client.pull(store, "example.test/a:1")


def test_a_method_without_a_result_answers_in_turn_too(
    client: MockRegistryClient, store: Store, digest: Digest
) -> None:
    client.push.answers(None, RegistryConnectionError("reset"))
    client.push(store, digest, "example.test/a:1")
    with pytest.raises(RegistryConnectionError, match="reset"):
        client.push(store, digest, "example.test/a:1")


def test_a_function_can_answer(client: MockRegistryClient, store: Store) -> None:
    client.pull.does(lambda store, ref, *, progress=None: Digest.of(ref.encode()))
    assert client.pull(store, ref="example.test/a:1") == Digest.of(b"example.test/a:1")


def test_met_expectations_verify(client: MockRegistryClient, store: Store, digest: Digest) -> None:
    client.pull.returns(digest)
    client.pull.expect(store, "example.test/a:1", progress=None)
    client.pull.expect(ANY, ref="example.test/b:1")
    client.pull(store, ref="example.test/a:1")
    client.pull(store, "example.test/b:1")
    client.verify()


def test_a_call_that_never_came_fails(client: MockRegistryClient, store: Store, digest: Digest) -> None:
    client.push.expect(store, digest, "example.test/a:1")
    with pytest.raises(
        ExpectationError, match=r"push: expected\n.*example\.test/a:1.*\nbut was called\n    not at all"
    ):
        client.verify()


def test_a_call_too_many_fails(client: MockRegistryClient, store: Store, digest: Digest) -> None:
    client.push.expect(store, digest, "example.test/a:1")
    client.push(store, digest, "example.test/a:1")
    client.push(store, digest, "example.test/a:1")
    with pytest.raises(ExpectationError):
        client.verify()


def test_another_argument_or_order_fails(client: MockRegistryClient, store: Store, digest: Digest) -> None:
    client.push.expect(store, digest, "example.test/a:1")
    client.push.expect(store, digest, "example.test/b:1")
    client.push(store, digest, "example.test/b:1")
    client.push(store, digest, "example.test/a:1")
    with pytest.raises(ExpectationError):
        client.verify()


def test_every_fault_is_told_at_once(client: MockRegistryClient, store: Store, digest: Digest) -> None:
    client.pull.expect(store, "example.test/a:1")
    client.push.expect(store, digest, "example.test/b:1")
    with pytest.raises(ExpectationError, match=r"(?s)pull: expected.*push: expected"):
        client.verify()


def test_the_context_manager_verifies(store: Store) -> None:
    with pytest.raises(ExpectationError), MockRegistryClient() as client:
        client.pull.expect(store, "example.test/a:1")


def test_the_context_manager_does_not_bury_an_error(store: Store) -> None:
    client = MockRegistryClient()
    client.pull.expect(store, "example.test/a:1")
    with pytest.raises(ZeroDivisionError), client:
        raise ZeroDivisionError
