"""A document with secrets in it that cannot be read: the error says where, and neither quotes it nor carries an error that does.

cattrs quotes the value that it refuses, in an error of its own; that error must not be reachable from ours.
"""

import json
from pathlib import Path

import pytest
from planted_secrets import IDENTITY, PASSWORD, REGISTRY_TOKEN, Evidence, all_forms
from registry_artifacts import plugin
from registry_simulator import Answer, Exchange, Login, Simulator

from toolhive_plugins_interfaces import CredentialError, RegistryAuthError
from toolhive_plugins_registry import DockerCredentialStore, Registry
from toolhive_plugins_registry.credential_helpers import parse_answer
from toolhive_plugins_store import Store

HOST = "registry.example"
SECRETS = all_forms(PASSWORD, IDENTITY, REGISTRY_TOKEN)

CONFIGURATIONS: dict[str, object] = {
    "auth is a list": {"auths": {HOST: {"auth": [PASSWORD]}}},
    "token is an object": {"auths": {HOST: {"identitytoken": {IDENTITY: REGISTRY_TOKEN}}}},
    "entry is a string": {"auths": {HOST: PASSWORD}},
    "password is a list": {"auths": {HOST: {"username": "ann", "password": [PASSWORD, 1]}}},
    "auth is not base64": {"auths": {HOST: {"auth": PASSWORD}}},
    "auths is a string": {"auths": PASSWORD},
    "helper is a list": {"credHelpers": {HOST: [PASSWORD]}},
    "key of credHelpers is a secret": {"credHelpers": {PASSWORD: {}}},
    "store is an object": {"credsStore": {PASSWORD: IDENTITY}},
    "the whole file is a string": PASSWORD,
}


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_error_about_dockers_configuration_leaks_nothing(name: str, tmp_path: Path, evidence: Evidence) -> None:
    path = tmp_path / "config.json"
    path.write_text(json.dumps(CONFIGURATIONS[name], indent=1))
    with pytest.raises(CredentialError) as caught:
        DockerCredentialStore(path).get(HOST)
    evidence.take_error(caught.value)
    evidence.take_objects()
    assert str(path) in str(caught.value)
    assert "line " in str(caught.value) or "base64" in str(caught.value)
    assert not evidence.leaks(SECRETS)


def test_error_about_a_configuration_that_is_not_json_leaks_nothing(tmp_path: Path, evidence: Evidence) -> None:
    path = tmp_path / "config.json"
    path.write_text(f'{{"auths": {{"{HOST}": {{"auth": {PASSWORD}}}}}}}')
    with pytest.raises(CredentialError, match=r"not a JSON document \(line 1, column 41\)") as caught:
        DockerCredentialStore(path)
    evidence.take_error(caught.value)
    assert not evidence.leaks(SECRETS)


@pytest.mark.parametrize("answer", [[PASSWORD], {"Secret": [PASSWORD]}, {"Username": {PASSWORD: 1}}, PASSWORD])
def test_error_about_a_helpers_answer_leaks_nothing(answer: object, evidence: Evidence) -> None:
    with pytest.raises(CredentialError) as caught:
        parse_answer("planted", json.dumps(answer).encode())
    evidence.take_error(caught.value)
    assert caught.value.__context__ is None
    assert not evidence.leaks(SECRETS)


@pytest.mark.parametrize(
    "answer", [{"token": [PASSWORD]}, {"access_token": {PASSWORD: IDENTITY}}, [PASSWORD], PASSWORD]
)
def test_error_about_a_token_services_answer_leaks_nothing(
    answer: object, simulator: Simulator, tmp_path: Path, evidence: Evidence
) -> None:
    """The service says what it was sent, in a form that is not a token."""

    def echo(exchange: Exchange) -> Answer:
        assert exchange.request.authorization, "the password was sent"
        return Answer(200, json.dumps(answer).encode(), (("Content-Type", "application/json"),))

    ref = plugin().serve(simulator)
    simulator.login = Login("ann", PASSWORD, scheme="bearer", anonymous_pull=False)
    simulator.poison("GET", "/token", echo)
    path = tmp_path / "config.json"
    path.write_text(json.dumps({"auths": {simulator.host: {"username": "ann", "password": PASSWORD}}}))
    evidence.meant.append(path)
    with (
        Registry(plain_http=True, credential_store=DockerCredentialStore(path)) as client,
        Store(tmp_path / "work" / "store") as store,
        pytest.raises(RegistryAuthError, match="without a usable token") as caught,
    ):
        client.pull(store, ref)
    evidence.take_error(caught.value)
    evidence.take_objects()
    assert not evidence.leaks(SECRETS)
