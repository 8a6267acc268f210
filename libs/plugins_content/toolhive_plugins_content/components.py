"""A plugin's components as values: commands, agents, skills, hooks, servers and monitors.

The fields mean what Claude Code's documentation says (code.claude.com/docs/en/plugins-reference, hooks, mcp). All text is the plugin
author's and untrusted. `discovery` finds the components in a FileTree.
"""

from enum import Enum
from typing import TYPE_CHECKING, Final

from attrs import field, frozen

from toolhive_plugins_interfaces.diagnostics import Diagnostic

if TYPE_CHECKING:
    from toolhive_plugins_content.front_matter import FrontMatterReading


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


class ComponentType(Enum):
    """The component types that an inventory counts; each value is its field in `plugin.json`."""

    COMMANDS = "commands"
    AGENTS = "agents"
    SKILLS = "skills"
    HOOKS = "hooks"
    MCP_SERVERS = "mcpServers"
    LSP_SERVERS = "lspServers"


@frozen
class Source:
    """Where a component was found."""

    path: str
    """The file, from the plugin's root."""

    declared: bool
    """Whether `plugin.json` names it or its folder, or contains it; otherwise it was found in the default place for its type.

    Where `plugin.json` declares a type, clients differ in whether they still look in the default place.
    """


@frozen(kw_only=True)
class Hook:
    """One handler of a hook configuration: something that runs when an event happens."""

    event: str
    """`SessionStart`, `PreToolUse`, ..."""

    matcher: str = ""
    """The tools, or other subjects of the event, that it applies to; empty for all."""

    type: str = ""
    """`command`, `http`, `mcp_tool`, `prompt` or `agent`."""

    command: str = ""
    """A shell command line, or only the program if there are `args`."""

    args: tuple[str, ...] | None = None
    """The program's arguments; None if `command` is a shell command line."""

    url: str = ""
    """Where the event is sent, for `http`."""

    prompt: str = ""
    """The prompt for the model, for `prompt` and `agent`."""

    tool: str = ""
    """`server/tool`, for `mcp_tool`."""

    condition: str = ""
    """A further condition on the tool call (`if`)."""

    source: Source


@frozen(kw_only=True)
class McpServer:
    """A Model Context Protocol server, which the client starts or connects to when the plugin is enabled."""

    name: str
    transport: str
    """`stdio`, `http`, `sse` or `ws`; `bundle` for an `.mcpb` file, which contains a server."""

    command: str = ""
    """The program, for `stdio`."""

    args: tuple[str, ...] = ()
    """Its arguments."""

    env: tuple[str, ...] = ()
    """The names of the environment variables that are set for it; values may be secrets and are not kept."""

    url: str = ""
    """Its address, for the other transports."""

    headers: tuple[str, ...] = ()
    """The names of the headers that are sent."""

    headers_helper: str = ""
    """A shell command whose output gives further headers."""

    source: Source


@frozen(kw_only=True)
class LspServer:
    """A language server that the client starts."""

    name: str
    command: str = ""
    args: tuple[str, ...] = ()
    env: tuple[str, ...] = ()
    """The names of the environment variables that are set for it."""

    extensions: tuple[str, ...] = ()
    """The file name extensions that it serves."""

    source: Source


@frozen(kw_only=True)
class Monitor:
    """A shell command that runs in the background of a session."""

    name: str
    command: str
    when: str = "always"
    """`always`: from the start of the session; or `on-skill-invoke:<skill>`."""

    source: Source


@frozen(kw_only=True)
class Command:
    """A slash command: a prompt that the user invokes."""

    name: str
    description: str = ""
    allowed_tools: tuple[str, ...] | None = None
    """The tools that it may use without asking; None if it names none."""

    shell: tuple[str, ...] = ()
    """Shell commands in its text that run when it is invoked, before the model sees it."""

    hooks: str = ""
    """The hooks that its front matter adds while it is active, as written."""

    source: Source


@frozen(kw_only=True)
class Agent:
    """A subagent: a system prompt that the model may delegate work to."""

    name: str
    description: str = ""
    tools: tuple[str, ...] | None = None
    """The tools that it has; None for every tool."""

    disallowed_tools: tuple[str, ...] = ()
    """The tools that it does not have."""

    source: Source


@frozen(kw_only=True)
class Skill:
    """A skill: instructions that the model may load."""

    name: str
    description: str = ""
    allowed_tools: tuple[str, ...] | None = None
    """The tools that it may use without asking; None if it names none."""

    shell: tuple[str, ...] = ()
    """Shell commands in its text that run when it is invoked, before the model sees it."""

    hooks: str = ""
    """The hooks that its front matter adds while it is active, as written."""

    source: Source


@frozen(kw_only=True)
class Prompt:
    """A command, agent or skill as far as it tells what it is; what it may do, and runs in a shell, is in the surface."""

    name: str
    description: str = ""
    front_matter: "FrontMatterReading | None" = field(default=None, eq=False, repr=False)
    """What its file begins with; None if that cannot be read."""

    source: Source


@frozen(kw_only=True)
class Components:
    """All components of a plugin, from the default places as well as from where `plugin.json` declares them."""

    commands: tuple[Prompt, ...] = ()
    agents: tuple[Prompt, ...] = ()
    skills: tuple[Prompt, ...] = ()
    hooks: tuple[Hook, ...] = ()
    mcp_servers: tuple[McpServer, ...] = ()
    lsp_servers: tuple[LspServer, ...] = ()
    monitors: tuple[Monitor, ...] = ()
    problems: tuple[Diagnostic, ...] = ()
    """What is wrong with their declarations and files; clients may not load the components concerned."""
