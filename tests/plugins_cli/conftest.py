"""The command, in a folder of its own."""

from pathlib import Path

import pytest
from command_runner import Command, hook, write_plugin


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
