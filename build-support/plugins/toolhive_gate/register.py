"""The backend's rules, as Pants looks them up."""

from __future__ import annotations

from typing import Iterable

from toolhive_gate import package_output


def rules() -> Iterable[object]:
    """Return the backend's rules."""
    return package_output.rules()
