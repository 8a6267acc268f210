"""What a plugin brings along and would run: its commands, agents, skills, hooks, servers and monitors, as values.

The meaning of the fields is that of Claude Code's plugin reference (code.claude.com/docs/en/plugins-reference,
hooks, mcp). All text here is the plugin author's: show it with care. `discovery` finds these in a FileTree.
"""

from enum import Enum

from attrs import frozen

from toolhive_plugins_interfaces.diagnostics import Diagnostic


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
    """`plugin.json` names it or its folder, or holds it; otherwise it stands in the default place for its type.

    Where `plugin.json` declares a type, clients differ in whether they still look in the default place.
    """


@frozen(kw_only=True)
class Hook:
    """Something that runs when an event happens; one handler of a hook configuration."""

    event: str
    """`SessionStart`, `PreToolUse`, ..."""

    matcher: str = ""
    """Which tools, or the like, it is for; empty for all of them."""

    type: str = ""
    """`command`, `http`, `mcp_tool`, `prompt` or `agent`."""

    command: str = ""
    """A shell command line; the program alone where there are `args`."""

    args: tuple[str, ...] | None = None
    """The program's arguments; None where `command` is a line for the shell."""

    url: str = ""
    """Where the event is sent, for `http`."""

    prompt: str = ""
    """What a model is asked, for `prompt` and `agent`."""

    tool: str = ""
    """`server/tool`, for `mcp_tool`."""

    condition: str = ""
    """A further condition on the tool call (`if`)."""

    source: Source


@frozen(kw_only=True)
class McpServer:
    """A Model Context Protocol server, started or connected to when the plugin is enabled."""

    name: str
    transport: str
    """`stdio`, `http`, `sse`, `ws`; `bundle` for an `.mcpb` file, which holds a server of its own."""

    command: str = ""
    """The program, for `stdio`."""

    args: tuple[str, ...] = ()
    """Its arguments."""

    env: tuple[str, ...] = ()
    """The names of the environment variables it is given; values may be secrets and are not kept."""

    url: str = ""
    """Where it is, for the others."""

    headers: tuple[str, ...] = ()
    """The names of the headers that are sent."""

    headers_helper: str = ""
    """A shell command that is run for further headers."""

    source: Source


@frozen(kw_only=True)
class LspServer:
    """A language server, started by the client."""

    name: str
    command: str = ""
    args: tuple[str, ...] = ()
    env: tuple[str, ...] = ()
    """The names of the environment variables it is given."""

    extensions: tuple[str, ...] = ()
    """The file name extensions that it is started for."""

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
    """The tools that it may use without asking; None where it names none."""

    shell: tuple[str, ...] = ()
    """Shell commands in its text that run when it is invoked, before the model sees it."""

    hooks: str = ""
    """Hooks that it brings while it is active, as its front matter has them."""

    source: Source


@frozen(kw_only=True)
class Agent:
    """A subagent: a system prompt that the model may hand work to."""

    name: str
    description: str = ""
    tools: tuple[str, ...] | None = None
    """The tools that it has; None means every tool there is."""

    disallowed_tools: tuple[str, ...] = ()
    """Tools that it does not have."""

    source: Source


@frozen(kw_only=True)
class Skill:
    """A skill: instructions that the model may load."""

    name: str
    description: str = ""
    allowed_tools: tuple[str, ...] | None = None
    """The tools that it may use without asking; None where it names none."""

    shell: tuple[str, ...] = ()
    """Shell commands in its text that run when it is invoked, before the model sees it."""

    hooks: str = ""
    """Hooks that it brings while it is active, as its front matter has them."""

    source: Source


@frozen(kw_only=True)
class Components:
    """All that a plugin brings along: from its default places as well as from where `plugin.json` says."""

    commands: tuple[Command, ...] = ()
    agents: tuple[Agent, ...] = ()
    skills: tuple[Skill, ...] = ()
    hooks: tuple[Hook, ...] = ()
    mcp_servers: tuple[McpServer, ...] = ()
    lsp_servers: tuple[LspServer, ...] = ()
    monitors: tuple[Monitor, ...] = ()
    problems: tuple[Diagnostic, ...] = ()
    """What is wrong with their declarations and files; clients may not load those components."""
