"""Pushes plugin artifacts to OCI registries and pulls them back, trusting nothing that a registry says."""

from typing import TYPE_CHECKING

from toolhive_plugins_registry.credentials import Credential, CredentialStore, DockerCredentialStore
from toolhive_plugins_registry.references import Reference, parse_reference

if TYPE_CHECKING:
    from toolhive_plugins_registry.policies import RetryPolicy, Timeouts
    from toolhive_plugins_registry.registry import Registry

__all__ = [
    "Credential",
    "CredentialStore",
    "DockerCredentialStore",
    "Reference",
    "Registry",
    "RetryPolicy",
    "Timeouts",
    "parse_reference",
]

_LAZY = {"Registry": "registry", "RetryPolicy": "policies", "Timeouts": "policies"}


def __getattr__(name: str) -> object:
    """Import what needs an HTTP library only when it is asked for: that costs a tenth of a second."""
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_LAZY[name]}"), name)
