"""What one does with ToolHive plugins: build, validate, push, pull, list, inspect, compare, verify, extract.

Names are loaded on first use, so that a program which lists builds does not pay for what compares them. The names of the
released surface that a caller of the service needs are handed on.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from toolhive_plugins import (
        Agent,
        Command,
        Compat,
        ComponentProblem,
        Descriptor,
        Digest,
        GcReport,
        Hook,
        LspServer,
        McpServer,
        Monitor,
        Platform,
        Problem,
        Progress,
        Skill,
        ToolhiveError,
        parse_platform,
    )
    from toolhive_plugins_service import errors
    from toolhive_plugins_service.builds import Build, BuildRequest
    from toolhive_plugins_service.comparison import ChangeKind, Comparison, MetadataChange, SurfaceChange
    from toolhive_plugins_service.content import Content, ContentFile
    from toolhive_plugins_service.diagnostics import Diagnostic, Severity, ValidationReport
    from toolhive_plugins_service.errors import (
        DestinationError,
        NameMismatchError,
        NotAPluginError,
        RequestError,
        ServiceError,
        TargetNotFoundError,
    )
    from toolhive_plugins_service.extraction import Extracted, ExtractRequest
    from toolhive_plugins_service.files import FileChange, FileChangeKind
    from toolhive_plugins_service.inspection import Disagreement, Inspection
    from toolhive_plugins_service.listing import StoredBuild
    from toolhive_plugins_service.service import Service
    from toolhive_plugins_service.surface import AtStart, Module, Program, StatusLine, Surface, hook_line, server_line
    from toolhive_plugins_service.targets import Origin
    from toolhive_plugins_service.transfer import Pulled, Pushed
    from toolhive_plugins_service.trees import Irregular
    from toolhive_plugins_service.upkeep import StoreCheck
    from toolhive_plugins_service.verification import Difference, Verdict, Verification
    from toolhive_plugins_service.wiring import open_service

_MODULES = {
    "builds": "Build BuildRequest",
    "comparison": "ChangeKind Comparison MetadataChange SurfaceChange",
    "content": "Content ContentFile",
    "diagnostics": "Diagnostic Severity ValidationReport",
    "errors": "DestinationError NameMismatchError NotAPluginError RequestError ServiceError TargetNotFoundError",
    "extraction": "ExtractRequest Extracted",
    "files": "FileChange FileChangeKind",
    "inspection": "Disagreement Inspection",
    "listing": "StoredBuild",
    "service": "Service",
    "surface": "AtStart Module Program StatusLine Surface hook_line server_line",
    "targets": "Origin",
    "transfer": "Pulled Pushed",
    "trees": "Irregular",
    "upkeep": "StoreCheck",
    "verification": "Difference Verdict Verification",
    "wiring": "open_service",
}
_HOMES = {name: f"{__name__}.{module}" for module, names in _MODULES.items() for name in names.split()}


def __getattr__(name: str) -> object:
    if name == "errors":
        return import_module(f"{__name__}.errors")
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(_HOMES.get(name, "toolhive_plugins")), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


__all__ = [
    "Agent",
    "AtStart",
    "Build",
    "BuildRequest",
    "ChangeKind",
    "Command",
    "Comparison",
    "Compat",
    "ComponentProblem",
    "Content",
    "ContentFile",
    "Descriptor",
    "DestinationError",
    "Diagnostic",
    "Difference",
    "Digest",
    "Disagreement",
    "ExtractRequest",
    "Extracted",
    "FileChange",
    "FileChangeKind",
    "GcReport",
    "Hook",
    "Inspection",
    "Irregular",
    "LspServer",
    "McpServer",
    "MetadataChange",
    "Module",
    "Monitor",
    "NameMismatchError",
    "NotAPluginError",
    "Origin",
    "Platform",
    "Problem",
    "Program",
    "Progress",
    "Pulled",
    "Pushed",
    "RequestError",
    "Service",
    "ServiceError",
    "Severity",
    "Skill",
    "StatusLine",
    "StoreCheck",
    "StoredBuild",
    "Surface",
    "SurfaceChange",
    "TargetNotFoundError",
    "ToolhiveError",
    "ValidationReport",
    "Verdict",
    "Verification",
    "errors",
    "hook_line",
    "open_service",
    "parse_platform",
    "server_line",
]
