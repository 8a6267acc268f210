"""Plugins that are zip files and npm packages: fetched, checked, extracted, and nothing else."""

import base64
import gzip
import hashlib
import io
import json
import tarfile
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from made_marketplaces import plugin_files, write_marketplace
from web_server import WebServer, serving

from toolhive_plugins import Registry, RegistryNotFoundError, RegistryResponseError, SizeLimitError, ToolhiveError
from toolhive_plugins_marketplaces import PackageFetcher, RefusedEntryError, npm_registry_of, open_marketplace
from toolhive_plugins_marketplaces.sources import ArchiveSource, NpmSource


@pytest.fixture
def web() -> Iterator[WebServer]:
    with serving() as running:
        yield running


@pytest.fixture
def fetch(client: Registry, web: WebServer) -> PackageFetcher:
    return PackageFetcher(client, web.url)


def zipped(files: Mapping[str, str | bytes], *, kind: int = 0o100644) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            info = zipfile.ZipInfo(path)
            info.external_attr = kind << 16
            archive.writestr(info, content)
    return out.getvalue()


def tarred(files: Mapping[str, str | bytes], *, link: str = "") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for path, content in files.items():
            data = content.encode() if isinstance(content, str) else content
            member = tarfile.TarInfo(path)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
        if link:
            member = tarfile.TarInfo("package/link")
            member.type, member.linkname = tarfile.SYMTYPE, link
            archive.addfile(member)
    return gzip.compress(out.getvalue())


def archive(web: WebServer, data: bytes) -> ArchiveSource:
    web.files["/p.zip"] = data
    return ArchiveSource(f"{web.url}/p.zip", hashlib.sha256(data).hexdigest())


def publish(web: WebServer, data: bytes, *, integrity: str | None = None, package: str = "/demo") -> None:
    web.files["/demo.tgz"] = data
    own = "sha512-" + base64.b64encode(hashlib.sha512(data).digest()).decode()
    dist = {"tarball": f"{web.url}/demo.tgz", "integrity": own if integrity is None else integrity}
    document = {"dist-tags": {"latest": "1.0.0"}, "versions": {"1.0.0": {"dist": dist, "scripts": {"install": "x"}}}}
    web.files[package] = json.dumps(document).encode()


# Archives


@pytest.mark.parametrize("folder", ["", "demo-1.0/"])
def test_an_archive_is_extracted(fetch: PackageFetcher, web: WebServer, tmp_path: Path, folder: str) -> None:
    data = zipped({f"{folder}{path}": content for path, content in plugin_files("demo").items()})
    fetch(archive(web, data), tmp_path / "out", private=True)
    assert (tmp_path / "out/commands/demo.md").read_text() == "Do demo.\n"


def test_an_archive_must_be_the_promised_one(fetch: PackageFetcher, web: WebServer, tmp_path: Path) -> None:
    source = archive(web, zipped(plugin_files("demo")))
    web.files["/p.zip"] = zipped(plugin_files("evil"))
    with pytest.raises(RefusedEntryError, match="another sha256"):
        fetch(source, tmp_path / "out", private=True)


@pytest.mark.parametrize(
    "data",
    [
        b"no zip",
        zipped({"../out": "x"}),
        zipped({"/etc/x": "x"}),
        zipped({"a\\b": "x"}),
        zipped({"a": "x", "a/b": "y"}),
        zipped({"nul": "x"}),
        zipped({"link": "/etc/passwd"}, kind=0o120777),
        zipped({"device": ""}, kind=0o020644),
        zipped({"bomb": b"\0" * (101 * 1024 * 1024)}),
        zipped({f"f{number}": "" for number in range(10_001)}),
        zipped({"a": "x" * 100})[:-30],
    ],
    ids=range(11),
)
def test_hostile_archives_are_refused(fetch: PackageFetcher, web: WebServer, tmp_path: Path, data: bytes) -> None:
    with pytest.raises(RefusedEntryError):
        fetch(archive(web, data), tmp_path / "out", private=True)
    assert not (tmp_path.parent / "out").exists()


def test_private_hosts_are_not_asked(fetch: PackageFetcher, web: WebServer, tmp_path: Path) -> None:
    with pytest.raises(RegistryResponseError, match="private network"):
        fetch(archive(web, zipped(plugin_files("demo"))), tmp_path / "out", private=False)
    assert web.asked == []


# Packages


@pytest.mark.parametrize("version", ["", "1.0.0", "latest"])
def test_a_package_is_extracted(fetch: PackageFetcher, web: WebServer, tmp_path: Path, version: str) -> None:
    publish(web, tarred({f"package/{path}": content for path, content in plugin_files("demo").items()}))
    fetch(NpmSource("demo", version), tmp_path / "out", private=False)
    assert (tmp_path / "out/commands/demo.md").read_text() == "Do demo.\n"


def test_a_scoped_package_is_one_name(fetch: PackageFetcher, web: WebServer, tmp_path: Path) -> None:
    publish(web, tarred({"package/a": "x"}), package="/@acme%2Fdemo")
    fetch(NpmSource("@acme/demo"), tmp_path / "out", private=False)
    assert (tmp_path / "out/a").read_text() == "x"


@pytest.mark.parametrize(
    ("integrity", "why"),
    [
        ("", "no integrity"),
        ("sha1-abc", "no integrity"),
        ("sha512-AAAA", "another sha512"),
        ("md5-x sha256-x", "another"),
    ],
)
def test_a_package_must_be_the_promised_one(
    fetch: PackageFetcher, web: WebServer, tmp_path: Path, integrity: str, why: str
) -> None:
    publish(web, tarred({"package/a": "x"}), integrity=integrity)
    with pytest.raises(RefusedEntryError, match=why):
        fetch(NpmSource("demo"), tmp_path / "out", private=False)


@pytest.mark.parametrize(
    "data",
    [
        b"no tar",
        tarred({"../x": "x"}),
        tarred({"package/../../x": "x"}),
        tarred({}, link="/etc"),
        tarred({"package/nul": ""}),
    ],
    ids=range(5),
)
def test_hostile_packages_are_refused(fetch: PackageFetcher, web: WebServer, tmp_path: Path, data: bytes) -> None:
    publish(web, data)
    with pytest.raises(RefusedEntryError):
        fetch(NpmSource("demo"), tmp_path / "out", private=False)


@pytest.mark.parametrize("document", [b"", b"[]", b"{}", b'{"versions": {"1.0.0": {}}}', b'{"versions": 5}'])
def test_what_is_no_description_of_a_package(
    fetch: PackageFetcher, web: WebServer, tmp_path: Path, document: bytes
) -> None:
    web.files["/demo"] = document
    with pytest.raises(RefusedEntryError):
        fetch(NpmSource("demo", "1.0.0"), tmp_path / "out", private=False)


def test_a_registry_must_be_named(client: Registry, tmp_path: Path) -> None:
    with pytest.raises(RefusedEntryError, match="no npm registry is named"):
        PackageFetcher(client)(NpmSource("demo"), tmp_path / "out", private=False)
    assert npm_registry_of({"npm_config_registry": "https://r"}) == "https://r"
    assert npm_registry_of({}) == ""


def test_a_marketplace_of_packages(fetch: PackageFetcher, web: WebServer, tmp_path: Path) -> None:
    publish(web, tarred({f"package/{path}": content for path, content in plugin_files("demo").items()}))
    entry = {"name": "demo", "source": {"source": "npm", "package": "demo"}}
    write_marketplace(tmp_path / "market", [entry])
    with (
        open_marketplace(str(tmp_path / "market")) as opened,
        pytest.raises(RefusedEntryError, match="npm package, which was not asked for"),
        opened.open(opened.marketplace.entries[0]),
    ):
        pass
    with (
        open_marketplace(str(tmp_path / "market"), include=("npm",), fetch=fetch) as opened,
        opened.open(opened.marketplace.entries[0]) as plugin,
    ):
        assert plugin.tree.manifest.name == "demo"
        assert plugin.change is None


# Downloads


def test_downloads_follow_redirects_and_try_again(client: Registry, web: WebServer) -> None:
    web.files["/b"] = b"content"
    web.redirects["/a"] = "/b"
    web.failures["/b"] = [503]
    out = io.BytesIO()
    assert client.download(f"{web.url}/a", out, limit=100) == 7
    assert out.getvalue() == b"content"


def test_downloads_have_bounds(client: Registry, web: WebServer) -> None:
    web.files["/b"] = b"x" * 101
    web.redirects["/loop"] = "/loop"
    web.redirects["/file"] = "file:///etc/passwd"
    web.redirects["/away"] = "https://10.0.0.1/x"
    for path, error in (
        ("/b", SizeLimitError),
        ("/none", RegistryNotFoundError),
        ("/loop", RegistryResponseError),
        ("/file", RegistryResponseError),
        ("/away", RegistryResponseError),
    ):
        with pytest.raises(error):
            client.download(f"{web.url}{path}", io.BytesIO(), limit=100, allows=lambda host: host != "10.0.0.1")


def test_downloads_need_https(web: WebServer) -> None:
    with Registry() as strict, pytest.raises(RegistryResponseError, match="not reached by HTTPS"):
        strict.download(f"{web.url}/b", io.BytesIO(), limit=100)
    assert issubclass(RegistryResponseError, ToolhiveError)
