"""The backend's entry points, as Pants looks them up."""

from __future__ import annotations

from typing import Iterable

from toolhive_shared_cache.joining import remote_auth

__all__ = ["remote_auth", "rules"]


def rules() -> Iterable[object]:
    """Return the backend's rules: there are none."""
    return ()
