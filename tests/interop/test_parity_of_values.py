"""Archives, gzip streams, references, platforms and logins: toolhive-core and we take the same, and refuse the same.

We refuse more of what two readers could take in two ways, and hosts that no network has.
"""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from made_values import MadeTar, docker_configs, gzips, hosts, platform_texts, references, tars

from toolhive_artifact import (
    FileEntry,
    InvalidArchiveError,
    InvalidGzipError,
    InvalidPlatformError,
    compress,
    create_tar,
    decompress,
    extract_tar,
    parse_platform,
)
from toolhive_core import ToolhiveCore, ToolhiveCoreError, running_toolhive_core
from toolhive_plugins_interfaces import CredentialError, InvalidReferenceError
from toolhive_plugins_registry import DockerCredentialStore, parse_reference

_HOST_AND_PORT = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[\w.~-]+)(:[0-9]*)?")
"""toolhive-core takes more for a host, all that Go takes in a URL: an empty one before a port, say, or `]`."""

thoroughly = settings(max_examples=100, deadline=None)


@pytest.fixture(scope="module")
def core() -> Iterator[ToolhiveCore]:
    with running_toolhive_core() as running:
        yield running


@thoroughly
@given(archive=tars())
def test_archive_is_read_alike(core: ToolhiveCore, archive: MadeTar) -> None:
    try:
        theirs = core.extract_tar(archive.data)
    except ToolhiveCoreError:
        with pytest.raises(InvalidArchiveError):
            extract_tar(archive.data)
        return
    try:
        ours = extract_tar(archive.data)
    except InvalidArchiveError:
        assert archive.is_ambiguous or archive.damaged
        return
    assert not archive.is_ambiguous or archive.damaged
    assert ours == [FileEntry(file.path, file.content, file.mode & 0o777) for file in theirs]


@thoroughly
@given(archive=tars())
def test_archive_is_written_alike(core: ToolhiveCore, archive: MadeTar) -> None:
    """What we read from any archive, packed again."""
    try:
        files = extract_tar(archive.data)
    except InvalidArchiveError:
        return
    assert create_tar(files, epoch=7) == core.create_tar(files, epoch=7)


@thoroughly
@given(data=gzips())
def test_gzip_is_read_alike(core: ToolhiveCore, data: bytes) -> None:
    try:
        theirs = core.decompress(data)
    except ToolhiveCoreError:
        with pytest.raises(InvalidGzipError):
            decompress(data)
        return
    assert decompress(data) == theirs


@thoroughly
@given(data=st.binary(max_size=100), times=st.integers(0, 2000))
def test_what_one_compresses_the_other_reads(core: ToolhiveCore, data: bytes, times: int) -> None:
    assert decompress(core.compress(data * times)) == data * times
    assert core.decompress(compress(data * times)) == data * times


@thoroughly
@given(text=references)
def test_reference_is_parsed_alike(core: ToolhiveCore, text: str) -> None:
    try:
        theirs = core.call("parse_reference", ref=text)
    except ToolhiveCoreError:
        with pytest.raises(InvalidReferenceError):
            parse_reference(text)
        return
    if _HOST_AND_PORT.fullmatch(text.partition("/")[0]) is None:
        with pytest.raises(InvalidReferenceError, match="is not a valid registry"):
            parse_reference(text)
        return
    ours = parse_reference(text)
    assert {"registry": ours.registry, "repository": ours.repository, "reference": ours.reference} == theirs


@thoroughly
@given(text=platform_texts)
def test_platform_is_parsed_alike(core: ToolhiveCore, text: str) -> None:
    try:
        theirs = core.call("parse_platform", text=text)
    except ToolhiveCoreError:
        with pytest.raises(InvalidPlatformError):
            parse_platform(text)
        return
    ours = parse_platform(text)
    assert {"os": ours.os, "architecture": ours.architecture, "variant": ours.variant} == theirs


@thoroughly
@given(config=docker_configs, host=hosts)
def test_login_is_found_alike(
    core: ToolhiveCore, tmp_path_factory: pytest.TempPathFactory, config: dict[str, Any], host: str
) -> None:
    """But for what podman and skopeo write: toolhive-core knows neither parts of a registry nor other names of Docker Hub."""
    keys = set(config["auths"]) if isinstance(config.get("auths"), dict) else set()
    assume("r.example/team" not in keys)
    assume(host != "registry-1.docker.io" or not keys & {"docker.io", "index.docker.io", "registry-1.docker.io"})
    folder = tmp_path_factory.getbasetemp() / "docker"
    folder.mkdir(exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config))
    ours = _our_login(folder / "config.json", host)
    try:
        theirs = core.call("credential", docker_config=str(folder), path=os.environ["PATH"], host=host)
    except ToolhiveCoreError:
        assert ours is None
        return
    assert ours == theirs


def _our_login(file: Path, host: str) -> dict[str, str] | None:
    try:
        found = DockerCredentialStore(file).get(host)
    except CredentialError:
        return None
    return {
        "username": found.username,
        "password": found.password,
        "refresh_token": found.refresh_token,
        "access_token": found.access_token,
    }
