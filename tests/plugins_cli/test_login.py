"""Logging in and out, at a real registry with an htpasswd file."""

import json
import stat
from pathlib import Path

import pytest
from command_runner import Command
from real_registry import PASSWORD, USERNAME

from toolhive_plugins_cli import exit_codes


def config(thv: Command) -> Path:
    return thv.folder / "docker" / "config.json"


def log_in(thv: Command, host: str, *, username: str = USERNAME, password: str = PASSWORD) -> int:
    options = ("--username", username, "--password-stdin", "--plain-http")
    return thv("login", host, *options, stdin=f"{password}\n".encode()).status


def test_a_login_lets_push_and_pull_until_the_logout(thv: Command, demo: Path, private_registry: str) -> None:
    ref = f"{private_registry}/acme/demo:1"
    thv("build", "demo")
    before = thv("push", "demo", ref, "--plain-http")
    assert (before.status, before.out) == (exit_codes.FAILED, "")
    assert "(asked anonymously)" in before.err
    assert f"help: Log in to {private_registry}: thv-plugin login {private_registry}" in before.err
    done = thv("login", private_registry, "-u", USERNAME, "--password-stdin", "--plain-http", stdin=PASSWORD.encode())
    assert (done.status, done.out) == (exit_codes.OK, "")
    assert done.err == f"logged in to {private_registry} as {USERNAME}; the login is in {config(thv)}\n"
    assert stat.S_IMODE(config(thv).stat().st_mode) == 0o600
    assert thv("push", "demo", ref, "--plain-http").status == exit_codes.OK
    assert thv("pull", ref, "--plain-http").status == exit_codes.OK
    out = thv("logout", private_registry)
    assert out.err == f"removed the login for {private_registry} from {config(thv)}\n"
    assert thv("pull", ref, "--plain-http").status == exit_codes.FAILED
    again = thv("logout", private_registry)
    assert (again.status, again.err) == (
        exit_codes.OK,
        f"there was no login for {private_registry} to remove\n",
    )
    assert json.loads(config(thv).read_text()) == {"auths": {}}


def test_a_login_that_the_registry_refuses_is_not_kept(thv: Command, private_registry: str) -> None:
    done = thv("login", private_registry, "-u", USERNAME, "--password-stdin", "--plain-http", stdin=b"wrong-password\n")
    assert (done.status, done.out) == (exit_codes.FAILED, "")
    assert f"did not accept the credentials (asked as {USERNAME})" in done.err
    assert "help: Check the user name, and the password or token\n" in done.err
    assert "wrong-password" not in done.err
    assert not config(thv).exists()


def test_a_refusal_says_as_whom_the_registry_was_asked(thv: Command, private_registry: str) -> None:
    assert log_in(thv, private_registry) == exit_codes.OK
    auth = json.loads(config(thv).read_text())["auths"][private_registry]["auth"]
    config(thv).write_text(config(thv).read_text().replace(auth, "YW5uOm90aGVy"))
    done = thv("pull", f"{private_registry}/acme/demo:1", "--plain-http")
    assert f"did not accept the credentials (asked as ann from {config(thv)})" in done.err
    assert f"help: Log in to {private_registry} again: thv-plugin login {private_registry}" in done.err


def test_a_registry_that_lets_everybody_in_cannot_check_a_password(thv: Command, registry: str) -> None:
    done = thv("login", registry, "-u", "ann", "--password-stdin", "--plain-http", stdin=b"anything")
    assert done.status == exit_codes.OK
    assert f"warning: {registry} does not ask for a login, so the password was not checked" in done.err


def test_user_name_and_password_are_typed_and_the_password_is_not_shown(thv: Command, private_registry: str) -> None:
    done = thv.on_terminal("login", private_registry, "--plain-http", width=200, typed=f"{USERNAME}\n{PASSWORD}")
    assert done.status == exit_codes.OK, done
    assert "Username: " in done.out
    assert "Password: " in done.out
    assert f"logged in to {private_registry} as {USERNAME}" in done.out
    assert PASSWORD not in done.out


@pytest.mark.parametrize(
    "arguments",
    [
        ("--password", "hunter2hunter2"),
        ("--password=hunter2hunter2",),
        ("-p", "hunter2hunter2"),
        ("-phunter2hunter2",),
        ("--username", "ann", "-p", "hunter2hunter2"),
        ("ann", "hunter2hunter2"),
    ],
)
def test_a_password_as_an_argument_is_refused_and_not_repeated(thv: Command, arguments: tuple[str, ...]) -> None:
    done = thv("login", "ghcr.io", *arguments)
    assert (done.status, done.out) == (exit_codes.USAGE, "")
    assert "--password-stdin" in done.err
    assert "hunter2" not in done.err


@pytest.mark.parametrize(
    ("arguments", "stdin", "words"),
    [
        (("ghcr.io", "-u", "ann"), None, "there is no terminal to type a password at: pass --password-stdin"),
        (("ghcr.io",), None, "pass --username and --password-stdin"),
        (("ghcr.io", "--password-stdin"), b"secret", "--password-stdin needs --username"),
        (("ghcr.io", "-u", "ann", "--password-stdin"), b"", "the password is empty"),
        (("ghcr.io", "-u", "ann", "--password-stdin"), b"\n", "the password is empty"),
        (("ghcr.io", "-u", "ann", "--password-stdin"), b"secret\nsecret\n", "line break"),
        (("ghcr.io", "-u", "ann", "--password-stdin"), b"secret" * 10_000, "longer than 32768 bytes"),
        (("ghcr.io", "-u", "a:b", "--password-stdin"), b"secret", "neither colons"),
        (("https://ghcr.io/", "-u", "ann", "--password-stdin"), b"secret", "You probably mean ghcr.io"),
        (("ghcr.io/acme", "-u", "ann", "--password-stdin"), b"secret", "You probably mean ghcr.io"),
        (("a b", "-u", "ann", "--password-stdin"), b"secret", "is not the host of a registry"),
    ],
)
def test_what_cannot_be_a_login_is_a_usage_error(
    thv: Command, arguments: tuple[str, ...], stdin: bytes | None, words: str
) -> None:
    done = thv("login", *arguments, stdin=stdin)
    assert (done.status, done.out) == (exit_codes.USAGE, "")
    assert words in done.err
    assert "secret" not in done.err
    assert not config(thv).exists()


def test_help_and_completion_do_not_offer_a_password_as_an_argument(thv: Command) -> None:
    assert "--password-stdin" in thv("login", "--help").out
    assert "--password " not in thv("login", "--help").out
    assert "excess" not in thv("login", "--help").out
    for shell in ("bash", "zsh", "fish"):
        script = thv("completion", shell).out
        assert "logout" in script
        assert "password-stdin" in script
        assert "--password " not in script
        assert "-l password " not in script


def test_other_files_that_hold_a_login_are_named_after_a_logout(thv: Command) -> None:
    podman = thv.folder / ".config" / "containers" / "auth.json"
    podman.parent.mkdir(parents=True)
    podman.write_text('{"auths": {"ghcr.io": {"auth": "YW5uOnA="}}}')
    done = thv("logout", "ghcr.io")
    assert done.status == exit_codes.OK
    assert f"warning: {podman} still holds a login for ghcr.io" in done.err


def test_a_login_goes_where_registry_auth_file_says(thv: Command, registry: str, tmp_path: Path) -> None:
    env = {"REGISTRY_AUTH_FILE": str(tmp_path / "ci" / "auth.json")}
    done = thv("login", registry, "-u", "ann", "--password-stdin", "--plain-http", stdin=b"p", env=env)
    assert done.status == exit_codes.OK
    assert (tmp_path / "ci" / "auth.json").exists()
    assert not config(thv).exists()
