"""The command, in a folder of its own, and a real registry for it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from command_runner import Command, hook, write_plugin
from real_registry import running_registry


@pytest.fixture
def thv(tmp_path: Path) -> Command:
    """The command, with nothing in its store."""
    return Command(tmp_path)


@pytest.fixture
def demo(tmp_path: Path) -> Path:
    """The directory of a plugin with a hook that runs at session start, `./demo` to the command."""
    files = hook("${CLAUDE_PLUGIN_ROOT}/start.sh") | {
        "start.sh": "#!/bin/sh\n",
        "commands/go.md": "---\nallowed-tools: Bash\n---\nGo",
    }
    return write_plugin(tmp_path / "demo", files, executable=["start.sh"])


@pytest.fixture(scope="session")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run a registry and return its host and port."""
    with running_registry(tmp_path_factory.mktemp("registry")) as real:
        yield real.host.replace("127.0.0.1", "localhost")


@pytest.fixture(scope="session")
def private_registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run a registry that asks for a login and return its host and port."""
    with running_registry(tmp_path_factory.mktemp("private"), login=True) as real:
        yield real.host.replace("127.0.0.1", "localhost")
