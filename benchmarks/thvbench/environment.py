"""The Python environment that is measured: our libraries as an installation lays them down, never the source tree.

The libraries are copied once at the start, so that nobody's edit changes them between two runs, and compiled, so that
no run pays for that.
"""

import compileall
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from thvbench.measure import say

ROOT = Path(__file__).resolve().parents[2]
_CONSOLE_SCRIPT = """\
import sys
from toolhive_plugins_cli.cli import main
if __name__ == '__main__':
    sys.exit(main())
"""
LOCK = ROOT / "3rdparty/python/default.lock"


def default_work() -> Path:
    """Return the folder where inputs, stores and results go unless another is named."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "toolhive-plugins-bench"


def third_party(work: Path) -> Path:
    """Return the interpreter of an environment with the locked third-party libraries; made once for each lock."""
    key = hashlib.sha256(LOCK.read_bytes() + sys.version.encode()).hexdigest()[:16]
    environment = work / f"python-{key}"
    python = environment / "bin/python"
    if not (environment / "complete").exists():
        say(f"making an environment in {environment}")
        shutil.rmtree(environment, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", environment], check=True)
        install = [str(python), "-m", "pip", "install", "--quiet", "--require-hashes", "-r", str(LOCK)]
        subprocess.run(install, check=True)
        (environment / "complete").touch()
    return python


def installed_libraries(run: Path) -> Path:
    """Lay our libraries down in the run's folder, as their wheels would, and return where."""
    site = run / "site"
    version = (ROOT / "VERSION").read_text(encoding="ascii").strip()
    for package in sorted((ROOT / "libs").glob("*/toolhive_*")):
        shutil.copytree(package, site / package.name, ignore=shutil.ignore_patterns("__pycache__"))
        information = site / f"{package.name}-{version}.dist-info"
        information.mkdir()
        name = package.name.replace("_", "-")
        (information / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n", encoding="ascii"
        )
    compileall.compile_dir(site, quiet=1)
    return site


def command(run: Path, python: Path) -> Path:
    """Write the console script `thv-plugin` as pip writes it, and return it."""
    script = run / "bin/thv-plugin"
    script.parent.mkdir()
    script.write_text(f"#!{python}\n{_CONSOLE_SCRIPT}", encoding="ascii")
    script.chmod(0o755)
    return script


def variables(site: Path, run: Path) -> Mapping[str, str]:
    """The environment variables of every measured process."""
    home = run / "home"
    home.mkdir()
    return {
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "PATH": os.environ["PATH"],
        "PYTHONHASHSEED": "0",
        "PYTHONPATH": str(site),
        "TMPDIR": str(run),
        "XDG_DATA_HOME": str(home / "data"),
    }
