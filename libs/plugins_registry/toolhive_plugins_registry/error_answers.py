"""What a registry says in an error response (distribution spec, "Error Codes")."""

from typing import Any, Final

from attrs import frozen

from toolhive_artifact import InvalidDocumentError, SizeLimitError
from toolhive_plugins_interfaces import RegistryError
from toolhive_plugins_registry.converter import read_json
from toolhive_plugins_registry.transport import Response

_MAX_SIZE: Final = 64 * 1024


@frozen(repr=False)  # it may quote our secrets
class ErrorEntry:
    """One error; registries put more into it than anybody can rely on."""

    code: Any = None
    message: Any = None

    def __str__(self) -> str:
        return " ".join(part for part in (self.code, self.message) if isinstance(part, str) and part)


@frozen(repr=False)
class ErrorList:
    """The body of an error response."""

    errors: tuple[ErrorEntry, ...] = ()


def error_text(response: Response) -> str:
    """Return the code and message of the first error in a response, "" where it has none. They may quote our secrets."""
    try:
        answer = read_json(response.read(_MAX_SIZE), ErrorList, where="", max_size=_MAX_SIZE)
    except (InvalidDocumentError, SizeLimitError, RegistryError):
        return ""
    return str(answer.errors[0]) if answer.errors else ""
