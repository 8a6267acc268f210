"""The backend's rules and target fields, as Pants looks them up."""

from __future__ import annotations

from typing import Iterable

from pants.backend.python.lint.ruff import skip_field, subsystem
from pants.backend.python.util_rules import pex

from toolhive_ruff import rules as ruff_rules


def rules() -> Iterable[object]:
    """Return the backend's rules."""
    return (*ruff_rules.rules(), *skip_field.rules(), *subsystem.rules(), *pex.rules())
