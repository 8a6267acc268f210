"""What `thv-plugin --help` shows: the subcommands by purpose."""

GROUPS = {
    "Make": {
        "build": "package a plugin directory into the local store",
        "validate": "list everything that is wrong with a plugin directory",
    },
    "Look before you trust": {
        "inspect": "show what a plugin would run on your machine",
        "diff": "show what changed between two versions, what runs first",
        "verify": "tell whether an artifact was built from a directory",
        "content": "list the files of a plugin, or print one of them",
    },
    "Share": {
        "push": "send a build to a registry",
        "pull": "fetch a plugin from a registry into the local store",
        "extract": "write a plugin's files to a directory",
    },
    "Keep house": {
        "list": "list what the local store holds",
        "rm": "delete builds from the local store",
        "gc": "delete what no build uses any more",
        "check": "look for damage in the local store",
        "repair": "mend damage in the local store",
        "completion": "print the completion script for your shell",
    },
}
"""Name and summary of each subcommand, in the groups and the order of the help."""

ALIASES = {"ls": "list", "remove": "rm", "delete": "rm", "show": "inspect"}
"""Other names that people's fingers know."""


def names() -> tuple[str, ...]:
    """Return the subcommands, in the order of the help."""
    return tuple(name for group in GROUPS.values() for name in group)


def nearest(name: str) -> str:
    """Return a suggestion for a mistyped subcommand, ready to follow the complaint; empty where nothing is near."""
    from difflib import get_close_matches

    found = get_close_matches(name, [*names(), *ALIASES], n=1)
    return f"; did you mean {ALIASES.get(found[0], found[0])}?" if found else ""


def overview(*, color: bool) -> str:
    """Return the help of the command as a whole."""
    bold, dim, end = ("\x1b[1m", "\x1b[2m", "\x1b[0m") if color else ("", "", "")
    lines = [
        f"{bold}thv-plugin{end} builds, looks into, publishes and fetches ToolHive plugins.",
        "",
        f"{bold}Usage:{end} thv-plugin COMMAND [ARGUMENTS]",
    ]
    for title, commands in GROUPS.items():
        lines += ["", f"{bold}{title}{end}"]
        lines += [f"  {name:<12}{summary}" for name, summary in commands.items()]
    lines += [
        "",
        f"{bold}Where to begin{end}",
        f"  thv-plugin build ./my-plugin      {dim}# directory -> local store{end}",
        f"  thv-plugin inspect my-plugin      {dim}# what would it run?{end}",
        "  thv-plugin push my-plugin REGISTRY/NAME/my-plugin:1.0.0",
        "",
        "thv-plugin COMMAND --help says more about each.",
        "",
        "Exit status: 0 fine, 1 failed, 2 usage, 3 invalid plugin, 4 surface grew,",
        "5 does not verify, 6 not found, 130 interrupted.",
        "",
    ]
    return "\n".join(lines)
