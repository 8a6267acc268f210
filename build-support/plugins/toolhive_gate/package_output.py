"""`./pants package` of an `adhoc_tool` with the tag `package-output`: its output files go to the dist folder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Iterable

from pants.backend.adhoc.target_types import AdhocToolOutputFilesField, AdhocToolSourcesField
from pants.core.goals.package import BuiltPackage, BuiltPackageArtifact, PackageFieldSet
from pants.core.target_types import FileSourceField
from pants.engine.internals.selectors import Get
from pants.engine.rules import collect_rules, rule
from pants.engine.target import HydratedSources, HydrateSourcesRequest, Tags, Target
from pants.engine.unions import UnionRule

TAG = "package-output"


@dataclass(frozen=True)
class AdhocOutputFieldSet(PackageFieldSet):
    """What the rule needs of the target."""

    required_fields = (AdhocToolSourcesField, AdhocToolOutputFilesField)

    sources: AdhocToolSourcesField

    @classmethod
    def opt_out(cls, tgt: Target) -> bool:
        return TAG not in (tgt.get(Tags).value or ())


@rule
async def package_adhoc_output(field_set: AdhocOutputFieldSet) -> BuiltPackage:
    output = await Get(
        HydratedSources,
        HydrateSourcesRequest(field_set.sources, for_sources_types=(FileSourceField,), enable_codegen=True),
    )
    return BuiltPackage(output.snapshot.digest, tuple(map(BuiltPackageArtifact, output.snapshot.files)))


def rules() -> Iterable[object]:
    """Return this module's rules."""
    return (*collect_rules(), UnionRule(PackageFieldSet, AdhocOutputFieldSet))
