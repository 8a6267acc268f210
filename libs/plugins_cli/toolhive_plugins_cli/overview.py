"""What `thv-plugin --help` shows: the subcommands by purpose."""

GROUPS = {
    "Build": {
        "build": "package a plugin directory into the local store",
        "validate": "list every problem of a plugin directory",
    },
    "Inspect": {
        "inspect": "show what a plugin would run on your machine",
        "diff": "show what changed between two versions",
        "verify": "check who has signed a plugin, and that it was built from a directory",
        "content": "list the files of a plugin, or print one",
    },
    "Share": {
        "push": "send builds to a registry",
        "sign": "sign a plugin in a registry",
        "attest": "state what a plugin could run, and how it was built",
        "keygen": "make a pair of keys to sign with",
        "policy": "say what the policies allow, and why",
        "pull": "fetch plugins from a registry into the local store",
        "copy": "copy a plugin from one reference to another",
        "tags": "list the tags of a repository",
        "login": "log in to a registry",
        "logout": "forget the login for a registry",
        "extract": "write a plugin's files to a directory",
    },
    "Marketplaces": {
        "marketplace": "read, push, show, compare, copy and generate marketplaces; their pages",
    },
    "Clients": {
        "install": "install a plugin into your AI clients",
        "list": "list the installed plugins, and whether they load",
        "info": "show what is known of an installed plugin",
        "uninstall": "take back what an installation wrote",
        "sync": "make a project as its lock file says",
        "upgrade": "install what is new, after showing what changed",
        "outdated": "show what is newer than what is installed",
        "path": "print the folder of a plugin, for Claude Code's command sources",
        "seed": "write a folder of plugins for containers without a network",
    },
    "Local store": {
        "builds": "list the builds in the local store",
        "tag": "give a local build another tag",
        "rm": "delete builds from the local store",
        "gc": "delete what no build uses",
        "check": "check the local store for damage",
        "repair": "repair the local store",
        "config": "show the settings for registries, and where they come from",
        "completion": "print the completion script for your shell",
    },
}
"""Name and summary of each subcommand, in the groups and the order of the help."""

FAMILIES = {
    "policy": {
        "test": "say what the policies allow of a plugin, and why",
    },
    "marketplace": {
        "read": "show what a marketplace has",
        "push": "push all its plugins, and a catalog of them",
        "show": "show a catalog",
        "diff": "show what changed between two catalogs",
        "copy": "copy a catalog and its plugins",
        "generate": "make a marketplace for the clients of a team",
        "page": "make a static site of a catalog",
    },
}
"""Name and summary of the members of each subcommand that is several."""

ALIASES = {"ls": "list", "show": "inspect"}
"""Other names, which other programs use for the same."""


_GONE = ("remove", "delete")
"""What `rm` was called too, before plugins were installed."""


def names() -> tuple[str, ...]:
    """Return the subcommands, in the order of the help."""
    return tuple(name for group in GROUPS.values() for name in group)


def members() -> tuple[str, ...]:
    """Return the full names of the members of all subcommands that are several."""
    return tuple(f"{family} {member}" for family, found in FAMILIES.items() for member in found)


def nearest(name: str) -> str:
    """Return a suggestion for a mistyped subcommand, ready to follow the complaint; empty where nothing is near."""
    if name in _GONE:
        return "; rm deletes a build, and uninstall removes an installed plugin"
    from difflib import get_close_matches

    found = get_close_matches(name, [*names(), *members(), *ALIASES], n=1)
    return f"; did you mean {ALIASES.get(found[0], found[0])}?" if found else ""


def overview(*, color: bool) -> str:
    """Return the help of the command as a whole."""
    bold, dim, end = ("\x1b[1m", "\x1b[2m", "\x1b[0m") if color else ("", "", "")
    lines = [
        f"{bold}thv-plugin{end} builds, inspects, publishes, fetches and installs ToolHive plugins.",
        "",
        f"{bold}Usage:{end} thv-plugin COMMAND [ARGUMENTS]",
    ]
    for title, commands in GROUPS.items():
        lines += ["", f"{bold}{title}{end}"]
        lines += [f"  {name:<12}{summary}" for name, summary in commands.items()]
    lines += [
        "",
        f"{bold}Getting started{end}",
        f"  thv-plugin build ./my-plugin      {dim}# directory -> local store{end}",
        f"  thv-plugin inspect my-plugin      {dim}# what would it run?{end}",
        "  thv-plugin push my-plugin REGISTRY/NAME/my-plugin:1.0.0",
        "  thv-plugin install REGISTRY/NAME/my-plugin:1.0.0",
        "",
        "See thv-plugin COMMAND --help for the options of each.",
        "",
        "Exit status: 0 success, 1 failure, 2 usage, 3 invalid plugin, 4 can do more,",
        "5 not built from this source, 6 not found, 7 drift, 8 some of several failed,",
        "9 not trusted, 130 interrupted.",
        "",
    ]
    return "\n".join(lines)
