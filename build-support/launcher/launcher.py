"""Makes Pants a private environment, once, and runs Pants there. Started by `./pants`.

The environment lives in a cache folder of its own, under a key made of everything that goes into it, so that another version,
lock file or interpreter gets another folder and none is ever changed after it was made. One launch makes it while others wait on
a lock that the system drops when its holder dies; `ready.json`, written last, says that it is whole. A folder without
that file is what an interrupted launch left, and is made anew.

The lock files are pip's, with hashes. Pants would fetch its `pex` tool from a release page; here it is built from the wheel on
the package index, so that an index is all that a machine needs to reach, and handed over through the environment (PANTS_PEX_CLI_*).

Written for Python 3.7, with the standard library alone: it runs before anything is installed.
"""

from __future__ import annotations

import configparser
import fcntl
import glob
import hashlib
import json
import os
import platform
import re
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, Mapping, NoReturn

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ROOT / "3rdparty" / "python"

FORMAT = "1"
"""Part of the key: raise it where this file makes the environment in another way."""

AS_LOCKED = ("--quiet", "--no-deps", "--require-hashes", "--only-binary", ":all:")
"""How pip takes exactly what a lock file says."""

PLATFORMS = ("linux_x86_64", "linux_arm64", "macos_x86_64", "macos_arm64")


class LauncherError(Exception):
    """A launch that cannot go on; the text says why and what to do."""


def supported_pythons(configuration: Path) -> tuple[str, ...]:
    """Return the Pythons that the code runs on, oldest first: pants.toml's `interpreter_versions_universe`."""
    # This runs on Pythons that have no TOML reader.
    text = configuration.read_text(encoding="utf-8")
    found = re.search(r"^interpreter_versions_universe = (\[.*\])$", text, re.MULTILINE)
    if found is None:
        sys.exit("./pants: {} does not say which Pythons the code runs on. Check it out again.".format(configuration))
    return tuple(json.loads(found.group(1)))


CODE_PYTHONS = supported_pythons(ROOT / "pants.toml")


def pinned_version(lock: Path, name: str) -> str:
    """Return the version that a lock file pins a package to."""
    for line in lock.read_text(encoding="utf-8").splitlines():
        if line.startswith(name + "=="):
            return line[len(name) + 2 :].split()[0]
    raise LauncherError("{} does not pin {}. Check the file out again.".format(lock, name))


def cache_root(environ: Mapping[str, str]) -> Path:
    """Return the folder for the environments: PANTS_LAUNCHER_CACHE, else one under XDG_CACHE_HOME or ~/.cache."""
    own = environ.get("PANTS_LAUNCHER_CACHE")
    if own:
        return Path(own).expanduser().absolute()
    xdg = environ.get("XDG_CACHE_HOME", "")
    base = Path(xdg) if os.path.isabs(xdg) else Path("~/.cache").expanduser()
    return base / "pants-launcher"


def environment_key() -> str:
    """Name the environment after all that goes into it."""
    made_of = hashlib.sha256(FORMAT.encode())
    for name in ("pants.lock", "pex.lock"):
        made_of.update(b"\0" + (LOCKS / name).read_bytes())
    made_of.update(b"\0" + os.path.realpath(sys.executable).encode())
    made_of.update(b"\0" + platform.machine().encode())
    return "{}-py{}{}-{}".format(
        pinned_version(LOCKS / "pants.lock", "pantsbuild-pants"), *sys.version_info[:2], made_of.hexdigest()[:16]
    )


class Environment:
    """Pants and its pex tool, in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.python = folder / "venv" / "bin" / "python"
        self.pants = folder / "venv" / "bin" / "pants"
        self.pex = folder / "pex"
        self._ready = folder / "ready.json"

    def facts(self) -> dict[str, str] | None:
        """Return what `ready.json` says, or None where the environment is absent, unfinished or broken."""
        try:
            facts: dict[str, str] = json.loads(self._ready.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        whole = all(os.access(str(path), os.X_OK) for path in (self.python, self.pants, self.pex))
        return facts if whole else None

    def make(self, lock: IO[str]) -> dict[str, str]:
        """Make the environment from nothing; the caller holds the lock, an open file."""
        started = time.monotonic()
        say("making the environment for Pants in {} (once, a minute or less) ...".format(self.folder))
        if self.folder.exists():
            shutil.rmtree(str(self.folder))
        self.folder.mkdir(parents=True)
        run = Runner(self.folder / "log.txt", lock)
        run([sys.executable, "-I", "-m", "venv", str(self.folder / "venv")])
        pip = [str(self.python), "-m", "pip"]
        run([*pip, "install", *AS_LOCKED, "-r", str(LOCKS / "pants.lock")])
        self._build_pex(pip, run)
        content = self.pex.read_bytes()
        facts = {
            "version": "v" + pinned_version(LOCKS / "pex.lock", "pex"),
            "sha256": hashlib.sha256(content).hexdigest(),
            "size": str(len(content)),
        }
        # The mark must not outlive, in a power cut, what it speaks for.
        os.sync()
        unfinished = self._ready.with_suffix(".tmp")
        unfinished.write_text(json.dumps(facts), encoding="utf-8")
        os.replace(str(unfinished), str(self._ready))
        say("made it in {:.0f} s".format(time.monotonic() - started))
        return facts

    def _build_pex(self, pip: list[str], run: Runner) -> None:
        wheels, library = self.folder / "wheels", self.folder / "pex-library"
        lock = ["-r", str(LOCKS / "pex.lock")]
        run([*pip, "download", *AS_LOCKED, *lock, "-d", str(wheels)])
        run([*pip, "install", *AS_LOCKED, *lock, "--no-index", "--find-links", str(wheels), "--target", str(library)])
        (wheel,) = wheels.glob("pex-*.whl")
        own = {"PYTHONPATH": str(library), "PEX_ROOT": str(self.folder / "pex-root")}
        run([str(self.python), "-m", "pex", str(wheel), "--no-pypi", "-c", "pex", "-o", str(self.pex)], own)
        for leftover in (wheels, library, self.folder / "pex-root"):
            shutil.rmtree(str(leftover))


class Runner:
    """Runs the steps, with their output in a log; where one fails, shows the log's end."""

    def __init__(self, log: Path, lock: IO[str]) -> None:
        self._log = log
        self._lock = lock

    def __call__(self, command: list[str], more_environ: Mapping[str, str] | None = None) -> None:
        environ = pants_environ(os.environ)
        environ.update(more_environ or {})
        shown = " ".join(map(shlex.quote, command))
        with open(str(self._log), "ab") as out:
            out.write("$ {}\n".format(shown).encode())
            out.flush()
            # A step that outlives a killed launch keeps the lock, so that the next launch does not work in the same folder.
            status = subprocess.call(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=environ, pass_fds=[self._lock.fileno()]
            )
        if status:
            tail = self._log.read_text(encoding="utf-8", errors="replace").splitlines()[-25:]
            raise LauncherError(
                "this step failed with status {}:\n    {}\n{}\nThe whole log: {}\n"
                "If the package index cannot be reached, tell pip of yours (PIP_INDEX_URL, PIP_CERT, or pip's configuration file): the "
                "launcher and Pants follow it. Then run the same command again: what is unfinished is made anew.".format(
                    status, shown, "\n".join("    | " + line for line in tail), self._log
                )
            )


def pants_environ(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment without what would lead Pants's Python to another's modules."""
    return {name: value for name, value in environ.items() if name not in ("PYTHONPATH", "PYTHONHOME")}


def ensure(environment: Environment) -> dict[str, str]:
    """Return the environment's facts, making it first where it is not whole."""
    facts = environment.facts()
    if facts is not None:
        return facts
    environment.folder.parent.mkdir(parents=True, exist_ok=True)
    # The lock file stays: removing it would let two launches hold "the" lock at once.
    with open(str(environment.folder) + ".lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another launch is making the environment: waiting for it ...")
            fcntl.flock(lock, fcntl.LOCK_EX)
        return environment.facts() or environment.make(lock)


def pip_settings(environ: Mapping[str, str]) -> dict[str, str]:
    """Return pip's own settings that Pants must follow, by their long option names, from pip's files and environment.

    Sources and precedence as in pip's documentation, "Configuration": global, user, PIP_CONFIG_FILE, then PIP_* variables.
    """
    home = Path("~").expanduser()
    xdg = environ.get("XDG_CONFIG_HOME") or str(home / ".config")
    files = [
        os.path.join(folder, "pip", "pip.conf")
        for folder in environ.get("XDG_CONFIG_DIRS", "/etc/xdg").split(":")[::-1]
    ]
    files += ["/etc/pip.conf", str(home / ".pip" / "pip.conf"), os.path.join(xdg, "pip", "pip.conf")]
    if sys.platform == "darwin":
        files += ["/Library/Application Support/pip/pip.conf", str(home / "Library/Application Support/pip/pip.conf")]
    own = environ.get("PIP_CONFIG_FILE")
    files = [] if own == os.devnull else [*files, own] if own else files
    settings = {}
    for section in ("global", "install"):
        for file in files:
            parser = configparser.RawConfigParser()
            try:
                parser.read(file, encoding="utf-8")
            except (OSError, ValueError, configparser.Error) as error:
                raise LauncherError("pip's configuration file {} cannot be read: {}".format(file, error)) from error
            if parser.has_section(section):
                settings.update(
                    {name.lower().replace("_", "-").lstrip("-"): value for name, value in parser.items(section)}
                )
    for name, value in environ.items():
        if name.startswith("PIP_") and value:
            settings[name[4:].lower().replace("_", "-")] = value
    return settings


def pants_index_settings(pip: Mapping[str, str]) -> dict[str, str]:
    """Turn pip's index, links and CA settings into environment variables for Pants's own options."""
    settings = {}
    no_index = pip.get("no-index", "").lower() in ("1", "true", "yes", "on", "y", "t")
    index = pip.get("index-url", pip.get("i", ""))
    extra = pip.get("extra-index-url", "").split()
    if no_index:
        settings["PANTS_PYTHON_REPOS_INDEXES"] = "[]"
    elif index:
        settings["PANTS_PYTHON_REPOS_INDEXES"] = json.dumps([index, *filter(_usable, extra)])
    elif any(map(_usable, extra)):
        settings["PANTS_PYTHON_REPOS_INDEXES"] = "+" + json.dumps(list(filter(_usable, extra)))
    links = list(filter(_usable, pip.get("find-links", "").split()))
    if links:
        settings["PANTS_PYTHON_REPOS_FIND_LINKS"] = json.dumps(links)
    if pip.get("cert"):
        settings["PANTS_CA_CERTS_PATH"] = os.path.abspath(os.path.expanduser(pip["cert"]))
    return settings


def _usable(location: str) -> bool:
    """Whether an index or a folder of links is worth asking: a local one that is absent is not, and only makes noise."""
    if location.startswith("file://"):
        return os.path.isdir(location[len("file://") :])
    return "://" in location or os.path.isdir(os.path.expanduser(location))


def code_pythons(environ: Mapping[str, str]) -> dict[str, list[str]]:
    """Find the Pythons for the project's code: {version: the folders that hold one}. Looks at names only, runs nothing."""
    found = {}
    on_path = [
        entry
        for entry in environ.get("PATH", "").split(os.pathsep)
        if entry and not entry.rstrip("/").endswith("/shims")
    ]
    pyenv = environ.get("PYENV_ROOT") or os.path.expanduser("~/.pyenv")
    uv = environ.get("UV_PYTHON_INSTALL_DIR") or os.path.join(
        environ.get("XDG_DATA_HOME") or os.path.expanduser("~/.local/share"), "uv", "python"
    )
    for version in CODE_PYTHONS:
        folders = list(on_path)
        folders += sorted(glob.glob(os.path.join(glob.escape(pyenv), "versions", version + ".*", "bin")))
        folders += sorted(glob.glob(os.path.join(glob.escape(uv), "cpython-" + version + ".*", "bin")))
        holding = [folder for folder in folders if os.access(os.path.join(folder, "python" + version), os.X_OK)]
        if holding:
            found[version] = holding
    return found


def pants_python_settings(environ: Mapping[str, str]) -> dict[str, str]:
    """Tell Pants where the Pythons for the code are, and the BUILD files which of them there are to test on."""
    found = code_pythons(environ)
    if not found:
        raise LauncherError(
            "found no Python for the project's code, which needs one of {}. Looked on PATH and among pyenv's and uv's. "
            "Get one with `uv python install 3.12` or `pyenv install 3.12`.".format(", ".join(CODE_PYTHONS))
        )
    folders = sorted({folder for holding in found.values() for folder in holding})
    # Not all of PATH: it is part of the key of whatever Pants caches, and differs from one person to the next.
    settings = {"PANTS_PYTHON_BOOTSTRAP_SEARCH_PATH": json.dumps(folders)}
    asked = environ.get("TOOLHIVE_TEST_PYTHONS")
    versions = list(CODE_PYTHONS) if asked == "all" else asked.split() if asked else list(found)
    absent = [version for version in versions if version not in found]
    if absent:
        raise LauncherError(
            "TOOLHIVE_TEST_PYTHONS asks for Python {}, which is not on PATH, nor among pyenv's and uv's.".format(
                " and ".join(absent)
            )
        )
    settings["TOOLHIVE_TEST_PYTHONS"] = " ".join(versions)
    skipped = [version for version in CODE_PYTHONS if version not in found]
    if skipped and not asked:
        say("no Python {} here: the tests run on {} alone".format(" or ".join(skipped), " and ".join(versions)))
    return settings


def pex_settings(environment: Environment, facts: Mapping[str, str]) -> dict[str, str]:
    """Point Pants to the pex tool that we built, instead of its release page."""
    known = ["{}|{}|{}|{}".format(facts["version"], name, facts["sha256"], facts["size"]) for name in PLATFORMS]
    return {
        # Pants warns against a launcher like ours and asks for its own, which fetches what an index does not have.
        "NO_SCIE_WARNING": "1",
        "PANTS_PEX_CLI_VERSION": facts["version"],
        "PANTS_PEX_CLI_URL_TEMPLATE": environment.pex.as_uri(),
        "PANTS_PEX_CLI_KNOWN_VERSIONS": json.dumps(known),
    }


def cache_settings(environ: Mapping[str, str]) -> dict[str, str]:
    """Say in every case whether to write to a shared cache: pants.shared-cache.toml cannot say what an unset variable means."""
    return {"TOOLHIVE_CACHE_WRITE": "true" if environ.get("TOOLHIVE_CACHE_WRITE") == "true" else "false"}


def say(text: str) -> None:
    """Speak to the person, apart from Pants's output."""
    print("./pants: " + text, file=sys.stderr, flush=True)


def main(arguments: list[str]) -> NoReturn:
    """Replace this process by Pants; what the caller has set in the environment wins."""
    environment = Environment(cache_root(os.environ) / environment_key())
    settings = pants_python_settings(os.environ)
    settings.update(pants_index_settings(pip_settings(os.environ)))
    settings.update(pex_settings(environment, ensure(environment)))
    environ = {**settings, **pants_environ(os.environ), "TOOLHIVE_TEST_PYTHONS": settings["TOOLHIVE_TEST_PYTHONS"]}
    environ.update(cache_settings(os.environ))
    # Files in Pants's sandboxes, and so their modes in the wheels, follow the umask.
    os.umask(0o022)
    os.execve(str(environment.pants), [str(environment.pants), *arguments], environ)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except (LauncherError, OSError) as error:
        sys.exit("./pants: {}".format(error))
    except KeyboardInterrupt:
        sys.exit(130)
