"""The released surface: every public name of the libraries behind the gate, in one place.

Code above the gate (`toolhive_plugins_service`, and other people's programs) imports this and nothing below it. A name is looked up on
first use, so that importing one does not load the compressor, the store or the registry client of the others.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from toolhive_artifact import *
    from toolhive_plugins_content import *
    from toolhive_plugins_interfaces import *
    from toolhive_plugins_mediatypes import *
    from toolhive_plugins_packager import *
    from toolhive_plugins_registry import *
    from toolhive_plugins_store import *

_LIBRARIES = (
    "toolhive_artifact",
    "toolhive_plugins_mediatypes",
    "toolhive_plugins_store",
    "toolhive_plugins_interfaces",
    "toolhive_plugins_content",
    "toolhive_plugins_packager",
    "toolhive_plugins_registry",
)
"""From the ground up, so that a lookup loads no library above the one that has the name."""


def __getattr__(name: str) -> object:
    if name == "__all__":
        return _public_names()
    if not name.startswith("_"):
        for library in map(__import__, _LIBRARIES):
            if name in library.__all__:
                value: object = getattr(library, name)
                globals()[name] = value
                return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_public_names()})


def _public_names() -> list[str]:
    return sorted(name for library in map(__import__, _LIBRARIES) for name in library.__all__)
