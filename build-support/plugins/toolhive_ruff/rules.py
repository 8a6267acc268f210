"""`ruff check` as a linter and a fixer, `ruff format` as a formatter, of Python sources and of BUILD files."""

from __future__ import annotations

from typing import Any, Iterable

from pants.backend.build_files.fmt.base import FmtBuildFilesRequest
from pants.backend.python.lint.ruff.subsystem import Ruff, RuffFieldSet
from pants.backend.python.util_rules.pex import PexRequest, VenvPex, VenvPexProcess
from pants.core.goals.fix import FixResult, FixTargetsRequest
from pants.core.goals.fmt import FmtResult, FmtTargetsRequest
from pants.core.goals.lint import LintResult, LintTargetsRequest
from pants.core.util_rules.config_files import ConfigFiles, ConfigFilesRequest
from pants.core.util_rules.partitions import PartitionerType
from pants.core.util_rules.source_files import SourceFiles, SourceFilesRequest
from pants.engine.fs import Digest, MergeDigests
from pants.engine.internals.native_engine import Snapshot
from pants.engine.internals.selectors import Get, MultiGet
from pants.engine.process import FallibleProcessResult, ProcessResult
from pants.engine.rules import collect_rules, rule
from pants.util.logging import LogLevel
from pants.util.meta import classproperty
from pants.util.strutil import pluralize


class RuffCheckRequest(LintTargetsRequest):
    """Asks for `ruff check`."""

    field_set_type = RuffFieldSet
    tool_subsystem = Ruff
    partitioner_type = PartitionerType.DEFAULT_SINGLE_PARTITION

    @classproperty
    def tool_name(cls) -> str:
        return "ruff check"


class RuffFixRequest(FixTargetsRequest):
    """Asks for `ruff check --fix`."""

    field_set_type = RuffFieldSet
    tool_subsystem = Ruff
    partitioner_type = PartitionerType.DEFAULT_SINGLE_PARTITION

    @classproperty
    def tool_name(cls) -> str:
        return "ruff check --fix"


class RuffFormatRequest(FmtTargetsRequest):
    """Asks for `ruff format` of sources."""

    field_set_type = RuffFieldSet
    tool_subsystem = Ruff
    partitioner_type = PartitionerType.DEFAULT_SINGLE_PARTITION

    @classproperty
    def tool_name(cls) -> str:
        return "ruff format"


class RuffFormatBuildFilesRequest(FmtBuildFilesRequest):
    """Asks for `ruff format` of BUILD files."""

    tool_subsystem = Ruff

    @classproperty
    def tool_name(cls) -> str:
        return "ruff format BUILD"

    @classproperty
    def tool_id(cls) -> str:
        return "ruff-format-build-files"


async def _ruff(command: tuple[str, ...], snapshot: Snapshot, ruff: Ruff) -> VenvPexProcess:
    ruff_pex, config_files = await MultiGet(
        Get(VenvPex, PexRequest, ruff.to_pex_request()),
        Get(ConfigFiles, ConfigFilesRequest, ruff.config_request(snapshot.dirs)),
    )
    input_digest = await Get(Digest, MergeDigests((snapshot.digest, config_files.snapshot.digest)))
    return VenvPexProcess(
        ruff_pex,
        # The sandbox is thrown away, and a cache with it.
        argv=(*command, "--no-cache", "--quiet", *ruff.args, *snapshot.files),
        input_digest=input_digest,
        output_files=snapshot.files,
        description=f"Run ruff {' '.join(command)} on {pluralize(len(snapshot.files), 'file')}.",
        level=LogLevel.DEBUG,
    )


@rule(desc="Lint with ruff", level=LogLevel.DEBUG)
async def ruff_check(request: RuffCheckRequest.Batch[RuffFieldSet, Any], ruff: Ruff) -> LintResult:
    sources = await Get(SourceFiles, SourceFilesRequest(field_set.source for field_set in request.elements))
    process = await _ruff(("check",), sources.snapshot, ruff)
    return LintResult.create(request, await Get(FallibleProcessResult, VenvPexProcess, process))


@rule(desc="Fix with ruff", level=LogLevel.DEBUG)
async def ruff_fix(request: RuffFixRequest.Batch, ruff: Ruff) -> FixResult:
    process = await _ruff(("check", "--fix", "--exit-zero"), request.snapshot, ruff)
    return await FixResult.create(request, await Get(ProcessResult, VenvPexProcess, process))


@rule(desc="Format with ruff", level=LogLevel.DEBUG)
async def ruff_format(request: RuffFormatRequest.Batch, ruff: Ruff) -> FmtResult:
    process = await _ruff(("format",), request.snapshot, ruff)
    return await FmtResult.create(request, await Get(ProcessResult, VenvPexProcess, process))


@rule(desc="Format BUILD files with ruff", level=LogLevel.DEBUG)
async def ruff_format_build_files(request: RuffFormatBuildFilesRequest.Batch, ruff: Ruff) -> FmtResult:
    process = await _ruff(("format",), request.snapshot, ruff)
    return await FmtResult.create(request, await Get(ProcessResult, VenvPexProcess, process))


def rules() -> Iterable[object]:
    """Return the rules of this module and those that its requests bring."""
    return (
        *collect_rules(),
        *RuffCheckRequest.rules(),
        *RuffFixRequest.rules(),
        *RuffFormatRequest.rules(),
        *RuffFormatBuildFilesRequest.rules(),
    )
