"""Files that can run, or be run: marked executable, known by their first bytes or suffix, or in a place that clients run from."""

from collections.abc import Iterable
from typing import Final

from attrs import frozen

from toolhive_plugins_content.surface.collector import folded_path
from toolhive_plugins_content.surface.packages import is_package_file
from toolhive_plugins_content.tree import PluginFile


@frozen(kw_only=True)
class Program:
    """A file that can be run."""

    path: str
    size: int
    """In bytes."""

    what: str
    """`script for bash`, `Linux program`, ...; empty where nothing tells."""

    executable: bool
    """Whether it is marked executable. One that is not runs where something names an interpreter for it."""

    named_by: tuple[str, ...]
    """The hooks, servers and monitors whose command lines name it."""

    on_path: bool
    """Whether it is in `bin/`, which clients put on the PATH of the shell that the model uses."""


_MAGIC: Final = (
    (b"\x7fELF", "Linux program"),
    (b"MZ", "Windows program"),
    (b"\xcf\xfa\xed\xfe", "macOS program"),
    (b"\xce\xfa\xed\xfe", "macOS program"),
    (b"\xfe\xed\xfa\xcf", "macOS program"),
    (b"\xfe\xed\xfa\xce", "macOS program"),
    (b"\xca\xfe\xba\xbe", "macOS program or Java class"),
    (b"\x00asm", "WebAssembly module"),
    (b"BC\xc0\xde", "LLVM bitcode"),
    (b"dex\n", "Android program"),
    (b"\x1bLua", "Lua program"),
)
_SUFFIXES: Final = {
    suffix: what
    for what, suffixes in (
        ("shell script", "sh bash zsh fish ksh csh command"),
        ("Windows script", "bat cmd ps1 psm1 psd1 vbs vbe wsf wsh hta reg lnk scr msi com"),
        ("Windows program", "exe dll sys cpl ocx"),
        ("native library", "so dylib node a o"),
        ("JavaScript", "js mjs cjs jsx"),
        ("TypeScript", "ts mts cts tsx"),
        ("Python", "py pyw pyi pyx pyc pyo pth ipynb"),
        ("Ruby", "rb rake gemspec"),
        ("Perl", "pl pm"),
        ("PHP", "php phar"),
        ("Lua", "lua"),
        (
            "source code",
            "go rs c h cc cpp cxx hpp cs fs vb java kt kts scala groovy gradle swift m mm r jl ex exs erl hs clj cljs dart zig nim d ml",
        ),
        ("source code", "sql awk sed tcl el lisp scm vim coffee svelte vue"),
        ("WebAssembly module", "wasm wat"),
        ("Java program", "jar war class"),
        ("Python program", "pyz pex whl egg"),
        ("macOS script", "applescript scpt workflow"),
        ("desktop entry", "desktop service plist"),
        ("build script", "mk cmake bazel nix just ninja"),
    )
    for suffix in suffixes.split()
}
_NAMES: Final = {
    "makefile": "build script",
    "gnumakefile": "build script",
    "justfile": "build script",
    "dockerfile": "build script",
    "containerfile": "build script",
    "rakefile": "build script",
    "gemfile": "build script",
    "jenkinsfile": "build script",
    "procfile": "build script",
    "vagrantfile": "build script",
    "brewfile": "build script",
    "build": "build script",
    "workspace": "build script",
}
_RUN_FROM: Final = ("bin", "workflows")
"""Folders at the root whose every file a client may run."""


def program_of(file: PluginFile, head: bytes, named_by: Iterable[str]) -> Program | None:
    """Return what a file is as a program; None where nothing makes it one.

    Args:
        file: the file.
        head: how it begins.
        named_by: what has a command line that names it.
    """
    what = kind_of_program(file.path, head)
    names = tuple(dict.fromkeys(named_by))
    top = folded_path(file.path).split("/")
    if not (file.executable or what or names or (len(top) > 1 and top[0] in _RUN_FROM)):
        return None
    return Program(
        path=file.path,
        size=file.size,
        what=what,
        executable=file.executable,
        named_by=names,
        on_path=len(top) > 1 and top[0] == "bin",
    )


def kind_of_program(path: str, head: bytes) -> str:
    """Tell what kind of program a file is from its first bytes, its suffix or its name; empty where nothing tells."""
    for magic, what in _MAGIC:
        if head.startswith(magic):
            return what
    if head.removeprefix(b"\xef\xbb\xbf").startswith(b"#!"):
        return _script(head.removeprefix(b"\xef\xbb\xbf"))
    name = folded_path(path.rpartition("/")[2])
    stem, dot, suffix = name.rpartition(".")
    if is_package_file(path):
        return "package list"
    return _SUFFIXES.get(suffix, "") if dot and stem else _NAMES.get(name, "")


def _script(head: bytes) -> str:
    words = head[2:].split(b"\n")[0].decode("utf-8", "replace").split()
    if words and words[0].endswith("/env"):
        words = [word for word in words[1:] if not word.startswith("-") and "=" not in word]
    return f"script for {words[0].rpartition('/')[2]}" if words else "script"
