"""The reasons that the Agent Plugins format has against a plugin, each with its section and with how much of the plugin it costs."""

from toolhive_artifact.json_values import JsonObject, JsonValue
from toolhive_plugins_content.links import route_of
from toolhive_plugins_content.plugin import PluginTree
from toolhive_plugins_content.rules import Rule
from toolhive_plugins_content.tree import FileTree
from toolhive_plugins_content.verdicts.reasons import Reasons, position, spelled
from toolhive_plugins_content.verdicts.shapes import Fault
from toolhive_plugins_content.verdicts.verdict import Effect


class OpenFormatReasons(Reasons):
    """Reasons whose messages end with a section of the specification."""

    @property
    def refused(self) -> bool:
        """Whether the whole plugin is refused."""
        return any(reason.effect is Effect.REFUSES for reason in self.all())

    def reject(
        self, rule: Rule, path: str, message: str, section: str, remedy: str = "", at: tuple[int, int] = (0, 0)
    ) -> None:
        """Note what refuses the plugin."""
        self.refuse(rule, path, f"{message} (section {section})", remedy, at)

    def reject_value(self, path: str, document: JsonObject, fault: Fault, section: str) -> None:
        """Note a value for which the plugin is refused."""
        if not self.is_full(path):
            message = f"{spelled(fault.path)} {fault.problem}"
            self.reject(Rule.AGENT_PLUGINS_MANIFEST, path, message, section, at=position(document, fault.path))

    def report(
        self, rule: Rule, path: str, message: str, section: str, remedy: str = "", at: tuple[int, int] = (0, 0)
    ) -> None:
        """Note what a client only reports, or what it does without; the message says which."""
        self.ignore(rule, path, f"{message} (section {section})", remedy, at)

    def document(self, rule: Rule, path: str, section: str, cost: str = "") -> tuple[JsonValue] | None:
        """Return the JSON document in a file, in a tuple of its own; None where it is no JSON, which is noted.

        Args:
            cost: what is done without then; empty where the plugin is refused.
        """
        probe = Reasons(self.tree)
        read = probe.json(rule, path, replace=False)
        for reason in probe.all():
            at = (reason.line, reason.column)
            if reason.effect is Effect.UNDECIDED:
                self.leave_open(rule, path, reason.message)
            elif cost:
                self.report(rule, path, f"{cost}: {reason.message}", section, reason.remedy, at)
            else:
                self.reject(rule, path, reason.message, section, reason.remedy, at)
        return read


def leads_out(tree: FileTree, path: str) -> bool:
    """Say whether there is a link at a path that leads out of the plugin."""
    irregular = tree.irregular if isinstance(tree, PluginTree) else ()
    return any(item.path == path and item.target and route_of(path, item.target) is None for item in irregular)
