"""The command tells no secret, not even under --debug, which prints where an error comes from."""

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from planted_secrets import IDENTITY, KINDS, PASSWORD, REGISTRY_TOKEN, USER, Evidence, Kind, all_forms
from registry_artifacts import plugin
from registry_simulator import Answer, Exchange, Simulator

from toolhive_plugins_cli.cli import main
from toolhive_plugins_store import Store

SECRETS = all_forms(PASSWORD, IDENTITY, REGISTRY_TOKEN, "issued-token-1")


@pytest.mark.parametrize("fails", [False, True], ids=["success", "failure"])
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_push_and_pull_with_debug_tell_no_secret(
    kind: Kind,
    fails: bool,
    simulator: Simulator,
    docker_login: Callable[[Kind], Path],
    tmp_path: Path,
    evidence: Evidence,
    capsys: pytest.CaptureFixture[str],
) -> None:
    docker_login(kind)
    folder = tmp_path / "work" / "store"
    with Store(folder) as store:
        plugin(b"mine\n").keep(store, "mine")
    if fails:
        simulator.poison("*", "/(manifests|blobs)/", _refuse)
    theirs = plugin(b"theirs\n").serve(simulator)
    statuses = [
        main([*command, "--plain-http", "--debug", "--verbose", "--store", str(folder)])
        for command in (["push", "mine", f"{simulator.host}/acme/hello:mine"], ["pull", theirs])
    ]
    assert [status != 0 for status in statuses] == [fails, fails]
    printed = capsys.readouterr()
    evidence.said += [printed.out, printed.err]
    assert ("Traceback" in printed.err) == fails
    assert not evidence.leaks(SECRETS)


@pytest.mark.parametrize("outcome", ["kept", "refused", "not written"])
@pytest.mark.parametrize("kind", KINDS[:2], ids=lambda kind: kind.name)
def test_login_and_logout_with_debug_tell_no_secret(
    kind: Kind,
    outcome: str,
    simulator: Simulator,
    docker_login: Callable[[Kind], Path],
    tmp_path: Path,
    evidence: Evidence,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = docker_login(kind)
    path.write_text("{" if outcome == "not written" else '{"auths": {}}')
    if outcome == "refused":
        simulator.poison("*", "/(v2/|token)", _refuse)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(PASSWORD.encode())))
    login = ["login", simulator.host, "-u", USER, "--password-stdin", "--plain-http", "--debug"]
    assert (main(login) == 0) == (outcome == "kept")
    assert (path.read_text() != '{"auths": {}}') == (outcome != "refused")
    main(["logout", simulator.host, "--debug"])
    printed = capsys.readouterr()
    evidence.said += [printed.out, printed.err]
    evidence.take_objects()
    assert ("Traceback" in printed.err) == (outcome != "kept")
    assert not evidence.leaks(SECRETS)


def _refuse(exchange: Exchange) -> Answer:
    given = exchange.request.authorization
    if not given:
        return exchange.honest()
    body = json.dumps({"errors": [{"code": "DENIED", "message": f"{given} {given.partition(' ')[2]}"}]}).encode()
    return Answer(403, body, (("X-Echo", given),))
