"""The lock file: what ToolHive writes is read, what is written ToolHive reads, and what is not ours stays as it is."""

import contextlib

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from toolhive_plugins import Digest
from toolhive_plugins_installs import LockEntry, LockFileError, Provenance, parse_lock_file

THV = b"""\
version: 1
plugins:
    - name: release-notes
      version: 1.0.0
      source: localhost:5000/me/release-notes:1.0.0
      resolvedReference: localhost:5000/me/release-notes:1.0.0
      digest: sha256:ca153b0c89147581c7623c4a4fffb26fd3d722397ffa8578ef842e47bb46b491
      contentDigest: sha256:f1665bb756c189f24ad6dbfb0f89670e9817a56b4c33f3194c3a74d620271f5c
      provenance:
        signerIdentity: ""
        certIssuer: ""
        publicKey: MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAERvBe1GUR76hG3kcxx965+5JcPTMsvFtE8/qZSevob9qLgGCUA7BQkg1oYPYLk07==
      explicit: true
"""
"""As thv 0.63 wrote it."""

ENTRY = LockEntry(
    name="other",
    version="2.0.0",
    source="ghcr.io/me/other:2.0.0",
    resolved_reference="ghcr.io/me/other:2.0.0",
    digest=Digest.of(b"other"),
    content_digest=Digest.of(b"content"),
    unsigned=True,
    explicit=True,
)
WRITTEN = f"""\
    - name: other
      version: 2.0.0
      source: ghcr.io/me/other:2.0.0
      resolvedReference: ghcr.io/me/other:2.0.0
      digest: {Digest.of(b"other")}
      contentDigest: {Digest.of(b"content")}
      unsigned: true
      explicit: true
""".encode()


def test_reads_what_toolhive_wrote() -> None:
    (entry,) = parse_lock_file(THV).entries
    assert entry.name == "release-notes"
    assert entry.provenance is not None
    assert entry.provenance.public_key.startswith("MFkw")
    assert entry.explicit
    assert not entry.unsigned


def test_writes_an_entry_as_toolhive_does() -> None:
    (entry,) = parse_lock_file(THV).entries
    assert parse_lock_file(b"").edited([entry]) == THV


def test_a_new_entry_goes_where_its_name_belongs_and_moves_no_other_byte() -> None:
    lock = parse_lock_file(THV)
    head, body = THV[:20], THV[20:]
    assert lock.edited([ENTRY]) == head + WRITTEN + body
    last = evolve(ENTRY, name="zz")
    assert lock.edited([last]) == THV + WRITTEN.replace(b"name: other", b"name: zz")


def test_nothing_to_change_leaves_the_bytes() -> None:
    odd = THV.replace(b"    - name", b"  -   name").replace(b"version: 1.0.0", b"version: '1.0.0'  # ours")
    lock = parse_lock_file(odd)
    assert lock.edited(lock.entries, drop=["not-there"]) == odd


def test_the_last_entry_leaves_a_file_with_its_version() -> None:
    assert parse_lock_file(THV).edited(drop=["release-notes"]) == b"version: 1\n"


STRANGE = b"""\
# kept
version: 1
future: {a: [1, 2]}
skills:
    - name: s
      odd: |
        text
plugins:
    # about a
    - name: aa
      x-note: "yes"  # kept too
      source: ghcr.io/me/a:1
      digest: sha256:ca153b0c89147581c7623c4a4fffb26fd3d722397ffa8578ef842e47bb46b491
      policy:
          deep:
              - 1
    # about b
    - name: bb
      source: ghcr.io/me/b:1
      digest: sha256:ca153b0c89147581c7623c4a4fffb26fd3d722397ffa8578ef842e47bb46b491
tail: true
"""


def test_unknown_keys_and_comments_survive_a_change_of_their_entry() -> None:
    lock = parse_lock_file(STRANGE)
    new = evolve(lock.entries[0], digest=Digest.of(b"new"), version="2")
    written = lock.edited([new])
    expected = STRANGE.replace(
        lock.entries[0].digest.encode() + b"\n      policy", Digest.of(b"new").encode() + b"\n      policy"
    )
    assert set(written.splitlines()) == set(expected.splitlines()) | {b'      version: "2"'}
    assert parse_lock_file(written).entry("aa") == new
    assert written[written.index(b"    # about b") :] == STRANGE[STRANGE.index(b"    # about b") :]
    assert written[: written.index(b"    - name: aa")] == STRANGE[: STRANGE.index(b"    - name: aa")]


def test_unknown_keys_survive_when_all_entries_go() -> None:
    written = parse_lock_file(STRANGE).edited(drop=["aa", "bb"])
    assert b"future: {a: [1, 2]}" in written
    assert b"skills:" in written
    assert b"tail: true" in written
    assert b"plugins:" not in written


def test_line_ends_of_windows_are_kept() -> None:
    lock = parse_lock_file(THV.replace(b"\n", b"\r\n"))
    written = lock.edited([ENTRY])
    assert written.count(b"\r\n") == written.count(b"\n")


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"version: 2\n", "version is 2"),
        (b"plugins: []\n", "version is none"),
        (b"- a\n", "not a mapping"),
        (THV + THV[20:], "twice"),
        (b"version: 1\nversion: 1\n", "twice"),
        (b"version: 1\nplugins: &a [*a]\n", "anchor"),
        (b"version: 1\nplugins:\n  a: b\n", "not a list"),
        (b"version: 1\nplugins:\n- 5\n", "not a mapping"),
        (b"version: 1\nplugins:\n- [a]\n", "not a mapping"),
        (THV.replace(b"release-notes\n", b"../../x\n", 1), "cannot be the name"),
        (THV.replace(b"release-notes\n", b"cache\n", 1), "folder of the client"),
        (THV.replace(b"digest: sha256:ca", b"digest: sha256:zz"), "digest"),
        (THV.replace(b"      explicit: true", b"      unsigned: true"), "signed and unsigned"),
        (THV.replace(b"Reference: localhost:5000/me", b"Reference: --upload-pack=x/me"), "malformed"),
        (THV.replace(b"Reference: localhost:5000/me", b"Reference: git://-x/me"), "malformed"),
        (THV.replace(b"Reference: localhost:5000/", b"Reference: localhost:5000/" + b"a" * 512), "512"),
        (THV.replace(b"Reference: localhost:5000/me/release-notes:1.0.0", b'Reference: "a/b:1\\e[2J"'), "print"),
        (THV.replace(b"explicit: true", b"explicit: 5"), "explicit"),
        (THV.replace(b"explicit: true", b"explicit: true\n      requiredBy: [release-notes]"), "circle"),
        (THV.replace(b"source: localhost:5000/me/release-notes:1.0.0\n", b"source: [a]\n"), "source"),
        (b"version: 1\nx: " + b"[" * 40 + b"]" * 40, "levels deep"),
        (b"version: 1\nx: !!python/object:os.system a\n", "tag"),
        (b"version: 1\nx: \xff\n", "UTF-8"),
        (b"version: 1\n\x00", "YAML"),
        (b"version: 1\n---\nversion: 1\n", "more than one document"),
        (b"version: 1\nx: " + b"a" * (1024 * 1024), "larger"),
    ],
)
def test_a_hostile_file_is_refused(data: bytes, problem: str) -> None:
    with pytest.raises(LockFileError, match=problem):
        parse_lock_file(data)


def test_an_entry_in_flow_style_is_read_but_not_changed() -> None:
    digest = Digest.of(b"")
    lock = parse_lock_file(f"version: 1\nplugins: [{{name: ab, source: x/y:1, digest: '{digest}'}}]\n".encode())
    assert lock.entries[0].name == "ab"
    with pytest.raises(LockFileError, match="lines of their own"):
        lock.edited([ENTRY])


text = st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters="\0"), min_size=1, max_size=20)


@given(
    st.lists(
        st.builds(
            LockEntry,
            name=st.from_regex(r"[a-z][a-z0-9]{1,8}", fullmatch=True).filter(
                lambda name: (
                    name not in {"cache", "data", "store", "synced", "repos", "toolhive", "con", "prn", "aux", "nul"}
                    and not name.startswith(("com", "lpt"))
                )
            ),
            version=st.one_of(
                st.just(""), text, st.sampled_from(["1.0", "1", "yes", "~", "2024-01-01", "1e3", "0x1", ".5"])
            ),
            source=text,
            digest=st.binary().map(Digest.of),
            unsigned=st.booleans(),
            explicit=st.booleans(),
            required_by=st.just(()),
        ),
        max_size=5,
        unique_by=lambda entry: entry.name,
    )
)
def test_what_is_written_is_read_again(entries: list[LockEntry]) -> None:
    data = b""
    for entry in entries:
        data = parse_lock_file(data).edited([entry])
    read = parse_lock_file(data).entries
    assert sorted(read, key=lambda entry: entry.name) == sorted(entries, key=lambda entry: entry.name)
    assert list(read) == sorted(read, key=lambda entry: entry.name)


def test_provenance_has_the_two_keys_that_toolhive_always_writes() -> None:
    entry = evolve(ENTRY, unsigned=False, provenance=Provenance(signer_identity="me@example.com", provisional=True))
    written = parse_lock_file(b"").edited([entry])
    assert b"      provenance:\n        signerIdentity: me@example.com\n" in written
    assert b'        certIssuer: ""\n        provisional: true\n' in written


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with contextlib.suppress(LockFileError):
        parse_lock_file(data)


MARKS = [
    b"",
    b"\n",
    b"    ",
    b"- ",
    b"&a ",
    b"*a",
    b"{",
    b"]",
    b'"',
    b"\xff",
    b"? ",
    b"|",
    b"~",
    b"\n\n# c\n",
    b"    - name: ab\n",
]


@given(st.lists(st.tuples(st.integers(0, len(THV)), st.integers(0, 12), st.sampled_from(MARKS)), max_size=4))
def test_a_damaged_file_is_read_or_refused_and_changed_only_as_asked(cuts: list[tuple[int, int, bytes]]) -> None:
    data = THV
    for start, length, new in cuts:
        data = data[:start] + new + data[start + length :]
    try:
        lock = parse_lock_file(data)
        written = lock.edited([ENTRY])
    except LockFileError:
        return
    kept = {entry.name: entry for entry in lock.entries}
    assert {entry.name: entry for entry in parse_lock_file(written).entries} == {**kept, ENTRY.name: ENTRY}


@pytest.mark.parametrize(
    ("data", "problem", "where", "remedy"),
    [
        (b"\xef\xbb\xbf" + THV, "byte order mark", "line 1", "UTF-8"),
        (THV.replace(b"\n", b"\r", 2).replace(b"\r", b"\n", 1), r"'\\r'", "line 2", "line feed"),
        (THV.replace(b"plugins:", "plugins:\u2028".encode(), 1), r"'\\u2028'", "line ", "line feed"),
    ],
)
def test_characters_that_programs_read_differently_are_named_with_their_line(
    data: bytes, problem: str, where: str, remedy: str
) -> None:
    with pytest.raises(LockFileError, match=problem) as caught:
        parse_lock_file(data)
    assert where in caught.value.where
    assert remedy in caught.value.remedy
