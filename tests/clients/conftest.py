"""The real clients, one of each for a test session."""

from collections.abc import Iterator

import pytest
from claude_code import ClaudeCode
from client_programs import required_client, scratch_home
from codex import Codex
from other_clients import Copilot, Gemini


@pytest.fixture(scope="session")
def claude_code() -> Iterator[ClaudeCode]:
    program = required_client("claude-code")
    with scratch_home() as home:
        yield ClaudeCode(program, home)


@pytest.fixture
def codex() -> Iterator[Codex]:
    """A Codex that nothing is installed in."""
    program = required_client("codex")
    with scratch_home() as home:
        yield Codex(program, home)


@pytest.fixture
def copilot() -> Iterator[Copilot]:
    """A Copilot CLI that nothing is installed in."""
    program = required_client("copilot")
    with scratch_home() as home:
        yield Copilot(program, home)


@pytest.fixture
def gemini() -> Iterator[Gemini]:
    """A Gemini CLI that nothing is installed in."""
    program = required_client("gemini")
    with scratch_home() as home:
        yield Gemini(program, home)
