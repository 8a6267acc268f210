"""What mocks are made of: methods that record their calls, answer as told, and check what was expected.

The recording, the refusal of names and arguments that the interface lacks, and the canned answers are those of
`unittest.mock.create_autospec` (https://docs.python.org/3/library/unittest.mock.html#autospeccing). This module adds
the types: a `MockMethod` has the parameters and the result of the method that it mocks, so that mypy checks a
test's canned results, its expectations and the calls under test against the interface.
"""

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import chain, repeat
from types import MappingProxyType, TracebackType
from typing import Any, Concatenate, Generic, ParamSpec, Self, TypeVar
from unittest.mock import NonCallableMagicMock

_P = ParamSpec("_P")
_R = TypeVar("_R")


class ExpectationError(AssertionError):
    """The code under test did not use the interface as the test expected; the message lists how."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a mocked method, as recorded or as expected."""

    method: str
    """The name of the method."""

    arguments: Mapping[str, object]
    """Every parameter by name, however it was passed; one that was not passed has its default."""

    def __str__(self) -> str:
        return f"{self.method}({', '.join(f'{name}={value!r}' for name, value in self.arguments.items())})"


class MockMethod(Generic[_P, _R]):
    """A method of an interface, mocked.

    Until the test says otherwise, a method that returns None accepts every call, and one with a result refuses every
    call, since no made-up result could be right.
    """

    __slots__ = ("_expected", "_mock", "_name", "_refused", "_signature")

    def __init__(self, declared: Callable[Concatenate[Any, _P], _R], mock: Any) -> None:
        """Args: `declared`, the method as the interface declares it; `mock`, its autospecced double."""
        whole = inspect.signature(declared)
        self._name = declared.__name__
        self._signature = whole.replace(parameters=list(whole.parameters.values())[1:])
        self._mock = mock
        self._expected: list[Call] | None = None
        self._refused: list[str] = []
        if whole.return_annotation in (None, "None"):
            mock.return_value = None
        else:
            mock.side_effect = ExpectationError(
                f"{self._name} was called, but the test gave it no result. Say what it returns, raises or does."
            )

    def __call__(self, *args: _P.args, **kwargs: _P.kwargs) -> _R:
        """Record the call and answer as told.

        Raises:
            TypeError: the interface's method does not take these arguments.
            ExpectationError: the test gave no result for this call.
        """
        try:
            result: _R = self._mock(*args, **kwargs)
        except (TypeError, ExpectationError) as error:
            if isinstance(error, ExpectationError) or not self._takes(args, kwargs):
                self._refused.append(str(error))
            raise
        return result

    def returns(self, result: _R) -> None:
        """Return `result` from every call from now on."""
        self._mock.side_effect = None
        self._mock.return_value = result

    def raises(self, error: BaseException) -> None:
        """Raise `error` from every call from now on."""
        self._mock.side_effect = error

    def answers(self, *outcomes: _R | BaseException) -> None:
        """Return (an error: raise) one outcome for each of the next calls; a call beyond the last is refused."""
        spent = ExpectationError(
            f"{self._name} was called more than the {len(outcomes)} times that it has answers for."
        )
        self._mock.side_effect = chain(outcomes, repeat(spent))

    def does(self, function: Callable[_P, _R]) -> None:
        """Call `function` with the arguments of every call from now on, and return its result."""
        self._mock.side_effect = function

    def expect(self, *args: _P.args, **kwargs: _P.kwargs) -> None:
        """Expect one call with these arguments, after those expected before; `unittest.mock.ANY` equals whatever comes.

        Where a method expects calls at all, it expects no others: `verify` compares the two lists as wholes.

        Raises:
            TypeError: the interface's method does not take these arguments.
        """
        self._expected = [*(self._expected or ()), self._call(args, kwargs)]

    @property
    def calls(self) -> tuple[Call, ...]:
        """The calls so far, oldest first; those whose arguments were refused are not among them."""
        return tuple(self._call(args, kwargs) for args, kwargs in self._mock.call_args_list)

    def faults(self) -> tuple[str, ...]:
        """Return what `verify` would say about this method: one line or paragraph for each fault."""
        expected, actual = self._expected, list(self.calls)
        if expected is None or expected == actual:
            return tuple(self._refused)
        return (*self._refused, f"{self._name}: expected\n{_listed(expected)}\nbut was called\n{_listed(actual)}")

    def _takes(self, args: tuple[object, ...], kwargs: Mapping[str, object]) -> bool:
        try:
            self._signature.bind(*args, **kwargs)
        except TypeError:
            return False
        return True

    def _call(self, args: tuple[object, ...], kwargs: Mapping[str, object]) -> Call:
        bound = self._signature.bind(*args, **kwargs)
        bound.apply_defaults()
        return Call(self._name, MappingProxyType(bound.arguments))


class InterfaceMock:
    """The base of the generated mocks; as a context manager it verifies at the end, unless an error is being raised."""

    __slots__ = ("_methods", "_spec")

    def __init__(self, spec: NonCallableMagicMock) -> None:
        """Args: `spec`, the autospecced interface."""
        self._spec = spec
        self._methods: dict[str, MockMethod[..., Any]] = {}

    @property
    def calls(self) -> tuple[Call, ...]:
        """The calls of all methods so far, oldest first."""
        methods = self._methods
        return tuple(
            methods[name]._call(args, kwargs) for name, args, kwargs in self._spec.mock_calls if name in methods
        )

    def verify(self) -> None:
        """Check that every expectation was met and that no call was refused, even if the code under test hid that.

        Raises:
            ExpectationError: a call is missing, unexpected or refused; the message lists everything.
        """
        faults = [fault for method in self._methods.values() for fault in method.faults()]
        if faults:
            raise ExpectationError("\n".join(faults))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.verify()

    def _mocked(self, declared: Callable[Concatenate[Any, _P], _R]) -> MockMethod[_P, _R]:
        """Make the mock of one method, given as the interface declares it."""
        method = MockMethod(declared, getattr(self._spec, declared.__name__))
        self._methods[declared.__name__] = method
        return method


def _listed(calls: Iterable[Call]) -> str:
    return "\n".join(f"    {call}" for call in calls) or "    not at all"
