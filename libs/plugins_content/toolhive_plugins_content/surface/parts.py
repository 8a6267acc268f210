"""The parts of a plugin's executable surface: what a client runs, loads or grants, one value each, with all that it says."""

import enum
from collections.abc import Iterator

from attrs import field, frozen

from toolhive_artifact.digest import Digest
from toolhive_artifact.json_values import JsonObject, JsonValue
from toolhive_plugins_content.surface.commands import command_line
from toolhive_plugins_content.surface.secrets import masked, option_name
from toolhive_plugins_content.surface.values import Fact, Pointer, digest_of, facts_of


class PartKind(enum.Enum):
    """What a part is, in the order in which parts are shown."""

    HOOK = "hook"
    MODULE = "module"
    MCP_SERVER = "MCP server"
    LSP_SERVER = "LSP server"
    MONITOR = "monitor"
    CHANNEL = "channel"
    SETTING = "setting"
    STATUS_LINE = "status line"
    WORKFLOW = "workflow"
    PACKAGES = "package dependencies"
    PLUGIN_DEPENDENCY = "plugin dependency"
    USER_OPTION = "user option"
    OUTPUT_STYLE = "output style"
    COMMAND = "command"
    SKILL = "skill"
    AGENT = "agent"
    PROGRAM = "program"
    ARCHIVE = "archive"
    AMBIGUITY = "ambiguity"
    """A document that two readers take differently."""
    UNKNOWN = "unknown"
    """Something that was read and is not understood; a newer client may run it."""
    UNREAD = "unread"
    """Something that could not be read, and so may hold more than is shown."""


PROMPTS = frozenset({PartKind.COMMAND, PartKind.SKILL, PartKind.AGENT, PartKind.OUTPUT_STYLE})
"""Kinds that are text for a model; what they run and may use is in their rights."""

UNASKED = frozenset(
    {
        PartKind.HOOK,
        PartKind.MODULE,
        PartKind.MCP_SERVER,
        PartKind.LSP_SERVER,
        PartKind.MONITOR,
        PartKind.STATUS_LINE,
        PartKind.PACKAGES,
    }
)
"""Kinds that run without a person or a model asking for them by name."""


class PartReader(enum.Enum):
    """Whose reading of the plugin a part belongs to, where clients read different manifests."""

    ANY = "any client"
    CLAUDE = "clients that read .claude-plugin"
    CODEX = "Codex"
    CURSOR = "Cursor"
    GEMINI = "Gemini CLI"
    OPEN_FORMAT = "clients of the open plugin format"


@frozen
class Rights:
    """What a prompt may do when it is used."""

    allowed: tuple[str, ...] | None = ()
    """The tools that it may use unasked (an agent: at all), each once, as written; None for every one."""

    denied: tuple[str, ...] = ()
    """The tools that are taken from it, each once, as written."""

    shell: tuple[str, ...] = ()
    """The shell commands in its text, in order."""

    grants: JsonObject = field(default=JsonObject(()))
    """All else that its front matter gives it: hooks, an initial prompt, a shell."""

    limits: JsonObject = field(default=JsonObject(()))
    """All else that its front matter takes from it, `disable-model-invocation` say: less of it is more."""

    @property
    def none(self) -> bool:
        """Whether it gives nothing beyond being a prompt."""
        return not (self.allowed or self.shell or self.grants.pairs)


def _masked_line(text: str) -> str:
    return masked("", text)


@frozen(kw_only=True)
class Part:
    """One part of the surface."""

    kind: PartKind
    name: str
    """A hook's event and matcher, a server's name, a file's path."""

    path: str
    """The file that holds it, from the plugin's root."""

    content: JsonValue = field(repr=False)
    """All that the plugin says of it, as written."""

    at: Pointer = ()
    """The keys and indexes in the file that lead to it."""

    line: int = 0
    """The line of the file that it is about, from 1; 0 where none can be named."""

    reader: PartReader = PartReader.ANY
    what: str = field(default="", converter=_masked_line)
    """What it runs, in one line, with literal secrets masked: a command line, an address; empty where nothing says."""

    starts: bool = False
    """Whether it runs, or is connected to, when a session begins, without being asked for."""

    declared: bool = False
    """Whether a manifest names its file or holds it."""

    rights: Rights | None = None
    """What a prompt may do; None for anything but a prompt."""

    inert: bool = False
    """Whether by itself it runs, loads and grants nothing: a prompt without rights."""

    @property
    def facts(self) -> Iterator[Fact]:
        """All values, one a fact, with literal secrets masked."""
        previous = ""
        for fact in facts_of(self.content):
            name = option_name(previous, fact.label)
            if self.kind is PartKind.USER_OPTION and fact.label == "default":
                name = self.name
            yield Fact(fact.label, masked(name, fact.value))
            previous = fact.value

    @property
    def runs_its_command_line(self) -> bool:
        """Whether `what` is the whole command line of `command` and `args`."""
        return isinstance(self.content, JsonObject) and self.what == masked("", command_line(self.content))

    @property
    def digest(self) -> Digest:
        """The digest of the content in its canonical form."""
        return digest_of(self.content)
