"""Policies: what is read, what is refused, and what each rule lets through."""

import os
import re
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from surface_plugins import skill, surface_of

from toolhive_plugins import Digest, Surface, ToolhiveError
from toolhive_plugins_signatures.errors import KeyFileError, PolicyError, PolicyRefusedError, TrustError
from toolhive_plugins_signatures.globs import Glob
from toolhive_plugins_signatures.keys import generate_key
from toolhive_plugins_signatures.policy import Judgement, Policy, denied_by, judge
from toolhive_plugins_signatures.policy_file import MAX_POLICY, load_policies, load_policy, parse_policy
from toolhive_plugins_signatures.subjects import Subject, canonical_name
from toolhive_plugins_signatures.trust import Trust
from toolhive_plugins_signatures.verification import FoundSignature, Layout, Signer, SignerKind, Verification

DIGEST = "sha256:" + "1" * 64
HOOKS: dict[str, object] = {
    "hooks/hooks.json": {"hooks": {"Stop": [{"hooks": [{"type": "command", "command": "python3 stop.py"}]}]}}
}
ALL = '[[rule]]\nreferences = ["**"]\n'


def policy(text: str, path: str = "policy.toml") -> Policy:
    return parse_policy(f"version = 1\n{text}".encode(), path=path)


def subject(surface: Surface | None = None, **fields: Any) -> Subject:
    given_surface = (surface_of() if surface is None else surface,)
    return evolve(Subject(name="ghcr.io/acme/demo", digest=DIGEST, license="MIT", surface=given_surface), **fields)


def ask(text: str, surface: Surface | None = None, verify: Any = None, **fields: Any) -> Judgement:
    return judge([policy(text)], subject(surface, **fields), verify)


# --- Patterns


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        ("ghcr.io/acme/demo", "ghcr.io/acme/demo", True),
        ("ghcr.io/acme/*", "ghcr.io/acme/demo", True),
        ("ghcr.io/acme/*", "ghcr.io/acme/team/demo", False),
        ("ghcr.io/acme/**", "ghcr.io/acme/team/demo", True),
        ("ghcr.io/acme/**", "ghcr.io/acme-evil/demo", False),
        ("**/demo", "ghcr.io/acme/demo", True),
        ("*/demo", "ghcr.io/acme/demo", False),
        ("ghcr.io/acme", "ghcr.io/acme/demo", False),
        ("ghcr.io/a.c", "ghcr.io/abc", False),
        ("**", "", True),
        ("*", "", True),
        ("a***b", "a/x/b", True),
        ("[a]", "a", False),
    ],
)
def test_a_pattern_matches_the_whole_name(pattern: str, text: str, matches: bool) -> None:
    assert Glob(pattern).matches(text) is matches


@given(st.text("ab/*", min_size=1, max_size=8), st.text("ab/", max_size=10))
def test_a_pattern_matches_as_the_regular_expression_that_says_the_same(pattern: str, text: str) -> None:
    pieces = re.findall(r"\*\*+|\*|[^*]", pattern)
    expression = "".join(".*" if p.startswith("**") else "[^/]*" if p == "*" else re.escape(p) for p in pieces)
    assert Glob(pattern).matches(text) is (re.fullmatch(expression, text, re.DOTALL) is not None)


def test_a_pattern_of_many_stars_takes_no_longer_for_it() -> None:
    assert not Glob("*a" * 500).matches("a" * 499 + "b" * 500)


@pytest.mark.parametrize("pattern", ["", "a" * 1025])
def test_an_empty_or_endless_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(PolicyError):
        Glob(pattern)


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("ghcr.io/acme/demo:1.0.0", "ghcr.io/acme/demo"),
        ("GHCR.io/acme/demo@" + DIGEST, "ghcr.io/acme/demo"),
        ("ghcr.io:443/acme/demo", "ghcr.io/acme/demo"),
        ("localhost:5000/demo:1", "localhost:5000/demo"),
        ("index.docker.io/acme/demo", "docker.io/acme/demo"),
        ("registry-1.docker.io/acme/demo", "docker.io/acme/demo"),
        ("git://GitHub.com/acme/demo@v1#plugins/a", "git://github.com/acme/demo"),
        ("git+ssh://github.com/acme/demo", "git://github.com/acme/demo"),
        ("ghcr.io./acme/demo", "ghcr.io/acme/demo"),
        ("ghcr.io:0443/acme/demo", "ghcr.io/acme/demo"),
        ("ghcr.io:0080/acme/demo", "ghcr.io:80/acme/demo"),
        ("index.docker.io:443/acme/demo:1@" + DIGEST, "docker.io/acme/demo"),
        ("[::1]:443/acme/demo", "[::1]/acme/demo"),
        ("[0:0:0::0001]:5000/acme/demo", "[::1]:5000/acme/demo"),
        ("git://someone@github.com./acme/demo.git", "git://github.com/acme/demo"),
        ("git://github.com/acme/demo/", "git://github.com/acme/demo"),
        ("npm://@acme/demo", "npm://@acme/demo"),
        ("https://Example.com:443/demo.zip", "https://example.com/demo.zip"),
        ("demo", "local:demo"),
    ],
)
def test_every_spelling_of_a_source_has_one_name(source: str, name: str) -> None:
    assert canonical_name(source) == name


# --- Reading


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('defualt = "allow"', "'defualt'"),
        ('default = "maybe"', "'maybe'"),
        ("default = 1", "is not a string: default"),
        ('deny = "sha256:x"', "is not a list: deny"),
        ('deny = ["sha256:abc"]', "neither a digest"),
        (f'deny = ["sha256:{"A" * 64}"]', "neither a digest"),
        ('default = "allow"\ndefault = "deny"', "is not TOML"),
        ("deny = [" + "1" * 5000 + "]", "is not TOML"),
        ("[[rule]]\n", "lacks 'references'"),
        ('[[rule]]\nreferences = "a"\n', "is not a list"),
        ("[[rule]]\nreferences = []\n", "names no references"),
        ('[[rule]]\nreferences = [""]\n', "1 to 1024 characters"),
        (ALL + "keyz = []\n", "'keyz'"),
        (ALL + 'surface = "none"\n', "is not a table"),
        (ALL + '[rule.surface]\nforbid = ["hoooks"]\n', "'hoooks'"),
        (ALL + "[rule.surface]\nallow = []\n", "'allow'"),
        (ALL + 'identities = [{identity = "a@b.c"}]\n', "lacks 'issuer'"),
        (ALL + 'identities = [{issuer = "https://i"}]\n', "either"),
        (ALL + 'identities = [{identity = "a", identity-regexp = "b", issuer = "https://i"}]\n', "either"),
        (ALL + 'origins = ["ghcr.io/**"]\n', "no signer"),
        (ALL + 'trusted-root = "x"\n', "no identity"),
        ("rule = 1", "is not a list: rule"),
        ("rule = [1]", "is not a table"),
        ("x = " + "[" * 100_000, "nested"),
        ("default = ", "TOML"),
    ],
)
def test_what_is_not_understood_is_refused(text: str, words: str) -> None:
    with pytest.raises(PolicyError, match=re.escape(words)):
        policy(text)


@pytest.mark.parametrize("data", [b"", b"version = 2", b'version = "1"', b"version = true", b"\xff", b"version = 1\0"])
def test_a_policy_of_another_version_is_refused(data: bytes) -> None:
    with pytest.raises(PolicyError):
        parse_policy(data, path="policy.toml")


@given(
    st.binary(max_size=200) | st.text(max_size=200).map(lambda text: b"version = 1\n" + text.encode("utf-8", "replace"))
)
def test_whatever_a_file_holds_it_is_a_policy_or_an_error_of_ours(data: bytes) -> None:
    try:
        parse_policy(data, path="policy.toml")
    except ToolhiveError as error:
        assert str(error)


def test_a_policy_names_keys_beside_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = generate_key().public
    (tmp_path / "acme.pub").write_bytes(key.pem())
    file = tmp_path / "policy.toml"
    file.write_text("version = 1\n" + ALL + 'keys = ["acme.pub"]\n')
    monkeypatch.chdir("/")
    (rule,) = load_policy(str(file)).rules
    assert rule.trust is not None
    assert rule.trust.keys[0].fingerprint == key.fingerprint


def test_a_key_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    file.write_text("version = 1\n" + ALL + 'keys = ["acme.pub"]\n')
    with pytest.raises(KeyFileError):
        load_policy(str(file))


def test_an_identity_needs_an_issuer() -> None:
    with pytest.raises(TrustError):
        policy(ALL + 'identities = [{identity = "a@b.c", issuer = ""}]\n')


def test_policies_are_found_in_the_configuration_and_the_project(tmp_path: Path) -> None:
    config, project = tmp_path / "config", tmp_path / "project"
    config.mkdir()
    project.mkdir()
    assert load_policies(configuration=str(config), project=str(project)) == ()
    (config / "policy.toml").write_text("version = 1\n")
    (project / "toolhive.policy.toml").write_text("version = 1\n")
    found = load_policies(configuration=str(config), project=str(project), named=[str(config / "policy.toml")])
    assert [Path(each.path).name for each in found] == ["policy.toml", "toolhive.policy.toml"]


def test_a_policy_that_was_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(PolicyError):
        load_policies(named=[str(tmp_path / "none.toml")])


@pytest.mark.parametrize("make", ["fifo", "folder", "dangling", "large"])
def test_what_is_in_the_place_of_a_policy_and_cannot_be_read_is_an_error(tmp_path: Path, make: str) -> None:
    file = tmp_path / "policy.toml"
    match make:
        case "fifo":
            os.mkfifo(file)
        case "folder":
            file.mkdir()
        case "dangling":
            file.symlink_to("nowhere")
        case "large":
            file.write_bytes(b"#" * (MAX_POLICY + 1))
    with pytest.raises(PolicyError):
        load_policies(configuration=str(tmp_path))


# --- Judging


def test_without_a_policy_everything_is_allowed() -> None:
    assert judge([], subject(), None).allowed


def test_what_no_rule_is_about_is_refused() -> None:
    judgement = ask('[[rule]]\nreferences = ["ghcr.io/other/**"]\n')
    assert not judgement.allowed
    with pytest.raises(PolicyRefusedError, match="no rule is about it"):
        judgement.require()


def test_what_no_rule_is_about_is_allowed_where_the_default_says_so() -> None:
    assert ask('default = "allow"').allowed


def test_a_denied_digest_is_refused_whatever_the_rules_say() -> None:
    text = f'default = "allow"\ndeny = ["{DIGEST}"]\n' + ALL
    assert not ask(text).allowed
    assert denied_by([policy(text)], DIGEST) == "policy.toml"
    assert denied_by([policy(text)], "sha256:" + "2" * 64) == ""


def test_every_policy_must_hold() -> None:
    lenient, strict = policy('default = "allow"'), policy(ALL + '[rule.surface]\nforbid = ["hooks"]\n', "strict.toml")
    judgement = judge([lenient, strict], subject(surface_of(HOOKS)), None)
    assert not judgement.allowed
    with pytest.raises(PolicyRefusedError, match=r"strict\.toml, rule 1, surface"):
        judgement.require()


def test_every_rule_that_matches_must_hold() -> None:
    text = '[[rule]]\nreferences = ["ghcr.io/acme/*"]\n' + ALL + 'licenses = ["Apache-2.0"]\n'
    assert not ask(text).allowed
    assert ask(text, license="apache-2.0").allowed
    assert not ask(text, license="").allowed


MCP = {"mcpServers": {"far": {"type": "http", "url": "https://mcp.example/x"}}}
NEAR = {"mcpServers": {"near": {"command": "node", "args": ["server.js"]}}}


@pytest.mark.parametrize(
    ("forbid", "files", "allowed"),
    [
        ("hooks", {}, True),
        ("hooks", HOOKS, False),
        ("hooks", {".mcp.json": NEAR}, True),
        ("hooks", {"hooks/hooks.json": {"modules": ["./m.js"]}, "m.js": "x"}, False),
        (
            "hooks",
            {
                "skills/s/SKILL.md": skill(
                    'hooks:\n  Stop:\n    - hooks:\n        - type: command\n          command: "x"\n'
                )
            },
            False,
        ),
        ("network", {".mcp.json": MCP}, False),
        ("network", {".mcp.json": {"mcpServers": {"far": {"URL": "https://mcp.example/x"}}}}, False),
        ("network", {".mcp.json": NEAR}, True),
        (
            "network",
            {"hooks/hooks.json": {"hooks": {"Stop": [{"hooks": [{"type": "http", "url": "https://x.example"}]}]}}},
            False,
        ),
        ("mcp-servers", {".mcp.json": NEAR}, False),
        ("shell", {"commands/c.md": "!`id`\n"}, False),
        ("shell", {"commands/c.md": "nothing\n"}, True),
        ("commands", {"commands/c.md": "nothing\n"}, False),
        ("rights", {"skills/s/SKILL.md": skill("allowed-tools: Bash\n")}, False),
        ("rights", {"skills/s/SKILL.md": skill("")}, True),
        ("programs", {"bin/x": "#!/bin/sh\n"}, False),
        ("anything", {"skills/s/SKILL.md": skill("")}, True),
        ("anything", {"bin/x": "#!/bin/sh\n"}, False),
        ("anything", HOOKS, False),
        ("monitors", HOOKS, True),
    ],
)
def test_a_rule_forbids_a_kind_of_the_surface(forbid: str, files: dict[str, object], allowed: bool) -> None:
    assert ask(ALL + f'[rule.surface]\nforbid = ["{forbid}"]\n', surface_of(files)).allowed is allowed


@pytest.mark.parametrize(
    "files",
    [
        {"hooks/hooks.json": {"hooks": {"SomethingNew": [{"hooks": [{"type": "command", "command": "x"}]}]}}},
        {"hooks/hooks.json": "{"},
        {"strange.xyz": "?"},
    ],
)
def test_what_is_not_understood_is_forbidden_wherever_a_surface_rule_is(files: dict[str, object]) -> None:
    surface = surface_of(files)
    assert not ask(ALL + "[rule.surface]\n", surface).allowed
    assert ask(ALL, surface).allowed


@pytest.mark.parametrize(
    ("files", "allowed"),
    [
        (HOOKS, True),
        ({"hooks/hooks.json": {"hooks": {"Stop": [{"hooks": [{"type": "command", "command": "curl x"}]}]}}}, False),
        ({".mcp.json": NEAR}, True),
        ({".mcp.json": {"mcpServers": {"near": {"command": "node", "args": ["other.js"]}}}}, False),
        (
            {
                ".mcp.json": {
                    "mcpServers": {
                        "near": {"command": "node", "args": ["server.js"], "env": {"NODE_OPTIONS": "-r ./x"}}
                    }
                }
            },
            False,
        ),
        (
            {".mcp.json": {"mcpServers": {"far": {"type": "http", "url": "https://x", "headersHelper": "./h.sh"}}}},
            False,
        ),
        ({".lsp.json": {"l": {"command": "node", "args": ["server.js"], "settings": {"run": "x"}}}}, False),
        ({"commands/c.md": "!`id`\n"}, False),
        (
            {
                "skills/s/SKILL.md": skill(
                    'hooks:\n  Stop:\n    - hooks:\n        - type: command\n          command: "python3 a"\n'
                )
            },
            False,
        ),
        ({"skills/s/SKILL.md": skill("")}, True),
    ],
)
def test_only_commands_that_are_allowed_run(files: dict[str, object], allowed: bool) -> None:
    text = ALL + '[rule.surface]\ncommands = ["python3 *", "node server.js"]\n'
    assert ask(text, surface_of(files)).allowed is allowed


def test_the_surface_of_every_platform_counts() -> None:
    text = ALL + '[rule.surface]\nforbid = ["hooks"]\n'
    both = (surface_of(), surface_of(HOOKS))
    assert not judge([policy(text)], evolve(subject(), surface=both), None).allowed
    assert not judge([policy(text)], evolve(subject(), surface=None), None).allowed


# --- Signatures


def signed(trusted: bool = True, repository: str = "ghcr.io/acme/demo") -> Any:
    signer = Signer(SignerKind.KEY, fingerprint="SHA256:abc")
    found = FoundSignature(
        Layout.CLASSIC, DIGEST, signer, valid=trusted, trusted=trusted, problem="", repository=repository
    )

    def verify(trust: Trust) -> Verification:
        trust.check_not_empty()
        return Verification("ghcr.io/acme/demo", Digest.parse(DIGEST), (found,))

    return verify


def with_identity(more: str = "") -> str:
    return ALL + 'identities = [{identity = "ci@acme.example", issuer = "https://issuer.example"}]\n' + more


def test_a_rule_wants_a_signature() -> None:
    assert ask(with_identity(), verify=signed()).allowed
    refused = ask(with_identity(), verify=signed(trusted=False))
    assert not refused.allowed
    with pytest.raises(PolicyRefusedError, match="SHA256:abc"):
        refused.require()


def test_what_can_have_no_signature_is_refused_where_one_is_wanted() -> None:
    assert not ask(with_identity(), name="git://github.com/acme/demo").allowed


def test_the_signers_that_were_found_can_be_remembered() -> None:
    assert ask(with_identity(), verify=signed()).verifications[0].signers[0].fingerprint == "SHA256:abc"


def test_a_signature_that_could_not_be_looked_for_is_never_the_same_as_none() -> None:
    def unreachable(_: Trust) -> Verification:
        raise ToolhiveError("the registry does not answer")

    with pytest.raises(ToolhiveError, match="does not answer"):
        ask(with_identity(), verify=unreachable)


def test_a_rule_names_the_repository_that_a_mirror_copies_from() -> None:
    text = with_identity('origins = ["upstream.example/demo"]\n')
    assert ask(text, verify=signed(repository="upstream.example/demo")).allowed
    assert not ask(text, verify=signed(repository="evil.example/demo")).allowed
    assert not ask(text, verify=signed(repository="")).allowed


def _server(**fields: object) -> dict[str, object]:
    return {".mcp.json": {"mcpServers": {"x": fields}}}


def _agent(front: str) -> dict[str, object]:
    return {"agents/a.md": f"---\nname: a\ndescription: d\n{front}---\nbody\n"}


@pytest.mark.parametrize(
    ("files", "allowed"),
    [
        pytest.param(_server(command="node", args=["server.js"]), True, id="the command"),
        pytest.param(_server(type="http", url="https://ok.example"), True, id="the address"),
        pytest.param(_server(command="node", args=["server.js"], cwd="./evil"), False, id="from another folder"),
        pytest.param(_server(command="node", args=["server.js"], cwd="./here"), True, id="from a folder that is named"),
        pytest.param(
            _server(command="node", args=["server.js"], httpUrl="https://evil.example"), False, id="or Gemini's"
        ),
        pytest.param(_server(url="https://ok.example", httpUrl="https://evil.example"), False, id="two addresses"),
        pytest.param(_server(url="https://ok.example", command="evil"), False, id="an address and a command"),
        pytest.param(_agent("mcpServers:\n  x:\n    command: evil\n"), False, id="a server of an agent"),
    ],
)
def test_nothing_runs_beside_the_commands_that_are_allowed(files: dict[str, object], allowed: bool) -> None:
    commands = '["node server.js", "cd ./here && node server.js", "https://ok.example"]'
    assert ask(f"{ALL}[rule.surface]\ncommands = {commands}\n", surface_of(files)).allowed is allowed


@pytest.mark.parametrize(
    ("forbid", "files"),
    [
        ("mcp-servers", _agent("mcpServers:\n  x:\n    command: evil\n")),
        ("network", _agent("mcpServers:\n  - x:\n      type: http\n      url: https://evil.example\n")),
        (
            "network",
            {
                "skills/s/SKILL.md": skill(
                    "hooks:\n  Stop:\n    - hooks:\n        - type: http\n          url: https://evil.example\n"
                )
            },
        ),
    ],
)
def test_what_front_matter_brings_is_forbidden_too(forbid: str, files: dict[str, object]) -> None:
    assert not ask(f'{ALL}[rule.surface]\nforbid = ["{forbid}"]\n', surface_of(files)).allowed
