"""Plugins from git repositories: a real server over HTTPS, a stand-in for SSH, and canaries wherever a repository could run something."""

import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from certificates import Authority
from git_repositories import GitRepository, isolate_git
from git_server import GitServer, running_git_server
from plugin_folders import make_plugin, write

from toolhive_plugins import (
    CommitNotFoundError,
    GitError,
    GitFailedError,
    NameMismatchError,
    PluginError,
    RegistryClient,
    Store,
    open_plugin_clone,
)
from toolhive_plugins_content import git
from toolhive_plugins_installs import InvalidTargetError, Resolver, SourceKind

MISSING = "0123456789abcdef0123456789abcdef01234567"


def offline() -> RegistryClient:
    raise AssertionError("the registry was asked")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.make(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def certificate(authority: Authority) -> Path:
    return authority.certificate("127.0.0.1")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, authority: Authority) -> Path:
    """A home whose git trusts the server, and a PATH that begins with a folder of the test's own."""
    isolate_git(monkeypatch, tmp_path / "home")
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    write(tmp_path / "home", ".gitconfig", f"[http]\n\tsslCAInfo = {authority.ca_file}\n")
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=":")
    return tmp_path / "home"


@pytest.fixture
def server(tmp_path: Path, home: Path, certificate: Path) -> Iterator[GitServer]:
    with running_git_server(tmp_path / "served", certificate) as running:
        yield running


@pytest.fixture
def resolver(store: Store) -> Resolver:
    return Resolver(store, offline)


@pytest.fixture
def repository(tmp_path: Path) -> GitRepository:
    """Two plugins in folders, and one at the root called `tools`; version 1 is tagged, version 2 is on a branch."""
    made = GitRepository(tmp_path / "source")
    make_plugin(made.root, {"README.md": "root\n"}, name="tools", version="1.0.0")
    make_plugin(made.root / "plugins/demo", {"run.sh": "#!/bin/sh\n"}, version="1.0.0")
    (made.root / "plugins/demo/run.sh").chmod(0o755)
    made.commit()
    made.git("tag", "--annotate", "--message", "one", "v1.0.0")
    made.git("checkout", "--quiet", "-b", "feature/two")
    make_plugin(made.root / "plugins/demo", {"run.sh": "#!/bin/sh\n"}, version="2.0.0")
    made.commit()
    made.git("checkout", "--quiet", "main")
    return made


@pytest.mark.parametrize("smart", [True, False], ids=["smart", "dumb"])
def test_branch_tag_commit_and_folder_are_fetched_and_the_commit_noted(
    server: GitServer, repository: GitRepository, resolver: Resolver, smart: bool
) -> None:
    server.publish(repository.root, "acme/tools")
    server.smart = smart
    base = f"git://{server.host}/acme/tools"
    first, second = repository.git("rev-parse", "v1.0.0^{commit}"), repository.git("rev-parse", "feature/two")
    for text, commit, name, version in [
        (base, first, "tools", "1.0.0"),
        (f"{base}@v1.0.0#plugins/demo", first, "demo", "1.0.0"),
        (f"{base}@feature/two#plugins/demo", second, "demo", "2.0.0"),
        (f"{base}@{second}#plugins/demo", second, "demo", "2.0.0"),
    ]:
        with resolver.open(text) as plugin:
            assert (plugin.kind, plugin.source, plugin.digest) == (SourceKind.GIT, text, commit)
            assert (plugin.name, plugin.version) == (name, version)
            folder = "#plugins/demo" if name == "demo" else ""
            assert plugin.reference == f"{base}@{commit}{folder}"
            pinned = plugin.reference
            if (name, version) == ("demo", "1.0.0"):
                assert plugin.tree.files["run.sh"].mode == 0o755
    with resolver.open_pinned(pinned) as again:
        assert (again.reference, again.version) == (pinned, version)


def test_a_moved_branch_is_another_commit(server: GitServer, repository: GitRepository, resolver: Resolver) -> None:
    server.publish(repository.root, "acme/tools")
    text = f"git://{server.host}/acme/tools@main"
    with resolver.open(text) as plugin:
        first = plugin.digest
    write(repository.root, "README.md", "changed\n")
    second = repository.commit()
    shutil.rmtree(server.folder)
    server.publish(repository.root, "acme/tools")
    with resolver.open(text) as plugin:
        assert plugin.digest == second != first


@pytest.mark.parametrize("smart", [True, False], ids=["smart", "dumb"])
@pytest.mark.parametrize("part", ["@absent", f"@{MISSING}", "@v1.0.0#absent", "#README.md"])
def test_what_the_repository_lacks_is_not_found(
    server: GitServer, repository: GitRepository, resolver: Resolver, part: str, smart: bool
) -> None:
    server.publish(repository.root, "acme/tools")
    server.smart = smart
    with pytest.raises(CommitNotFoundError), resolver.open(f"git://{server.host}/acme/tools{part}"):
        pass


def test_the_id_of_a_tag_is_no_commit(server: GitServer, repository: GitRepository, resolver: Resolver) -> None:
    server.publish(repository.root, "acme/tools")
    tag = repository.git("rev-parse", "v1.0.0")
    with (
        pytest.raises(CommitNotFoundError, match="is not the ID"),
        resolver.open(f"git://{server.host}/acme/tools@{tag}"),
    ):
        pass


def test_a_repository_of_sha256_ids_is_refused(server: GitServer, resolver: Resolver, tmp_path: Path) -> None:
    (tmp_path / "sha256").mkdir()
    git_init = GitRepository(tmp_path / "ordinary")
    git_init.git("init", "--quiet", "--object-format=sha256", "--initial-branch=main", str(tmp_path / "sha256"))
    make_plugin(tmp_path / "sha256", name="sha256")
    git_init.root = tmp_path / "sha256"
    git_init.commit()
    server.publish(tmp_path / "sha256", "acme/sha256")
    with (
        pytest.raises(InvalidTargetError, match="SHA-1"),
        resolver.open(f"git://{server.host}/acme/sha256"),
    ):
        pass


def test_a_repository_that_is_not_there_fails_in_gits_words(server: GitServer, resolver: Resolver) -> None:
    with pytest.raises(GitFailedError, match="not found") as caught, resolver.open(f"git://{server.host}/acme/absent"):
        pass
    assert caught.value.where == f"https://{server.host}/acme/absent"


def test_a_plugin_under_another_name_is_refused(
    server: GitServer, repository: GitRepository, resolver: Resolver
) -> None:
    server.publish(repository.root, "acme/popular")
    with (
        pytest.raises(NameMismatchError, match="'tools', and its folder or repository 'popular'"),
        resolver.open(f"git://{server.host}/acme/popular"),
    ):
        pass


def test_a_folder_without_a_plugin_is_refused(server: GitServer, repository: GitRepository, resolver: Resolver) -> None:
    server.publish(repository.root, "acme/tools")
    with pytest.raises(PluginError), resolver.open(f"git://{server.host}/acme/tools#plugins"):
        pass


def test_an_unknown_authority_is_refused(
    server: GitServer, repository: GitRepository, resolver: Resolver, home: Path
) -> None:
    server.publish(repository.root, "acme/tools")
    (home / ".gitconfig").unlink()
    with pytest.raises(GitFailedError, match="certificate"), resolver.open(f"git://{server.host}/acme/tools"):
        pass
    assert server.requests == []


@pytest.mark.parametrize("scheme", ["http", "git", "file", "ext"])
def test_no_redirect_leads_to_an_unsafe_transport(
    server: GitServer, repository: GitRepository, resolver: Resolver, tmp_path: Path, scheme: str
) -> None:
    server.publish(repository.root, "acme/tools")
    server.redirect = {
        "http": "http://127.0.0.1:9",
        "git": "git://127.0.0.1:9",
        "file": f"file://{server.folder}",
        "ext": f"ext::touch {tmp_path}/sung",
    }[scheme]
    with pytest.raises(GitFailedError), resolver.open(f"git://{server.host}/acme/tools"):
        pass
    assert not (tmp_path / "sung").exists()


@pytest.mark.parametrize("to", ["git://127.0.0.1:9/", "file://{served}/", "http://127.0.0.1:9/", "ext::touch {sung} "])
def test_settings_of_the_user_lead_to_no_unsafe_transport(
    server: GitServer, repository: GitRepository, resolver: Resolver, home: Path, tmp_path: Path, to: str
) -> None:
    server.publish(repository.root, "acme/tools")
    to = to.replace("{served}", str(server.folder)).replace("{sung}", str(tmp_path / "sung"))
    with (home / ".gitconfig").open("a") as file:
        file.write(f'[url "{to}"]\n\tinsteadOf = https://{server.host}/\n[protocol]\n\tallow = always\n')
    with pytest.raises(GitFailedError, match="not allowed"), resolver.open(f"git://{server.host}/acme/tools"):
        pass
    assert not (tmp_path / "sung").exists()


def test_a_repository_that_is_too_large_is_given_up(server: GitServer, repository: GitRepository) -> None:
    (repository.root / "noise.bin").write_bytes(os.urandom(3_000_000))
    repository.commit()
    server.publish(repository.root, "acme/tools")
    address = f"https://{server.host}/acme/tools"
    with pytest.raises(GitError, match="larger than 1000000 bytes"), open_plugin_clone(address, max_size=1_000_000):
        pass
    with open_plugin_clone(address, max_size=10_000_000) as clone:
        assert clone.tree.manifest.name == "tools"


def test_a_server_that_never_answers_is_given_up(server: GitServer) -> None:
    server.hangs = True
    began = time.monotonic()
    with pytest.raises(GitError, match="in time"), open_plugin_clone(f"https://{server.host}/a/b", timeout=1.0):
        pass
    assert time.monotonic() - began < 20


def test_a_server_that_sends_messages_without_end_is_given_up(home: Path, tmp_path: Path) -> None:
    write(tmp_path, "bin/ssh", "#!/bin/sh\nwhile :; do echo this is a long message of the server; done >&2\n", 0o755)
    with pytest.raises(GitError, match="messages without end"), open_plugin_clone("ssh://example.com/a/b"):
        pass


def test_nothing_of_a_clone_is_left(
    server: GitServer, repository: GitRepository, resolver: Resolver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    server.publish(repository.root, "acme/tools")
    with resolver.open(f"git://{server.host}/acme/tools"):
        assert list(scratch.iterdir())
    with pytest.raises(PluginError), resolver.open(f"git://{server.host}/acme/tools#plugins"):
        pass
    assert list(scratch.iterdir()) == []


@pytest.fixture
def canary(tmp_path: Path) -> Path:
    """A program that leaves a file behind when it runs."""
    return write(tmp_path, "bin/canary", f'#!/bin/sh\necho "$0 $@" >> {tmp_path}/sung\nexit 1\n', 0o755)


def test_nothing_of_a_repository_runs(
    server: GitServer, repository: GitRepository, resolver: Resolver, tmp_path: Path, canary: Path
) -> None:
    """Filters, drivers, hooks, submodules, and a commit that claims a signature."""
    root = repository.root
    write(root, ".gitattributes", "* filter=evil diff=evil merge=evil export-subst text eol=crlf\n")
    write(root, "plugins/demo/.gitattributes", "* filter=evil\n")
    write(root, ".gitmodules", f'[submodule "x"]\n\tpath = x\n\turl = ext::{canary}\n\tupdate = !{canary}\n')
    write(root, ".githooks/post-checkout", f"#!/bin/sh\n{canary}\n", 0o755)
    write(root, ".gitconfig", f"[core]\n\tfsmonitor = {canary}\n\thooksPath = .githooks\n")
    repository.git("update-index", "--add", "--cacheinfo", f"160000,{repository.git('rev-parse', 'HEAD')},x")
    repository.git("add", ".gitattributes", ".gitmodules", "plugins", ".githooks")
    repository.git("commit", "--quiet", "--message", "evil")
    evil = repository.git("hash-object", "-w", "--stdin", stdin=b"evil\n")
    repository.git("update-ref", f"refs/replace/{repository.git('rev-parse', 'HEAD:README.md')}", evil)
    server.publish(root, "acme/tools")
    hook = write(server.folder, "acme/tools/hooks/post-checkout", f"#!/bin/sh\n{canary}\n", 0o755)
    assert hook.exists()
    (tmp_path / "sung").unlink(missing_ok=True)
    for smart in (True, False):
        server.smart = smart
        with resolver.open(f"git://{server.host}/acme/tools@main#plugins/demo") as plugin:
            assert b"".join(plugin.tree.chunks("run.sh")) == b"#!/bin/sh\n"
    assert not (tmp_path / "sung").exists(), (tmp_path / "sung").read_text()


def test_replaced_objects_are_not_followed(server: GitServer, repository: GitRepository, resolver: Resolver) -> None:
    evil = repository.git("hash-object", "-w", "--stdin", stdin=b"evil\n")
    name = repository.git("rev-parse", "HEAD:README.md")
    server.publish(repository.root, "acme/tools")
    write(server.folder, f"acme/tools/refs/replace/{name}", evil + "\n")
    with resolver.open(f"git://{server.host}/acme/tools@{repository.git('rev-parse', 'HEAD')}") as plugin:
        assert b"".join(plugin.tree.chunks("README.md")) == b"root\n"


def test_variables_of_the_caller_do_not_reach_git(
    server: GitServer,
    repository: GitRepository,
    resolver: Resolver,
    tmp_path: Path,
    canary: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server.publish(repository.root, "acme/tools")
    other = GitRepository(tmp_path / "other")
    for name in ("GIT_DIR", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES"):
        monkeypatch.setenv(name, str(other.root / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other.root))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other.root / "index"))
    monkeypatch.setenv("GIT_TEMPLATE_DIR", str(tmp_path / "template"))
    write(tmp_path, "template/hooks/post-checkout", f"#!/bin/sh\n{canary}\n", 0o755)
    for name in ("GIT_SSH", "GIT_SSH_COMMAND", "GIT_ASKPASS", "GIT_EXTERNAL_DIFF", "GIT_PROXY_COMMAND", "GIT_PAGER"):
        monkeypatch.setenv(name, str(canary))
    monkeypatch.setenv("GIT_SSL_NO_VERIFY", "1")
    monkeypatch.setenv("GIT_ALLOW_PROTOCOL", "git:http:ext:file")
    monkeypatch.setenv("GIT_TRACE", str(tmp_path / "trace"))
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "core.fsmonitor")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", str(canary))
    with resolver.open(f"git://{server.host}/acme/tools") as plugin:
        assert plugin.name == "tools"
    assert not (tmp_path / "sung").exists()
    assert not (tmp_path / "trace").exists()
    assert other.git("count-objects").startswith("0 objects")


def test_ssh_is_asked_for_the_repository_and_nothing_else(
    repository: GitRepository, resolver: Resolver, home: Path, tmp_path: Path
) -> None:
    shutil.copytree(repository.root / ".git", tmp_path / "remote/acme/tools.git")
    write(
        tmp_path,
        "bin/ssh",
        f'#!/bin/sh\necho "$@" >> {tmp_path}/asked\nfor last; do :; done\ncd {tmp_path}/remote || exit 1\n'
        "path=${last#*\\'}\nexec git upload-pack \".${path%\\'}\"\n",
        0o755,
    )
    with resolver.open("git+ssh://git@example.com/acme/tools.git@v1.0.0") as plugin:
        assert plugin.version == "1.0.0"
        assert plugin.reference == f"git+ssh://git@example.com/acme/tools.git@{plugin.digest}"
    asked = (tmp_path / "asked").read_text().splitlines()
    assert len(asked) == 1
    assert asked[0].endswith("git@example.com git-upload-pack '/acme/tools.git'")


def test_a_clone_is_a_bare_one(server: GitServer, repository: GitRepository, home: Path, tmp_path: Path) -> None:
    server.publish(repository.root, "acme/tools")
    git.clone_bare(f"https://{server.host}/acme/tools", str(tmp_path / "clone"), shallow=True)
    assert not (tmp_path / "clone/hooks").exists()
    assert git.Repository(str(tmp_path / "clone"), bare=True).run("rev-parse", "--is-bare-repository") == b"true\n"
    with pytest.raises(GitFailedError):
        git.Repository(str(tmp_path / "clone")).run("rev-parse", "HEAD")
