"""Packages whose public names load on first use (PEP 562), with one list of those names: the imports that type checkers read.

A package's `__init__.py` has nothing but this:

    if TYPE_CHECKING:
        from toolhive_artifact.digest import Digest as Digest
    else:
        from toolhive_artifact.exports import lazy_exports

        __getattr__, __dir__ = lazy_exports(__name__)
"""

import sys
from collections.abc import Callable
from functools import cache
from types import SimpleNamespace


def lazy_exports(package: str) -> tuple[Callable[[str], object], Callable[[], list[str]]]:
    """Return a package's `__getattr__`, which also gives `__all__`, and its `__dir__`.

    Args:
        package: the package's `__name__`. It imports each public name under `if TYPE_CHECKING:`, in the form
            `from module import name as name`.
    """

    @cache
    def homes() -> dict[str, str]:
        return _read_imports(package)

    def getattribute(name: str) -> object:
        if name == "__all__":
            return sorted(homes())
        if name not in homes():
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        # Not importlib.import_module: three modules fewer to load at the start.
        value: object = getattr(__import__(homes()[name], fromlist=(name,)), name)
        setattr(sys.modules[package], name, value)
        return value

    def names() -> list[str]:
        return sorted({*vars(sys.modules[package]), *homes()})

    return getattribute, names


def _read_imports(package: str) -> dict[str, str]:
    """Return the names that a package imports under `if TYPE_CHECKING:`, each with its module.

    Its code is run once more, with an `__import__` that records and loads nothing. Parsing the source takes four times
    as long, and there may be none.
    """
    homes: dict[str, str] = {}

    def record(module: str, _globals: object, _locals: object, names: tuple[str, ...], _level: int) -> SimpleNamespace:
        homes.update(dict.fromkeys(names, module))
        return SimpleNamespace(**dict.fromkeys(names, True))  # TYPE_CHECKING is one of them

    spec = sys.modules[package].__spec__
    code = spec.loader.get_code(package)  # type: ignore[union-attr]
    exec(code, {"__builtins__": {"__import__": record}})  # noqa: S102
    del homes["TYPE_CHECKING"]
    return homes
