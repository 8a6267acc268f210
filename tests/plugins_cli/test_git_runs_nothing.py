"""No command runs anything of the repository that a plugin is in, wherever the repository names something to run."""

import contextlib
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from command_runner import Command
from git_repositories import GitRepository, isolate_git
from plugin_folders import make_plugin, write

from toolhive_plugins_content import GitFailedError, git

Planter = Callable[[GitRepository, str], None]


def settings(*lines: str) -> Planter:
    return lambda repository, canary: repository.settings("\n".join(lines).replace("CANARY", canary) + "\n")


def hooks(repository: GitRepository, canary: str) -> None:
    for name in ("post-checkout", "pre-auto-gc", "post-index-change", "reference-transaction", "fsmonitor-watchman"):
        hook = repository.root / ".git/hooks" / name
        hook.parent.mkdir(exist_ok=True)
        shutil.copy(canary, hook)


def hooks_path(repository: GitRepository, canary: str) -> None:
    hooks(repository, canary)
    (repository.root / ".git/hooks").rename(repository.root / ".git/elsewhere")
    repository.settings(f"[core]\n\thooksPath = {repository.root}/.git/elsewhere\n")


def driver(repository: GitRepository, canary: str) -> None:
    for place in (".gitattributes", "plugin/.gitattributes", ".git/info/attributes"):
        write(repository.root, place, "* filter=evil diff=evil merge=evil text=auto\n")
    settings(
        '[filter "evil"]\n\tclean = CANARY\n\tsmudge = CANARY\n\tprocess = CANARY\n\trequired = true',
        '[diff "evil"]\n\tcommand = CANARY\n\ttextconv = CANARY\n\tcachetextconv = false',
        '[merge "evil"]\n\tdriver = CANARY',
    )(repository, canary)


def missing_object(*lines: str) -> Planter:
    """Plant a promised object that is not there, and a remote to fetch it from."""

    def plant(repository: GitRepository, canary: str) -> None:
        name = repository.git("rev-parse", "HEAD:plugin/README.md")
        (repository.root / ".git/objects" / name[:2] / name[2:]).unlink()
        settings(
            "[core]\n\trepositoryFormatVersion = 1",
            "[extensions]\n\tpartialClone = origin",
            '[remote "origin"]\n\tpromisor = true\n\tpartialclonefilter = blob:none',
            *lines,
        )(repository, canary)

    return plant


def replaced(repository: GitRepository, canary: str) -> None:
    name = repository.git("rev-parse", "HEAD:plugin/README.md")
    evil = repository.git("hash-object", "-w", "--stdin", stdin=f"#!{canary}\n".encode())
    repository.git("update-ref", f"refs/replace/{name}", evil)


def signed_commit(repository: GitRepository, canary: str) -> None:
    settings('[gpg]\n\tprogram = CANARY\n[gpg "ssh"]\n\tprogram = CANARY\n[log]\n\tshowSignature = true')(
        repository, canary
    )
    head = repository.git("cat-file", "commit", "HEAD")
    signature = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n abc\n -----END PGP SIGNATURE-----\n"
    author, _, rest = head.partition("committer ")
    committer, _, message = rest.partition("\n")
    text = f"{author}committer {committer}\n{signature}{message}\n"
    name = repository.git("hash-object", "-w", "-t", "commit", "--stdin", stdin=text.encode())
    repository.git("update-ref", "refs/heads/main", name)


def included(repository: GitRepository, canary: str) -> None:
    more = repository.root / "plugin/more.config"
    more.write_text(f"[core]\n\tfsmonitor = {canary}\n\tpager = {canary}\n[pager]\n\tlog = {canary}\n")
    repository.settings(f'[include]\n\tpath = {more}\n[includeIf "gitdir:/"]\n\tpath = {more}\n')


PLANTED: dict[str, Planter] = {
    "nothing": lambda repository, canary: None,
    "core.fsmonitor": settings("[core]\n\tfsmonitor = CANARY\n\tfsmonitorHookVersion = 2"),
    "hooks": hooks,
    "core.hooksPath": hooks_path,
    "filter, diff and merge drivers": driver,
    "diff.external": settings("[diff]\n\texternal = CANARY"),
    "core.sshCommand": missing_object(
        "\turl = ssh://example.invalid/x", "[core]\n\tsshCommand = CANARY", "[ssh]\n\tvariant = simple"
    ),
    "core.gitProxy": missing_object("\turl = git://example.invalid/x", "[core]\n\tgitProxy = CANARY"),
    "an ext remote": missing_object("\turl = ext::CANARY", "[protocol]\n\tallow = always"),
    "a remote helper": missing_object("\turl = x\n\tvcs = canary", "[protocol]\n\tallow = always"),
    "an uploadpack": missing_object("\turl = .\n\tuploadpack = CANARY", '[protocol "file"]\n\tallow = always'),
    "core.alternateRefsCommand": missing_object("\turl = .", "[core]\n\talternateRefsCommand = CANARY"),
    "credential.helper": missing_object(
        "\turl = https://example.invalid/x", "[credential]\n\thelper = CANARY", "[core]\n\taskPass = CANARY"
    ),
    "refs/replace": replaced,
    "log.showSignature": signed_commit,
    "core.pager": settings("[core]\n\tpager = CANARY\n\teditor = CANARY\n[pager]\n\tlog = CANARY\n\tcat-file = CANARY"),
    "alias": settings(
        *(f"[alias]\n\t{name} = !CANARY" for name in ("rev-parse", "ls-tree", "ls-files", "cat-file", "log", "fetch"))
    ),
    "include.path": included,
}
BREAKS = {name for name in PLANTED if PLANTED[name].__qualname__.startswith("missing_object")}
"""Where a file of the commit is missing, so that `--git` cannot succeed."""

COMMANDS = [
    (["build", "./repository/plugin"], False),
    (["build", "./repository/plugin", "--git", "--tag", "committed"], True),
    (["validate", "./repository/plugin"], False),
    (["validate", "./repository/plugin", "--git"], True),
    (["inspect", "./repository/plugin"], False),
    (["inspect", "./repository/plugin", "--git"], True),
    (["diff", "./repository/plugin", "demo"], False),
    (["diff", "./repository/plugin", "demo", "--git"], True),
    (["content", "./repository/plugin"], False),
    (["verify", "demo", "--source", "./repository/plugin"], False),
    (["verify", "demo", "--source", "./repository/plugin", "--git"], True),
]


@pytest.fixture
def canary(tmp_path: Path) -> Path:
    """A program that leaves a file behind when it runs, under any name that git may look for."""
    program = write(tmp_path, "bin/canary", f'#!/bin/sh\necho "$0 $@" >> {tmp_path}/sung\nexit 1\n', 0o755)
    shutil.copy(program, tmp_path / "bin/git-remote-canary")
    return program


@pytest.mark.parametrize("where", PLANTED)
def test_no_command_runs_what_a_repository_names(thv: Command, tmp_path: Path, canary: Path, where: str) -> None:
    repository = GitRepository(tmp_path / "repository")
    make_plugin(repository.root / "plugin", {"README.md": "read me\n", "a.bin": "x" * 100}, version="1.0.0")
    repository.commit()
    PLANTED[where](repository, str(canary))
    write(repository.root, "plugin/untracked.md")
    (tmp_path / "sung").unlink(missing_ok=True)  # Planting may have set it off.
    env = {"PATH": f"{tmp_path}/bin:{thv.env['PATH']}"}
    for command, reads_commit in COMMANDS:
        done = thv(*command, env=env)
        assert not (tmp_path / "sung").exists(), f"{command}: {(tmp_path / 'sung').read_text()}"
        assert "internal error" not in done.err
        if command[0] == "validate" and not reads_commit:
            assert "untracked.md" in done.out, "git was asked, and answered"
        if reads_commit and where in BREAKS:
            told = done.status == 0 and "is a file that is not fetched" in done.out
            assert done.status in (1, 3, 4) or told, done.err  # by the version of git
        elif command[:1] == ["build"]:
            assert done.status == 0, done.err
    if where not in BREAKS:
        assert thv("content", "committed", "README.md").out == "read me\n"
        assert "untracked.md" not in thv("content", "committed").out


@pytest.mark.parametrize("where", PLANTED)
def test_no_marketplace_runs_what_its_repository_names(
    thv: Command, tmp_path: Path, canary: Path, registry: str, where: str
) -> None:
    repository = GitRepository(tmp_path / "repository")
    make_plugin(repository.root / "plugin", {"README.md": "read me\n", "a.bin": "x" * 100}, version="1.0.0")
    entry = {"name": "demo", "source": "./plugin"}
    document = {"name": "tools", "owner": {"name": "Ann"}, "plugins": [entry]}
    write(repository.root, ".claude-plugin/marketplace.json", document)
    repository.commit()
    PLANTED[where](repository, str(canary))
    (tmp_path / "sung").unlink(missing_ok=True)
    env = {"PATH": f"{tmp_path}/bin:{thv.env['PATH']}"}
    pushed = ["push", "repository", f"{registry}/canary", "--plain-http", "--dry-run"]
    for command in (pushed, ["read", "repository/.git"]):
        done = thv("marketplace", *command, env=env)
        assert not (tmp_path / "sung").exists(), f"{command}: {(tmp_path / 'sung').read_text()}"
        assert "internal error" not in done.err
        assert done.status in ((0, 1, 3, 8) if where in BREAKS else (0,)), done.err


@pytest.mark.parametrize("where", PLANTED)
def test_the_commands_of_git_itself_run_nothing(
    tmp_path: Path, canary: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    """Without the variable that only newer versions of git know, too: then no transport is allowed to fetch."""
    isolate_git(monkeypatch, tmp_path / "home")
    monkeypatch.setenv("PATH", f"{tmp_path}/bin", prepend=":")
    monkeypatch.delitem(git._ENVIRONMENT, "GIT_NO_LAZY_FETCH")
    repository = GitRepository(tmp_path / "repository")
    make_plugin(repository.root / "plugin", {"README.md": "read me\n"})
    repository.commit()
    blob = repository.git("rev-parse", "HEAD:plugin/README.md").encode()
    PLANTED[where](repository, str(canary))
    (repository.root / "plugin/README.md").write_text("changed")
    (tmp_path / "sung").unlink(missing_ok=True)
    here = git.Repository(str(repository.root / "plugin"))
    calls: list[tuple[git.Command, tuple[str, ...]]] = [
        ("rev-parse", ("--is-inside-work-tree",)),
        ("ls-files", ("-z", "--cached", "--deleted", "--others", "--exclude-standard")),
        ("ls-files", ("-z", "--others", "--ignored", "--exclude-standard")),
        ("ls-tree", ("-r", "-z", "-l", "HEAD")),
        ("log", ("-1", "--format=%H %ct", "HEAD", "--", ".")),
        ("cat-file", ("--batch-check",)),
        ("cat-file", ("--batch",)),
    ]
    for command, arguments in calls:
        with contextlib.suppress(GitFailedError):
            here.run(command, *arguments, stdin=blob + b"\n")
        assert not (tmp_path / "sung").exists(), f"{command}: {(tmp_path / 'sung').read_text()}"


@pytest.mark.parametrize("option", sorted(git.RUN_FILTERS))
def test_options_that_run_filters_are_refused(tmp_path: Path, option: str) -> None:
    with pytest.raises(ValueError, match=option):
        git.Repository(str(tmp_path)).run("ls-files", option)


@pytest.mark.parametrize(
    ("where", "arguments"),
    [
        ("core.fsmonitor", ["ls-files", "--modified"]),
        ("filter, diff and merge drivers", ["status"]),
        ("log.showSignature", ["log", "-1"]),
        ("core.sshCommand", ["cat-file", "-p", "HEAD:plugin/README.md"]),
        ("an ext remote", ["cat-file", "-p", "HEAD:plugin/README.md"]),
        ("a remote helper", ["cat-file", "-p", "HEAD:plugin/README.md"]),
        ("an uploadpack", ["cat-file", "-p", "HEAD:plugin/README.md"]),
        ("include.path", ["status"]),
    ],
)
def test_canary_sings_when_git_is_run_plainly(
    tmp_path: Path, canary: Path, monkeypatch: pytest.MonkeyPatch, where: str, arguments: list[str]
) -> None:
    """The counter-check: what is planted does work."""
    monkeypatch.setenv("PATH", f"{tmp_path}/bin", prepend=":")
    repository = GitRepository(tmp_path / "repository")
    make_plugin(repository.root / "plugin", {"README.md": "read me\n"})
    repository.commit()
    PLANTED[where](repository, str(canary))
    (repository.root / "plugin/a.md").write_text("new")
    (tmp_path / "sung").unlink(missing_ok=True)
    with contextlib.suppress(AssertionError):
        repository.git(*arguments)
    assert (tmp_path / "sung").exists()
