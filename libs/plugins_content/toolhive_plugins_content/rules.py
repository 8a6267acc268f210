"""The rules that a plugin can break. A rule's value is its name in reports and pipelines, and never changes."""

import enum


class Rule(enum.StrEnum):
    """A rule that a diagnostic says is broken."""

    # What keeps a plugin from being packaged
    MANIFEST_MISSING = "manifest-missing"
    MANIFEST_SIZE = "manifest-size"
    MANIFEST = "manifest"
    JSON = "json"
    IRREGULAR_FILE = "irregular-file"
    """A link, a device, a pipe or a socket."""
    UNREADABLE_FILE = "unreadable-file"
    CHANGED_FILE = "changed-file"
    """A file that changed, or vanished, while the plugin was read."""
    PATH = "path"
    """The path of a file, or one that the manifest declares."""
    TOO_DEEP = "too-deep"
    TOO_MANY_FILES = "too-many-files"
    TOO_LARGE = "too-large"
    METADATA_SIZE = "metadata-size"
    """The artifact's documents would be larger than a registry client accepts."""

    SURFACE_SIZE = "surface-size"
    """There are more components, or more text in them, than anybody could look through."""

    # Files
    CASE = "case"
    LINK_COPIED = "link-copied"
    """A symbolic link that is packaged as a copy of the file it leads to."""
    PORTABLE_NAME = "portable-name"
    """A name that some system cannot hold, or reads as something else."""
    LEFTOVER = "leftover"
    SECRET_FILE = "secret-file"  # noqa: S105 - the name of a rule
    LITERAL_SECRET = "literal-secret"  # noqa: S105 - the name of a rule
    CRLF_SCRIPT = "crlf-script"
    BYTE_ORDER_MARK = "byte-order-mark"
    LEFT_OUT = "left-out"
    """There are more hidden files than the result lists."""

    # The manifest
    DUPLICATE_KEY = "duplicate-key"
    FIELD_CASE = "field-case"
    UNKNOWN_FIELD = "unknown-field"
    NAME = "name"
    NAME_MISSING = "name-missing"
    TYPE = "type"
    DESCRIPTION_MISSING = "description-missing"
    VERSION = "version"
    VERSION_MISSING = "version-missing"
    AUTHOR_NAME = "author-name"
    DEPENDENCIES = "dependencies"
    REQUIRES = "requires"
    PATH_HIDDEN = "path-hidden"
    PATH_MISSING = "path-missing"
    TOO_MANY = "too-many"
    """Entries of a component group."""

    # Components
    COMPONENT = "component"
    """A component's file, or its entry in the manifest, cannot be read as one."""
    DUPLICATE = "duplicate"
    HOOK = "hook"
    HOOK_EVENT = "hook-event"
    HOOK_MATCHER = "hook-matcher"
    HOOK_TYPE = "hook-type"
    MCP_SERVER = "mcp-server"
    MCP_TRANSPORT = "mcp-transport"
    MCP_PLAIN_HTTP = "mcp-plain-http"
    LSP_SERVER = "lsp-server"
    MONITOR = "monitor"
    NOT_EXECUTABLE = "not-executable"
    FILE_MISSING = "file-missing"
    SKILL_FRONT_MATTER = "skill-front-matter"
    SKILL_DESCRIPTION = "skill-description"
    SKILL_NAME = "skill-name"
    AGENT_DESCRIPTION = "agent-description"
    YAML = "yaml"

    # What a client minds
    CLAUDE_CODE_MANIFEST = "claude-code-manifest"
    CLAUDE_CODE_NAME = "claude-code-name"
    CLAUDE_CODE_PATH = "claude-code-path"
    CLAUDE_CODE_HOOKS = "claude-code-hooks"
    CLAUDE_CODE_MCP = "claude-code-mcp"
    CLAUDE_CODE_FRONT_MATTER = "claude-code-front-matter"
    CODEX_MANIFEST = "codex-manifest"
    TOOLHIVE_MANIFEST = "toolhive-manifest"
    TOOLHIVE_NAME = "toolhive-name"
    TOOLHIVE_FILES = "toolhive-files"
    TOOLHIVE_LAYER = "toolhive-layer"
