"""The rules for what should perhaps not be published: secrets, leftovers, and files that other systems cannot hold or run.

They are warnings: a plugin may mean what it holds. `validate` and `build` give the same ones.
"""

import re
from collections.abc import Iterable
from typing import Final

from toolhive_artifact import InvalidDocumentError, JsonObject
from toolhive_artifact.errors import shown
from toolhive_plugins_content.findings import Findings
from toolhive_plugins_content.plugin_manifest import MANIFEST_PATH
from toolhive_plugins_content.portable_names import why_not_everywhere
from toolhive_plugins_content.rules import Rule
from toolhive_plugins_content.tree import BYTE_ORDER_MARK, FileTree, PluginFile

_KEY_NAMES: Final = re.compile(
    r"id_(?:rsa|dsa|ecdsa|ed25519)(?:_sk)?|.*\.(?:pem|key|p12|pfx|jks|keystore|ppk|kdbx|asc|gpg)|(?:.*[-_.])?credentials(?:\.json|\.ini)?"
    r"|service[-_]account.*\.json|client[-_]secrets?.*\.json|.*\.env|htpasswd|.*\.ovpn|secrets?\.(?:json|ya?ml|toml|env)",
    re.IGNORECASE,
)
_KEY_HEADER: Final = re.compile(
    rb"-----BEGIN ((?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?|CERTIFICATE|OPENSSH PRIVATE KEY)-----"
)
_LEFTOVER_FOLDERS: Final = frozenset({"__pycache__", "node_modules", "__macosx", "venv", "htmlcov"})
_LEFTOVERS: Final = re.compile(
    r".*\.(?:py[co]|orig|rej|swp|swo|bak|tmp|log)|.*~|thumbs\.db|desktop\.ini|npm-debug\.log.*", re.IGNORECASE
)
_CONFIGURATIONS: Final = frozenset(
    {
        MANIFEST_PATH,
        ".mcp.json",
        ".lsp.json",
        "hooks/hooks.json",
        "monitors/monitors.json",
        "settings.json",
        "mcp.json",
        "gemini-extension.json",
    }
)
_COMPONENT_FOLDERS: Final = ("agents/", "commands/", "skills/", "output-styles/", "hooks/", "monitors/")
_LFS_POINTER: Final = b"version https://git-lfs.github.com/spec/"
_MAX_LFS_POINTER: Final = 1024
_CONFIGURATION_LIMIT: Final = 1024 * 1024
_MAX_DEPTH: Final = 64


class PublicationRules:
    """Checks the files of a plugin as its publisher may not have looked at them.

    Args:
        tree: the plugin's files.
        findings: takes what is found.
    """

    def __init__(self, tree: FileTree, findings: Findings) -> None:
        self._tree = tree
        self._findings = findings

    def check(self) -> None:
        """Check all files.

        Raises:
            ToolhiveError: a file changed, or cannot be read.
        """
        for file in self._tree.files.values():
            self._name(file.path)
            self._beginning(file)
        self._twins(self._tree.paths)
        for path in sorted(_CONFIGURATIONS & self._tree.files.keys()):
            self._credentials(path)

    def _name(self, path: str) -> None:
        *folders, name = path.split("/")
        for part in (*folders, name):
            if why := why_not_everywhere(part):
                self._warn(
                    Rule.PORTABLE_NAME,
                    f"{shown(part)!r}: {why}",
                    path,
                    "Rename it, or some users cannot install the plugin",
                )
                break
        if any(folder.lower() in _LEFTOVER_FOLDERS for folder in folders) or _LEFTOVERS.fullmatch(name):
            self._warn(Rule.LEFTOVER, "looks like a leftover of a tool, not a part of the plugin", path, "Delete it")
        elif _KEY_NAMES.fullmatch(name):
            self._warn(Rule.SECRET_FILE, "is named like a key or a file of credentials", path, "Do not publish secrets")

    def _beginning(self, file: PluginFile) -> None:
        head = self._tree.head(file.path)
        if match := _KEY_HEADER.search(head):
            what = match[1].decode("ascii").lower()
            self._warn(Rule.SECRET_FILE, f"begins like a {what}", file.path, "Do not publish secrets")
        if file.size <= _MAX_LFS_POINTER and head.startswith(_LFS_POINTER):
            remedy = "Fetch the file itself, with git lfs pull, or commit it without LFS"
            self._warn(Rule.LFS_POINTER, "is a pointer of Git LFS, not the file itself", file.path, remedy)
        if head.startswith(b"#!") and head.partition(b"\n")[0].endswith(b"\r"):
            problem = "its first line ends in CRLF, so that no system finds its interpreter"
            self._warn(Rule.CRLF_SCRIPT, problem, file.path, "Save it with LF line ends")
        if head.startswith(BYTE_ORDER_MARK) and (
            file.path in _CONFIGURATIONS or file.path.startswith(_COMPONENT_FOLDERS)
        ):
            problem = "begins with a byte order mark, which some clients take for content"
            self._warn(Rule.BYTE_ORDER_MARK, problem, file.path, "Save it as UTF-8 without one")

    def _twins(self, paths: Iterable[str]) -> None:
        """Find names that are one file where Unicode is normalised; those that differ in case have a rule of their own."""
        seen: dict[str, str] = {}
        for path in paths:
            if path.isascii():
                continue
            from unicodedata import normalize

            other = seen.setdefault(normalize("NFC", path), path)
            if other != path:
                self._warn(
                    Rule.CASE,
                    "differs from another file in its Unicode form only",
                    path,
                    "Rename one: on macOS they are one file",
                )

    def _credentials(self, path: str) -> None:
        from toolhive_plugins_content.surface.secrets import holds_secret
        from toolhive_plugins_content.surface.values import facts_of

        if self._tree.files[path].size > _CONFIGURATION_LIMIT:
            return
        try:
            document = self._tree.json(path, _CONFIGURATION_LIMIT, _MAX_DEPTH)
        except InvalidDocumentError:
            return  # Reported by the rules of components.
        previous = ""
        for fact in facts_of(document):
            if self._findings.is_full(path):
                return
            if holds_secret(previous if previous.startswith("-") else fact.label, fact.value):
                problem = f"{shown(fact.label)} holds what looks like a literal secret"
                at = _position(document, fact.label) if isinstance(document, JsonObject) else (0, 0)
                self._findings.warning(
                    Rule.LITERAL_SECRET, problem, path, at, "Name an environment variable instead: ${NAME}"
                )
            previous = fact.value

    def _warn(self, rule: Rule, problem: str, path: str, remedy: str) -> None:
        self._findings.warning(rule, problem, path, remedy=remedy)


def _position(document: JsonObject, label: str) -> tuple[int, int]:
    """Return where the top-level member is that a label begins with; its own place would need the whole way to it."""
    key = label.partition(".")[0].partition("[")[0]
    return document.position(key) if key in document else (0, 0)
