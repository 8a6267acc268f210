"""A linter that asks for every target's dependencies.

Pants checks `__dependencies_rules__` and `__dependents_rules__`, and that each import has an owner, when it works out what a target
depends on; a linter of files never asks for that. This one does, and has nothing to add to Pants's own words where it fails.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Iterable

from pants.core.goals.lint import LintResult, LintTargetsRequest
from pants.core.util_rules.partitions import PartitionerType
from pants.engine.addresses import Addresses
from pants.engine.internals.selectors import Get, MultiGet
from pants.engine.rules import collect_rules, rule
from pants.engine.target import Dependencies, DependenciesRequest, FieldSet
from pants.option.option_types import SkipOption
from pants.option.subsystem import Subsystem
from pants.util.meta import classproperty


class Layers(Subsystem):
    """The linter's options."""

    options_scope = "layers"
    name = "layers"
    help = "Checks every target's dependencies against the dependency rules."

    skip = SkipOption("lint")


@dataclass(frozen=True)
class LayersFieldSet(FieldSet):
    """What the linter needs of a target."""

    required_fields = (Dependencies,)

    dependencies: Dependencies


class LayersRequest(LintTargetsRequest):
    """Asks for the check."""

    field_set_type = LayersFieldSet
    tool_subsystem = Layers
    partitioner_type = PartitionerType.DEFAULT_SINGLE_PARTITION

    @classproperty
    def tool_name(cls) -> str:
        return "layers"


@rule(desc="Check the dependency rules")
async def check_layers(request: LayersRequest.Batch[LayersFieldSet, Any]) -> LintResult:
    await MultiGet(Get(Addresses, DependenciesRequest(field_set.dependencies)) for field_set in request.elements)
    return LintResult(0, f"{len(request.elements)} targets keep the dependency rules.\n", "", LayersRequest.tool_name)


def rules() -> Iterable[object]:
    """Return this module's rules and those that its request brings."""
    return (*collect_rules(), *LayersRequest.rules())
