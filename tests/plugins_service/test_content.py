"""Content: metadata and files, without installing anything."""

from pathlib import Path

import pytest
from service_plugins import COMPLETE

from toolhive_plugins import Digest, Platform
from toolhive_plugins_service import BuildRequest, NotAPluginError, Service, TargetNotFoundError


def test_content_lists_metadata_and_files(service: Service, complete: str) -> None:
    build = service.build(BuildRequest(complete))
    content = service.content("complete")
    assert (content.name, content.version, content.license) == ("complete", "1.2.3", "MIT")
    assert (content.platforms, content.layer_size) == (build.platforms, build.layer_size)
    assert content.annotations["dev.toolhive.plugins.name"] == "complete"
    assert [file.path for file in content.files] == sorted(COMPLETE)
    start = next(file for file in content.files if file.path == "scripts/start.sh")
    assert (start.executable, start.size, start.digest) == (True, 23, Digest.of(b"#!/bin/bash\necho hello\n"))


def test_directory_has_the_same_files(service: Service, complete: str) -> None:
    service.build(BuildRequest(complete))
    assert service.content(complete).files == service.content("complete").files


def test_remote_content_is_not_kept(service: Service, complete: str) -> None:
    service.build(BuildRequest(complete))
    service.push("complete", "example.com/acme/complete:v1")
    service.delete_build("complete")
    assert len(service.content("example.com/acme/complete:v1").files) == len(COMPLETE)
    assert service.list_builds() == ()


@pytest.mark.parametrize("path", ["scripts/start.sh", "./scripts/start.sh"])
def test_one_file_is_handed_out_byte_for_byte(service: Service, complete: str, path: str) -> None:
    service.build(BuildRequest(complete))
    for target in ("complete", complete):
        assert b"".join(service.file(target, path)) == (Path(complete) / path).read_bytes()
        with pytest.raises(TargetNotFoundError):
            list(service.file(target, "../../etc/passwd"))


def test_a_platform_that_is_not_there_is_told(service: Service, complete: str) -> None:
    service.build(BuildRequest(complete, platforms=("linux/arm64",)))
    with pytest.raises(NotAPluginError, match="linux/arm64"):
        service.content("complete", platform=Platform("plan9", "mips"))
