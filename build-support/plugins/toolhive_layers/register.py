"""The backend's rules, as Pants looks them up."""

from __future__ import annotations

from typing import Iterable

from toolhive_layers import lint


def rules() -> Iterable[object]:
    """Return the backend's rules."""
    return lint.rules()
