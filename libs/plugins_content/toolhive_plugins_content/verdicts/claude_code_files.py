"""What Claude Code minds about hook files and the front matter of prompts."""

import posixpath
import re
from typing import TYPE_CHECKING, Final

from toolhive_artifact.errors import shown
from toolhive_artifact.json_values import JsonObject
from toolhive_plugins_content.plugin_manifest import MANIFEST_PATH
from toolhive_plugins_content.rules import Rule
from toolhive_plugins_content.tree import FileTree, resolve_path
from toolhive_plugins_content.verdicts.reasons import Reasons, position
from toolhive_plugins_content.verdicts.shapes import Fields, ListOf, text

if TYPE_CHECKING:
    from toolhive_plugins_content.verdicts.strict_front_matter import ReadFrontMatter

_DEFAULT_HOOKS: Final = "hooks/hooks.json"
_HOOKS_FILE: Final = Fields(optional={"description": text(), "hooks": Fields(), "modules": ListOf(text())})
_CODE: Final = (".ts", ".tsx", ".jsx", ".js", ".mjs", ".cjs", ".mts", ".cts")

_SKILL: Final = re.compile(r"skills/[^/]+/SKILL\.md")
_COMMAND: Final = re.compile(r"commands/.*\.(?i:md)")
_AGENT: Final = re.compile(r"agents/.*\.(?i:md)")
_SHELLS: Final = ("bash", "powershell")


def check_hooks_files(manifest: JsonObject, reasons: Reasons) -> None:
    """Check `hooks/hooks.json` and the files that `plugin.json` names."""
    declared = manifest.get("hooks")
    if declared is None and not reasons.has_file(_DEFAULT_HOOKS):
        return
    from toolhive_plugins_content.verdicts.guard_hooks import check_events  # lazily: few plugins have hooks

    if isinstance(declared, JsonObject):
        check_events(declared, ("hooks",), MANIFEST_PATH, manifest, reasons)
    for index, part in enumerate(declared if isinstance(declared, tuple) else ()):
        if isinstance(part, JsonObject):
            check_events(part, ("hooks", index), MANIFEST_PATH, manifest, reasons)
    named = [part for part in (declared if isinstance(declared, tuple) else (declared,)) if isinstance(part, str)]
    modules = 0
    for path in dict.fromkeys((_DEFAULT_HOOKS, *map(resolve_path, named))):
        if path is not None and reasons.has_file(path):
            modules += _check_hooks_file(path, reasons)
    if modules > 1:
        reasons.refuse(Rule.CLAUDE_CODE_HOOKS, ".", f"there are {modules} hook modules, and there may be one")


def _check_hooks_file(path: str, reasons: Reasons) -> int:
    """Check one file of hooks and return how many modules it names."""
    rule = Rule.CLAUDE_CODE_HOOKS
    read = reasons.json(rule, path)
    if read is None:
        return 0
    (document,) = read
    faults = list(_HOOKS_FILE.faults(document))
    for fault in faults:
        reasons.fault(rule, path, document, fault)
    if faults or not isinstance(document, JsonObject):
        return 0
    from toolhive_plugins_content.verdicts.guard_hooks import check_beside_events, check_events

    check_beside_events(document, path, reasons)
    events = document.get("hooks")
    if isinstance(events, JsonObject):
        check_events(events, ("hooks",), path, document, reasons)
    if "hooks" not in document and "modules" not in document:
        reasons.refuse(rule, path, "has neither 'hooks' nor 'modules'", 'Put the events into {"hooks": {...}}', (1, 1))
    modules = document.get("modules")
    names = [module for module in modules if isinstance(module, str)] if isinstance(modules, tuple) else []
    for index, name in enumerate(names):
        at = position(document, ("modules", index))
        found = resolve_path(posixpath.join(posixpath.dirname(path), name))
        if found is None or not reasons.has_file(found):
            reasons.refuse(rule, path, f"there is no module {shown(name)!r}", at=at)
        elif not name.endswith(_CODE):
            reasons.refuse(rule, path, f"the module {shown(name)!r} is not named like code", at=at)
        else:
            reasons.leave_open(rule, found, "only Claude Code can judge a hook module's code")
    return len(names)


def check_prompts(tree: FileTree, reasons: Reasons) -> None:
    """Check the front matter of the skills, commands and agents in their default places; others are not looked at."""
    parsed = 0
    for path in tree.paths:
        is_agent = bool(_AGENT.fullmatch(path))
        if not (is_agent or _SKILL.fullmatch(path) or _COMMAND.fullmatch(path)):
            continue
        content = reasons.text(Rule.CLAUDE_CODE_FRONT_MATTER, path)
        if content is None:
            continue
        # Only prompts need it.
        from toolhive_plugins_content.verdicts.strict_front_matter import MAX_SIZE_OF_ALL, read_strictly

        front = read_strictly(content, MAX_SIZE_OF_ALL - parsed)
        if front is None:
            reasons.leave_open(Rule.CLAUDE_CODE_FRONT_MATTER, path, "there is too much front matter to judge it")
        else:
            parsed += front.parsed
            for problem in _front_matter_problems(front, is_agent=is_agent):
                reasons.refuse(Rule.CLAUDE_CODE_FRONT_MATTER, path, problem, at=(1, 1))


def _front_matter_problems(front: "ReadFrontMatter", *, is_agent: bool) -> list[str]:
    if front.problem:
        return [f"the front matter {front.problem}"]
    from toolhive_plugins_content.verdicts.strict_front_matter import kind_of

    problems: list[str] = []
    name = kind_of(front.values.get("name"))
    if name not in ("string", "null"):
        problems.append(f"'name' must be a string, and is a {name}")
    description = kind_of(front.values.get("description"))
    if description in ("list", "object"):
        problems.append(f"'description' must be a string, and is a {description}")
    tools = front.values.get("allowed-tools")
    if not (tools is None or isinstance(tools, str | tuple)) or not all(isinstance(tool, str) for tool in tools or ()):
        problems.append("'allowed-tools' must be a string or a list of strings")
    shell = front.values.get("shell")
    names_a_shell = isinstance(shell, str) and shell.strip().lower() in _SHELLS
    if not is_agent and shell is not None and not names_a_shell:
        problems.append("'shell' must be bash or powershell")
    return problems
