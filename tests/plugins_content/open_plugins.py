"""Plugins of the Agent Plugins format, and what breaks each rule of its specification."""

import json
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

SCHEMA: Final = "https://agent-plugins.org/schemas/1.0.0/plugin.schema.json"
MCP_SCHEMA: Final = "https://agent-plugins.org/schemas/1.0.0/mcp.schema.json"
SKILL: Final = "---\nname: hello\ndescription: Says hello.\n---\n\nSay hello.\n"
MANIFEST: Final = {"$schema": SCHEMA, "name": "demo"}


class Case(NamedTuple):
    """What is wrong, what becomes of the plugin, and the section that says so."""

    files: Mapping[str, str | bytes]
    outcome: str
    """`refused`, `off` (no MCP servers), `server` or `skill` (that one is skipped), `reported`, or `fine`."""
    section: str = ""


def manifest(**fields: Any) -> Case:
    """Return a plugin with more fields in its manifest, which is refused."""
    return Case({"plugin.json": json.dumps({**MANIFEST, **fields})}, "refused")


def server(value: Any, outcome: str = "server", section: str = "7.2.1") -> Case:
    """Return a plugin with one server."""
    document = {"$schema": MCP_SCHEMA, "mcpServers": {"one": value, "sound": {"type": "stdio", "command": "node"}}}
    return mcp(document, outcome, section)


def mcp(document: Any, outcome: str = "off", section: str = "7.2.1") -> Case:
    """Return a plugin with an `mcp.json`."""
    text = document if isinstance(document, str) else json.dumps(document)
    return Case({"plugin.json": json.dumps(MANIFEST), "mcp.json": text}, outcome, section)


def skill(text: str | bytes, outcome: str = "skill", path: str = "skills/hello/SKILL.md", section: str = "7.1") -> Case:
    """Return a plugin with one skill."""
    return Case({"plugin.json": json.dumps(MANIFEST), path: text}, outcome, section)


def stdio(**fields: Any) -> dict[str, Any]:
    """Return a server that is a program."""
    return {"type": "stdio", "command": "node", **fields}


def remote(url: str, **fields: Any) -> dict[str, Any]:
    """Return a server at an address."""
    return {"type": "streamable-http", "url": url, **fields}


def _refused(case: Case, section: str) -> Case:
    return case._replace(section=section)


CASES: Final[Mapping[str, Case]] = {
    # 4.1, 5.2, 5.3: the manifest as a document
    "no manifest": Case({"README.md": "x"}, "refused", "4.1"),
    "not JSON": Case({"plugin.json": "{"}, "refused", "5.2"),
    "a byte order mark": Case({"plugin.json": b"\xef\xbb\xbf" + json.dumps(MANIFEST).encode()}, "refused", "5.2"),
    "not UTF-8": Case({"plugin.json": json.dumps(MANIFEST).encode() + b"\xff"}, "refused", "5.2"),
    "a list": Case({"plugin.json": "[]"}, "refused", "5.2"),
    "no $schema": Case({"plugin.json": '{"name": "demo"}'}, "refused", "5.3"),
    "$schema null": _refused(manifest(**{"$schema": None}), "5.3"),
    "$schema of a later version": _refused(manifest(**{"$schema": SCHEMA.replace("1.0.0", "1.1.0")}), "5.2"),
    "no name": Case({"plugin.json": json.dumps({"$schema": SCHEMA})}, "refused", "5.3"),
    # 5.4: metadata by type
    **{
        f"{field} {value!r}": _refused(manifest(**{field: value}), "5.4")
        for field, value in (
            ("version", 1), ("version", None), ("description", []), ("homepage", {}), ("repository", {"url": "x"}),
            ("license", True), ("keywords", "a"), ("keywords", ["a", 1]), ("author", "me"), ("author", {"name": 1}),
            ("author", {"name": "me", "phone": "1"}),
        )
    },
    **{
        f"{field} {value!r} is fine": manifest(**{field: value})._replace(outcome="fine")
        for field, value in (
            ("version", "not semver"), ("homepage", "no URL"), ("license", ""), ("author", {}), ("keywords", []),
            ("author", {"email": "nobody"}), ("extensions", {}), ("extensions", {"com.example.client": {"x": 1}}),
        )
    },
    # 5.5: the name
    **{
        f"the name {name!r}": _refused(manifest(name=name), "5.5")
        for name in ("", "My", "-a", "a-", ".a", "a.", "a--b", "a..b", "a_b", "a b", "é", "a" * 65, 1, None, "a\n")
    },
    **{
        f"the name {name!r} is fine": manifest(name=name)._replace(outcome="fine")
        for name in ("a", "1", "acme.tools", "a.-b", "a-.b", "lint3r", "a" * 64)
    },
    # 5.2, 8.1: what is only reported, and what is not
    "an unknown field": manifest(skills="./x")._replace(outcome="reported", section="5.2"),
    "extensions that are no object": manifest(extensions=5)._replace(outcome="reported", section="8.1"),
    "a namespace that is no object": _refused(manifest(extensions={"com.example.client": 5}), "8.1"),
    "a namespace without a domain": manifest(extensions={"client": {}})._replace(outcome="reported", section="8"),
    # 6.2: kinds
    "mcp.json is a folder": Case({"plugin.json": json.dumps(MANIFEST), "mcp.json/x": ""}, "off", "6.2"),
    "skills is a file": Case({"plugin.json": json.dumps(MANIFEST), "skills": ""}, "skill", "6.2"),
    # 7.1: skills
    "a skill": skill(SKILL, "fine"),
    "a folder without SKILL.md": skill("x", "fine", "skills/hello/README.md"),
    "a skill that is nested": skill("x", "fine", "skills/a/b/SKILL.md"),
    "skill.md": skill(SKILL, "reported", "skills/hello/skill.md"),
    "no front matter": skill("Say hello."),
    "front matter that does not end": skill("---\nname: hello\n"),
    "front matter that is no mapping": skill("---\n- a\n---\n"),
    "front matter that is not YAML": skill("---\nname: hello\ndescription: a: b: [\n---\n"),
    "a skill without a name": skill("---\ndescription: x\n---\n"),
    "a skill without a description": skill("---\nname: hello\n---\n"),
    "an empty description": skill('---\nname: hello\ndescription: ""\n---\n'),
    "a long description": skill(f"---\nname: hello\ndescription: {'x' * 1025}\n---\n"),
    "another name than the folder": skill("---\nname: other\ndescription: x\n---\n"),
    "an upper-case name": skill("---\nname: Hello\ndescription: x\n---\n", path="skills/Hello/SKILL.md"),
    "two hyphens": skill("---\nname: a--b\ndescription: x\n---\n", path="skills/a--b/SKILL.md"),
    "a long compatibility": skill(f"---\nname: hello\ndescription: x\ncompatibility: {'x' * 501}\n---\n"),
    "metadata that is a list": skill("---\nname: hello\ndescription: x\nmetadata: [a]\n---\n"),
    "tools as a list": skill("---\nname: hello\ndescription: x\nallowed-tools: [Read]\n---\n"),
    "a field of one client": skill("---\nname: hello\ndescription: x\nmodel: y\n---\n", "reported"),
    "a skill that is not UTF-8": skill(SKILL.encode() + b"\xff"),
    # 7.2.1, 10.1: mcp.json as a document
    "mcp.json is not JSON": mcp("{", section="7.2.2"),
    "mcp.json is a list": mcp([]),
    "mcp.json without $schema": mcp({"mcpServers": {}}),
    "mcp.json of another version": mcp({"$schema": MCP_SCHEMA.replace("1.0.0", "1.1.0"), "mcpServers": {}}, section="10.1"),
    "mcp.json with the manifest's schema": mcp({"$schema": SCHEMA, "mcpServers": {}}, section="10.1"),
    "no mcpServers": mcp({"$schema": MCP_SCHEMA}),
    "mcpServers is a list": mcp({"$schema": MCP_SCHEMA, "mcpServers": []}),
    "another field in mcp.json": mcp({"$schema": MCP_SCHEMA, "mcpServers": {}, "inputs": []}),
    "no servers": mcp({"$schema": MCP_SCHEMA, "mcpServers": {}}, "fine"),
    # 7.2.1: servers
    "a server that is no object": server("node"),
    "no type": server({"command": "node"}),
    "an unknown type": server({"type": "http", "url": "https://example.com/"}),
    "a field of another type": server(stdio(url="https://example.com/")),
    "an unknown field of a server": server(stdio(timeout=5)),
    "no command": server({"type": "stdio"}),
    **{
        f"the command {command!r}": server(stdio(command=command))
        for command in ("", 5, "/bin/sh", "bin/x", "npx -y x", "${PLUGIN_ROOT}/x", "..", "a\\b", "./", "~/x")
    },
    "a command that leads out": server(stdio(command="./../x"), section="4.1"),
    "a command that leads out and back": server(stdio(command="./a/../../demo/x"), section="4.1"),
    "args that are no list": server(stdio(args="x")),
    "an argument that is no string": server(stdio(args=[1])),
    "env with a number": server(stdio(env={"A": 1})),
    "env with PLUGIN_ROOT": server(stdio(env={"PLUGIN_ROOT": "x"}), section="9.2"),
    "env with PLUGIN_DATA": server(stdio(env={"PLUGIN_DATA": "x"}), section="9.2"),
    **{
        f"the directory {cwd!r}": server(stdio(cwd=cwd))
        for cwd in ("", "x", "/tmp", "~", ".", "${PLUGIN_ROOT}x", "${HOME}/x", 5)
    },
    **{
        f"the directory {cwd!r} leads out": server(stdio(cwd=cwd), section="4.1")
        for cwd in ("./..", "${PLUGIN_ROOT}/../x", "${PLUGIN_DATA}/../x")
    },
    "the directory ${PLUGIN_DATA}/x": server(stdio(cwd="${PLUGIN_DATA}/x"), "fine"),
    "the directory ${PLUGIN_ROOT}": server(stdio(cwd="${PLUGIN_ROOT}"), "fine"),
    "a program that is not there": server(stdio(command="./x"), "reported", "7.2.2"),
    "a folder that is not there": server(stdio(cwd="./x"), "reported", "7.2.2"),
    **{
        f"the address {url!r}": server(remote(url))
        for url in (
            "", "example.com", "ftp://example.com/", "http://example.com/", "https://me@example.com/", "https://",
            "https://me:pw@example.com/", "https://example.com/#x", "https://example.com/#", "http://127.1.evil.example/",
            "http://localhost.example.com/", "https://exa mple.com/", " https://example.com/", "http://128.0.0.1/",
            "https://example.com:99999/", "http://[::2]/", "https:example.com",
        )
    },
    **{
        f"the address {url!r} is fine": server(remote(url), "fine")
        for url in (
            "https://example.com", "HTTPS://example.com/mcp?a=b@c", "http://localhost:8080/mcp", "http://127.0.0.1/",
            "http://127.9.9.9:1/", "http://[::1]:80/", "https://[2001:db8::1]/",
        )
    },
    "an sse server": server({"type": "sse", "url": "https://example.com/sse"}, "fine"),
    "an sse server without an address": server({"type": "sse"}),
    **{
        f"the headers {headers!r}": server(remote("https://example.com", headers=headers))
        for headers in (
            ["a"], {"a": 1}, {"a b": "x"}, {"": "x"}, {"a:": "x"}, {"a": "x\r\ny: z"}, {"a": "\0"}, {"a": " x"}, {"a": "1", "A": "1"},
        )
    },
    "headers": server(remote("https://example.com", headers={"X-A": "b c", "X-B": "", "X-C": "${X}"}), "fine"),
}  # fmt: skip
