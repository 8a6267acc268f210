"""The places where clients look for components, and the readers of what is there; each file is read once as each kind."""

from typing import Final

from toolhive_artifact.json_values import JsonObject, JsonValue, fold_key
from toolhive_plugins_content.surface.collector import Collector, folded_path
from toolhive_plugins_content.surface.documents import Document
from toolhive_plugins_content.surface.hooks import HookReader
from toolhive_plugins_content.surface.markdown import MarkdownReader
from toolhive_plugins_content.surface.parts import PartKind, PartReader
from toolhive_plugins_content.surface.servers import ServerReader

_FOLDERS: Final = {
    PartKind.COMMAND: "commands",
    PartKind.AGENT: "agents",
    PartKind.SKILL: "skills",
    PartKind.OUTPUT_STYLE: "output-styles",
}
_SKILL_FILE: Final = "skill.md"


class Places:
    """Reads components from files.

    Args:
        collector: takes what is found.
    """

    def __init__(self, collector: Collector) -> None:
        self._collector = collector
        self._markdown = MarkdownReader(collector)
        self._documents: dict[str, JsonValue] = {}
        self._done: set[tuple[str, str, PartReader]] = set()

    def defaults(self) -> None:
        """Read the default places."""
        for path in self._collector.spelled("hooks/hooks.json"):
            self.hooks(path, False, PartReader.ANY)
        for path in self._collector.spelled(".mcp.json"):
            self.mcp_servers(path, False, PartReader.ANY)
        for path in self._collector.spelled(".lsp.json"):
            self.lsp_servers(path, False, PartReader.ANY)
        for path in self._collector.spelled("monitors/monitors.json"):
            self.monitors(path, False, PartReader.ANY)
        for kind, folder in _FOLDERS.items():
            for path, name in self.prompts_at(kind, folder):
                self.prompt(kind, path, name, declared=False, reader=PartReader.ANY)
        for path in self._collector.spelled(_SKILL_FILE):
            self.prompt(PartKind.SKILL, path, "", declared=False, reader=PartReader.ANY)
        for path in self._collector.inside("workflows"):
            self.workflow(path, declared=False, reader=PartReader.ANY)

    def document(self, path: str) -> JsonValue:
        """Return what a JSON file holds; None where it cannot be read."""
        if path not in self._documents:
            self._documents[path] = self._collector.json(path)
        return self._documents[path]

    def hooks(self, path: str, declared: bool, reader: PartReader) -> None:
        """Read a hook configuration."""
        if self._first("hooks", path, reader):
            HookReader(Document(self._collector, path, reader, declared)).document(self.document(path))

    def mcp_servers(self, path: str, declared: bool, reader: PartReader) -> None:
        """Read a configuration of MCP servers."""
        if self._first("mcp", path, reader):
            ServerReader(Document(self._collector, path, reader, declared)).mcp_servers(self.document(path))

    def lsp_servers(self, path: str, declared: bool, reader: PartReader) -> None:
        """Read a configuration of language servers."""
        if self._first("lsp", path, reader):
            ServerReader(Document(self._collector, path, reader, declared)).lsp_servers(self.document(path))

    def apps(self, path: str, declared: bool, reader: PartReader) -> None:
        """Read Codex's `.app.json`, `{"apps": {name: {"id": ...}}}`: the apps, at OpenAI, that a plugin connects to."""
        if not self._first("apps", path, reader):
            return
        document = self.document(path)
        pairs = document.pairs if isinstance(document, JsonObject) else ()
        if document is not None and not pairs:
            self._collector.unknown("apps", path, document, (), reader)
        for key, value in pairs:
            if fold_key(key) != "apps" or not isinstance(value, JsonObject):
                if value is not None and key != "$schema":
                    self._collector.unknown(f"the key {key}", path, value, (key,), reader)
                continue
            for name, app in value.pairs:
                what = "connects to an app of the account"
                Document(self._collector, path, reader, declared).add(
                    PartKind.SETTING, f"app {name}", app, (key, name), what=what
                )

    def monitors(self, path: str, declared: bool, reader: PartReader) -> None:
        """Read a configuration of monitors."""
        if self._first("monitors", path, reader):
            ServerReader(Document(self._collector, path, reader, declared)).monitors(self.document(path))

    def workflow(self, path: str, *, declared: bool, reader: PartReader) -> None:
        """Take a workflow: JavaScript that the client runs."""
        if self._first("workflow", path, reader):
            Document(self._collector, path, reader, declared).add(PartKind.WORKFLOW, path, path, (), what=path)

    def prompt(self, kind: PartKind, path: str, name: str, *, declared: bool, reader: PartReader) -> None:
        """Read a command, an agent, a skill or an output style."""
        if self._first(kind.value, path, reader):
            self._markdown.file(kind, name, path, declared=declared, reader=reader)

    def prompts_at(self, kind: PartKind, root: str) -> list[tuple[str, str]]:
        """Return the prompts of a kind that a path leads to, a file or a folder, each with its name."""
        files = self._collector.spelled(root)
        if files:
            return [(path, _name(kind, path, root.rpartition("/")[0])) for path in files]
        found = self._collector.inside(root)
        if kind is PartKind.SKILL:
            return [
                (path, _name(kind, path, root)) for path in found if folded_path(path).split("/")[-1] == _SKILL_FILE
            ]
        return [(path, _name(kind, path, root)) for path in found if folded_path(path).endswith(".md")]

    def is_default(self, kind: PartKind, root: str) -> bool:
        """Tell whether a path is the folder where clients look for prompts of a kind anyway: an empty one hides nothing."""
        return folded_path(root) == _FOLDERS[kind]

    def _first(self, kind: str, path: str, reader: PartReader) -> bool:
        """Tell whether a file has not been read as this kind yet, by this reader or by all.

        What the plugin's own manifest declares and a default place holds is one part: it is every client's.
        """
        is_known = (kind, path, reader) in self._done or (kind, path, PartReader.ANY) in self._done
        if reader is PartReader.ANY and (kind, path, PartReader.CLAUDE) in self._done:
            is_known = True
        self._done.add((kind, path, reader))
        return not is_known


def _name(kind: PartKind, path: str, root: str) -> str:
    """Return the name that a file gives its component: a skill's folder, else its path below the root, folders as prefixes."""
    if kind is PartKind.SKILL and folded_path(path).split("/")[-1] == _SKILL_FILE:
        return path.rpartition("/")[0].rpartition("/")[2]
    name = path[len(root) + 1 :] if root and folded_path(path).startswith(folded_path(root) + "/") else path
    stem = name[: -len(".md")] if folded_path(name).endswith(".md") else name
    return stem.replace("/", ":") if kind is PartKind.COMMAND else stem.rpartition("/")[2]
