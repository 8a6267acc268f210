"""`path`: one line or nothing, whatever happens; against a real registry, catalogs and a real git."""

import json
import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from command_runner import ARGUMENTS, Command, hook, write_plugin
from web_server import serving

from toolhive_plugins import Digest, Registry
from toolhive_plugins_cli import exit_codes
from toolhive_plugins_marketplaces import Catalog, CatalogPlugin, push_catalog


def published(thv: Command, ref: str, command: str = "") -> str:
    """Build a plugin, with a hook that runs a command if that is given, push it, and return its digest."""
    shutil.rmtree(thv.folder / "demo", ignore_errors=True)
    files = hook(command) if command else {".claude-plugin/plugin.json": {"name": "demo", "version": "1.0.0"}}
    write_plugin(thv.folder / "demo", {**files, "README.md": f"{command}\n"})
    assert thv("--store", "publisher", "build", "demo").status == exit_codes.OK
    done = thv("--store", "publisher", "push", "demo", ref, "--plain-http", "--quiet")
    assert done.status == exit_codes.OK, done.err
    return done.out.strip()


def test_it_prints_one_line_and_needs_no_network_the_second_time(thv: Command, registry: str) -> None:
    digest = published(thv, f"{registry}/path/one/demo:1.0.0")
    target = f"{registry}/path/one/demo@{digest}"
    first = thv("path", target, "--plain-http")
    assert (first.status, first.err) == (exit_codes.OK, "")
    assert first.out.count("\n") == 1
    folder = Path(first.out.rstrip("\n"))
    assert folder.is_absolute()
    assert (folder / ".claude-plugin/plugin.json").is_file()
    again = thv("path", target)  # over HTTPS, which that registry does not speak
    assert (again.status, again.out, again.err) == (exit_codes.OK, first.out, "")


def test_what_is_here_is_handed_out_from_a_read_only_disk(thv: Command, registry: str) -> None:
    digest = published(thv, f"{registry}/path/only/demo:1.0.0")
    target = f"{registry}/path/only/demo@{digest}"
    first = thv("path", target, "--plain-http")
    unshare = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"])]
    if subprocess.run([*unshare, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this user may not mount anything")
    script = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"'
    command = [*unshare, "sh", "-c", script, str(thv.folder / "data"), *ARGUMENTS]
    done = subprocess.run([*command, "path", target], env=thv.env, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (exit_codes.OK, first.out, "")
    other = subprocess.run([*command, "path", "demo"], env=thv.env, capture_output=True, text=True, check=False)
    assert (other.returncode != exit_codes.OK, other.stdout) == (True, "")


@pytest.mark.parametrize("target", ["./demo", "nothing", "localhost:1/a/demo:1", "x/y", "git://localhost:1/a/b"])
def test_a_failure_prints_nothing_on_stdout(thv: Command, demo: Path, target: str) -> None:
    done = thv("path", target, "--retries", "0", "--timeout", "2")
    assert done.status in (exit_codes.FAILED, exit_codes.USAGE, exit_codes.NOT_FOUND)
    assert done.out == ""
    assert done.err.startswith("error: ")


def test_a_directory_is_refused_with_what_to_do(thv: Command, demo: Path) -> None:
    done = thv("path", "./demo")
    assert done.status == exit_codes.USAGE
    assert "thv-plugin build ./demo" in done.err


def test_a_tag_that_can_do_more_prints_nothing_until_it_is_accepted(thv: Command, registry: str) -> None:
    ref = f"{registry}/path/two/demo:latest"
    published(thv, ref)
    first = thv("path", ref, "--plain-http")
    assert first.status == exit_codes.OK
    published(thv, ref, "./run.sh")
    refused = thv("path", ref, "--plain-http")
    assert (refused.status, refused.out) == (exit_codes.SURFACE_GREW, "")
    assert "SessionStart" in refused.err
    assert "--accept-growth" in refused.err
    accepted = thv("path", ref, "--plain-http", "--accept-growth")
    assert accepted.status == exit_codes.OK
    assert accepted.out != first.out
    assert thv("path", ref, "--plain-http").out == accepted.out


def test_a_name_is_looked_up_in_the_catalogs(thv: Command, registry: str, tmp_path: Path) -> None:
    digest = Digest(published(thv, f"{registry}/path/three/demo:1.0.0"))
    other = Digest(published(thv, f"{registry}/path/four/demo:1.0.0", "./run.sh"))
    with Registry(plain_http=True) as client:
        for number, found in (("three", digest), ("four", other)):
            plugin = CatalogPlugin(name="demo", repository=f"{registry}/path/{number}/demo", digest=found)
            catalog = Catalog(name=number, plugins=(plugin,))
            push_catalog(client, catalog, f"{registry}/path/{number}/toolhive.catalog:latest")
    env = {"THV_PLUGIN_CATALOGS": f"{registry}/path/three"}
    done = thv("path", "demo", "--plain-http", "--format", "json", env=env)
    assert done.status == exit_codes.OK, done.err
    assert json.loads(done.out)["reference"] == f"{registry}/path/three/demo@{digest}"
    config = tmp_path / "config.toml"
    config.write_text(f'catalogs = ["{registry}/path/three", "{registry}/path/four"]\n')
    done = thv("path", "demo", "--plain-http", env={"THV_PLUGIN_CONFIG": str(config)})
    assert (done.status, done.out) == (exit_codes.USAGE, "")
    assert f"{registry}/path/four/demo@{other}" in done.err
    assert thv("path", "absent", "--plain-http", env=env).status == exit_codes.NOT_FOUND
    env = {"THV_PLUGIN_CATALOGS": f"{registry}/path/absent"}
    assert thv("path", "demo", "--plain-http", env=env).status == exit_codes.NOT_FOUND


def test_a_registry_server_is_a_catalog_too(thv: Command, registry: str) -> None:
    digest = published(thv, f"{registry}/path/five/demo:1.0.0")
    package = {"registryType": "oci", "identifier": f"{registry}/path/five/demo:1.0.0", "digest": digest}
    entries = [{"namespace": "io.acme", "name": "demo", "version": "1.0.0", "packages": [package]}]
    page = "/registry/default/v0.1/x/dev.toolhive/plugins?search={}&limit=100"
    with serving() as web:
        env = {"THV_PLUGIN_CATALOGS": f"{web.url}/registry/default"}
        web.files[page.format("Demo")] = json.dumps({"plugins": entries, "metadata": {}}).encode()
        done = thv("path", "Demo", "--plain-http", "--format", "json", env=env)
        assert done.status == exit_codes.OK, done.err
        assert json.loads(done.out)["reference"] == f"{registry}/path/five/demo@{digest}"
        other = {**entries[0], "namespace": "io.evil", "packages": [{**package, "identifier": "ghcr.io/evil/demo:1"}]}
        web.files[page.format("demo")] = json.dumps({"plugins": [*entries, other], "metadata": {}}).encode()
        done = thv("path", "demo", "--plain-http", env=env)
        assert (done.status, done.out) == (exit_codes.USAGE, "")
        assert f"ghcr.io/evil/demo@{digest}" in done.err
        only_git = {**entries[0], "packages": [{"registryType": "git", "identifier": "https://github.com/a/demo"}]}
        web.files[page.format("demo")] = json.dumps({"plugins": [only_git], "metadata": {}}).encode()
        done = thv("path", "demo", "--plain-http", env=env)
        assert (done.status, done.out) == (exit_codes.INVALID_PLUGIN, "")
        assert "no OCI registry" in done.err


def test_several_processes_at_once_agree(thv: Command, demo: Path) -> None:
    digest = thv("build", "demo", "--quiet").out.strip()
    running = [thv.start("path", digest, stdout=-1, stderr=-1) for _ in range(4)]
    ended = [process.communicate(timeout=120) for process in running]
    assert [process.returncode for process in running] == [exit_codes.OK] * 4, ended
    assert len({out for out, _ in ended}) == 1
    assert [each.name for each in Path(os.fsdecode(ended[0][0].strip())).parents[1].iterdir()] == [digest[7:]]


def test_gc_sweeps_folders_that_nobody_asked_for(thv: Command, demo: Path) -> None:
    thv("build", "demo")
    folder = Path(thv("path", "demo").out.strip())
    assert thv("gc").status == exit_codes.OK
    assert folder.exists()
    long_ago = time.time() - 31 * 24 * 3600
    os.utime(folder.parent / "record.json", (long_ago, long_ago))
    assert thv("gc").status == exit_codes.OK
    assert not folder.parent.exists()


def test_a_path_in_any_encoding_is_printed_as_it_is(thv: Command, demo: Path) -> None:
    name = os.fsdecode(b"caf\xe9 \xc3\xa9")
    assert thv("--store", name, "build", "demo").status == exit_codes.OK
    with thv.start("--store", name, "path", "demo", stdout=-1) as process:
        out, _ = process.communicate(timeout=60)
    assert Path(os.fsdecode(out.rstrip(b"\n"))).is_dir()
    assert thv("--store", "a\nb", "build", "demo").status == exit_codes.OK
    done = thv("--store", "a\nb", "path", "demo")
    assert (done.status, done.out) == (exit_codes.FAILED, "")
