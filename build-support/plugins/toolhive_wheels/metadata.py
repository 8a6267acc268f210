"""A wheel's metadata: the version from VERSION, the description from the library's README.md, the rest the same for all."""

from __future__ import annotations

import re
from typing import Iterable

from pants.backend.python.subsystems.setup import PythonSetup
from pants.backend.python.target_types import PythonDistribution
from pants.backend.python.util_rules.package_dists import SetupKwargs, SetupKwargsRequest
from pants.base.glob_match_error_behavior import GlobMatchErrorBehavior
from pants.engine.fs import DigestContents, PathGlobs
from pants.engine.internals.selectors import Get, MultiGet
from pants.engine.rules import collect_rules, rule
from pants.engine.target import Target
from pants.engine.unions import UnionRule

VERSION = re.compile(r"\d+\.\d+\.\d+((a|b|rc)\d+)?")
CLASSIFIERS = (
    "Development Status :: 4 - Beta",
    "Intended Audience :: Developers",
    "Operating System :: MacOS",
    "Operating System :: POSIX :: Linux",
    "Programming Language :: Python :: 3 :: Only",
    "Programming Language :: Python :: Implementation :: CPython",
    "Topic :: Software Development :: Build Tools",
    "Topic :: System :: Archiving :: Packaging",
    "Typing :: Typed",
)


class WheelMetadataRequest(SetupKwargsRequest):
    """Asks for the metadata of one of our wheels; all of our distributions are."""

    @classmethod
    def is_applicable(cls, target: Target) -> bool:
        return isinstance(target, PythonDistribution)


@rule
async def wheel_metadata(request: WheelMetadataRequest, python: PythonSetup) -> SetupKwargs:
    readme_path = request.target.address.spec_path + "/README.md"
    contents = await MultiGet(
        Get(
            DigestContents,
            PathGlobs(
                [path],
                glob_match_error_behavior=GlobMatchErrorBehavior.error,
                description_of_origin=f"the wheel {request.target.address}",
            ),
        )
        for path in ("VERSION", readme_path, "3rdparty/python/default.in")
    )
    version, readme, required = (content.content.decode() for (content,) in contents)
    version = version.strip()
    if not VERSION.fullmatch(version):
        raise ValueError(f"VERSION holds {version!r}, which is not a version such as 1.2.3 or 1.2.3rc1.")
    pythons = tuple("Programming Language :: Python :: " + known for known in python.interpreter_versions_universe)
    return SetupKwargs(
        {
            **request.explicit_kwargs,
            "extras_require": {
                extra: sorted(_with_range(name, required) for name in names)
                for extra, names in request.explicit_kwargs.get("extras_require", {}).items()
            },
            "version": version,
            # Pants writes this between triple quotes and escapes nothing.
            "long_description": readme.replace("\\", "\\\\"),
            "long_description_content_type": "text/markdown",
            "license_expression": "Apache-2.0",
            "license_files": ["LICENSE"],
            "classifiers": sorted(CLASSIFIERS + pythons),
            "keywords": "oci toolhive plugin mcp artifact registry",
            "zip_safe": False,
        },
        address=request.target.address,
    )


def _with_range(name: str, required: str) -> str:
    """Return a package as default.in asks for it, with its range."""
    for line in required.splitlines():
        if re.split(r"[^A-Za-z0-9._-]", line, maxsplit=1)[0] == name:
            return line.strip()
    raise ValueError(f"3rdparty/python/default.in does not name {name!r}, which an extra names.")


def rules() -> Iterable[object]:
    """Return this module's rules."""
    return (*collect_rules(), UnionRule(SetupKwargsRequest, WheelMetadataRequest))
