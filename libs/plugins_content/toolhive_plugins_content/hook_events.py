"""The events of hooks (Claude Code's reference of hooks; docs/clients.md)."""

from typing import Final

_EVENTS = (
    "SessionStart Setup SessionEnd UserPromptSubmit UserPromptExpansion PreToolUse PermissionRequest PermissionDenied PostToolUse "
    "PostToolUseFailure PostToolBatch Notification MessageDisplay SubagentStart SubagentStop TaskCreated TaskCompleted Stop "
    "StopFailure TeammateIdle InstructionsLoaded ConfigChange CwdChanged DirectoryAdded FileChanged WorktreeCreate WorktreeRemove "
    "PreCompact PostCompact Elicitation ElicitationResult"
)
EVENTS: Final = frozenset(_EVENTS.split())
"""The events that clients know today. One that is not here is shown all the same, and said to be unknown."""

STARTING_EVENTS: Final = frozenset({"sessionstart", "setup", "instructionsloaded"})
"""Folded names of the events that come when a session begins."""
