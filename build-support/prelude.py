"""What the BUILD files share; Pants hands these names to each of them."""

SUPPORTED_PYTHONS = ("3.11", "3.12", "3.13")
"""What the code runs on, from the oldest; `interpreter_versions_universe` in pants.toml says the same to Pants and to `./pants`."""

GATED_LIBRARIES = (
    "artifact",
    "plugins_mediatypes",
    "plugins_store",
    "plugins_interfaces",
    "plugins_content",
    "plugins_packager",
    "plugins_registry",
    "plugins_mocks",
    "plugins",
)
"""What GATE-C2 releases, from the ground up. Every other library is above the gate, and its wheel waits for it."""

UNGATED_LIBRARIES = (
    "plugins_signatures",
    "plugins_clients",
    "plugins_installs",
    "plugins_marketplaces",
    "plugins_service",
    "plugins_cli",
)
"""What is above the gate, from the ground up."""

GATED_REQUIREMENTS = (
    "attrs",
    "cattrs",
    "certifi",
    "deflate",
    "filelock",
    "oras",
    "platformdirs",
    "publicsuffixlist",
    "pytest",
    "ruamel.yaml",
    "truststore",
    "urllib3",
)
"""The packages that the libraries below the gate import, for the exit gate's own program."""


def only_on(version):
    """The constraint for one Python, worded as Pants joins it with the libraries' own: one search for the interpreter, and not two."""
    return ["==" + version + ".*,>=" + SUPPORTED_PYTHONS[0]]


def pythons_to_test_on():
    """The Pythons to test on: those that `./pants` found, or that TOOLHIVE_TEST_PYTHONS names; all of them otherwise."""
    # Pants looks for calls of `env` before it runs them, and finds only a call that is a statement of its own.
    named = env("TOOLHIVE_TEST_PYTHONS", "")
    versions = named.split() or SUPPORTED_PYTHONS
    return parametrize(**{"py" + version.replace(".", ""): only_on(version) for version in versions})


def library(description, *, may_import, imported_by=(), entry_points=None, extras=None):
    """One library: its sources, its wheel, and the rules of who imports whom, which the build refuses to break.

    The sources are the folder's own target, so that `libs/artifact` is the library's address; the wheel is `libs/artifact:dist`. A
    wheel above the gate depends on the gate's document and carries it.

    Args:
        may_import: the libraries (by folder) and third-party packages (as default.in names them) that this one may import.
        imported_by: the libraries that may import this one; tests and benchmarks always may.
        entry_points: what the wheel registers, as `python_distribution` has it.
        extras: by the name of an extra of the wheel, the packages (as default.in names them) that only the extra brings.
    """
    folder = build_file_dir().name
    package = "toolhive_" + folder
    gated = folder in GATED_LIBRARIES
    libraries = GATED_LIBRARIES + UNGATED_LIBRARIES
    __dependencies_rules__(
        (
            "*",
            "/**",
            *["//libs/" + name + "/**" if name in libraries else "//3rdparty/python#" + name for name in may_import],
            "//:license",
            *([] if gated else ["//:gate-c2"]),
            "!*",
        ),
    )
    __dependents_rules__(
        (
            "*",
            "/**",
            *["//libs/" + name + "/**" for name in imported_by],
            *(["//:exit-gate-*", "//:gate-c2"] if gated else []),
            "//tests/**",
            "//benchmarks/**",
            "!*",
        ),
    )
    python_sources(
        sources=[package + "/**/*.py"],
        dependencies=[":typed"],
    )
    resource(name="typed", source=package + "/py.typed")
    python_distribution(
        name="dist",
        dependencies=[
            ":" + folder,
            "//:license",
            *([] if gated else behind_gate_c2(package)),
            *["!!//3rdparty/python#" + name for names in (extras or {}).values() for name in names],
        ],
        provides=python_artifact(
            name=package.replace("_", "-"),
            description=description,
            # By name alone: toolhive_wheels gives each the range that default.in has.
            extras_require=extras or {},
        ),
        entry_points=entry_points or {},
        wheel=True,
        sdist=False,
        # The times in the wheel (1980, as early as a zip file can say), so that the same sources give the same bytes.
        env_vars=["SOURCE_DATE_EPOCH=315532800"],
    )


def folder_of_tests(
    folder,
    *,
    helpers=False,
    conftest=False,
    data=(),
    timeout=None,
    dependencies=(),
    on_one_python=(),
    every_python=True,
):
    """The tests of one folder, run in one process for each Python, with the data files beside them.

    Args:
        helpers: whether there are modules beside the tests (simulators, makers of samples).
        conftest: whether conftest.py is one of them.
        data: patterns of files that the tests read.
        timeout: seconds that one test file may take.
        dependencies: what the tests use without importing it.
        on_one_python: test files that are about other programs, and need no second Python.
        every_python: whether there are other test files than those; without them all are run on one Python.
    """
    own = list(dependencies)
    if data:
        files(name="data", sources=list(data))
        own.append(":data")
    if helpers:
        python_test_utils(
            name="helpers",
            sources=["**/*.py", "!**/test_*.py"],
            # mypy cannot tell one folder's conftest.py from another's; what is worth checking is in modules with names of their own.
            overrides={"conftest.py": {"skip_mypy": True}} if conftest else {},
            dependencies=own,
        )
    alone = list(on_one_python) if every_python else ["**/test_*.py"]
    if alone:
        python_tests(
            name="on-one-python",
            sources=alone,
            interpreter_constraints=[">=3.11"],
            batch_compatibility_tag=folder + "-on-one-python",
            dependencies=own,
            timeout=timeout,
        )
    if every_python:
        python_tests(
            sources=["**/test_*.py", *("!" + file for file in on_one_python)],
            batch_compatibility_tag=folder,
            dependencies=own,
            timeout=timeout,
        )


def gate_c2():
    """The release gate (docs/release-gate.md): the exit gate's tests on the wheels, on each Python, and a document of it all."""
    wheels = ["//libs/" + library + ":dist" for library in GATED_LIBRARIES]
    for version in SUPPORTED_PYTHONS:
        adhoc_tool(
            name="exit-gate-" + version,
            runnable="//build-support/gate:exit-gate-" + version,
            args=["exit-gate-" + version + ".json", "tests/exit_gate"],
            execution_dependencies=["//tests/exit_gate:as-files", *wheels],
            output_files=["exit-gate-" + version + ".json"],
            workdir="/",
            timeout=600,
        )
    adhoc_tool(
        name="gate-c2",
        runnable="//build-support/gate:gate-document",
        args=["gate-c2.json", "VERSION", *SUPPORTED_PYTHONS],
        execution_dependencies=[":version", *[":exit-gate-" + version for version in SUPPORTED_PYTHONS], *wheels],
        output_files=["gate-c2.json"],
        tags=["package-output"],
        workdir="/",
        timeout=120,
    )


def behind_gate_c2(package):
    """What a wheel above the gate depends on, so that it cannot be built while the gate is shut; the wheel carries the gate's document."""
    # Generated files are not stripped of a source root: this is the place as it will be in the wheel.
    relocated_files(name="gate-c2-here", files_targets=["//:gate-c2"], src="", dest=package)
    experimental_wrap_as_resources(name="gate-c2", inputs=[":gate-c2-here"])
    return [":gate-c2"]
