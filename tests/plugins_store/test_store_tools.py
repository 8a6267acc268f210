"""skopeo and umoci on a store of ours, and ours on theirs."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from store_samples import assert_whole, build, make_sample

from toolhive_artifact import Digest
from toolhive_plugins_store import Store

REFERENCE = "ghcr.io/owner/my-plugin:v1.0.0"


def run(program: str, *arguments: str) -> bytes:
    """Run a program that other people wrote."""
    found = shutil.which(program)
    if found is None:
        if os.environ.get("CI"):
            pytest.fail(f"{program} is not installed, and CI must not pass without it")
        pytest.skip(f"{program} is not installed")
    return subprocess.run([found, *arguments], check=True, capture_output=True, timeout=60).stdout


def copy_with_skopeo(source: str, target: str) -> None:
    """Copy all platforms. Unless it is told to keep digests, an old skopeo writes manifests anew, without their
    artifact type."""
    run("skopeo", "copy", "--all", "--preserve-digests", "--insecure-policy", source, target)


@pytest.mark.parametrize("tag", ["v1.0.0", REFERENCE])
def test_skopeo_reads_a_build(store: Store, root: Path, tag: str) -> None:
    build(store, "another")
    sample = build(store, tag)
    assert run("skopeo", "inspect", "--raw", f"oci:{root}:{tag}") == sample.index


def test_skopeo_copies_a_build(store: Store, root: Path, tmp_path: Path) -> None:
    sample = build(store, "v1.0.0")
    target = tmp_path / "copy"
    copy_with_skopeo(f"oci:{root}:v1.0.0", f"oci:{target}:copied")
    with Store(target) as copy:
        assert copy.list_tags() == ["copied"]
        assert copy.resolve("copied") == sample.digest
        assert copy.check() == ()
        build(copy, "more")
    assert_whole(target, {"copied": sample, "more": make_sample("more")})


def test_skopeo_adds_to_a_store(store: Store, root: Path, tmp_path: Path) -> None:
    kept = build(store, "kept")
    sample = make_sample("theirs")
    with Store(tmp_path / "source") as source:
        build(source, "x", sample)
    copy_with_skopeo(f"oci:{tmp_path / 'source'}:x", f"oci:{root}:{REFERENCE}")
    assert store.list_tags() == [REFERENCE, "kept"]
    store.tag(sample.digest, "ours")
    store.gc(grace=0)
    assert store.check() == ()
    assert_whole(root, {"kept": kept, "ours": sample, REFERENCE: sample})


def test_umoci_lists_and_inspects(store: Store, root: Path) -> None:
    sample = make_sample("one platform", architectures=("amd64",))
    build(store, "v1.0.0", sample)
    store.tag(Digest.of(sample.manifests[0]), "manifest")
    assert run("umoci", "ls", "--layout", str(root)).split() == [b"v1.0.0", b"manifest"]
    assert json.loads(run("umoci", "stat", "--json", "--image", f"{root}:manifest")) == {"history": None}


def test_umoci_sweeps_only_what_nothing_reaches(store: Store, root: Path) -> None:
    """It also removes folders of its own kind; ours must not look like one."""
    kept = build(store, "kept")
    orphan = store.put_blob(b"orphan")
    with store.transaction() as transaction:
        transaction.put_blob(b"under way")
        run("umoci", "gc", "--layout", str(root))
    assert not store.has_blob(orphan)
    assert store.get_blob(Digest.of(b"under way")) == b"under way"
    assert_whole(root, {"kept": kept})
    assert store.check() == ()


def test_umoci_removes_a_tag(store: Store, root: Path) -> None:
    kept = build(store, "kept")
    build(store, "gone")
    run("umoci", "rm", "--image", f"{root}:gone")
    assert store.list_tags() == ["gone", "kept"]  # it looks like a tag that a program without a lock lost
    store.delete_build("gone")
    assert store.list_tags() == ["kept"]
    store.gc(grace=0)
    assert_whole(root, {"kept": kept})
