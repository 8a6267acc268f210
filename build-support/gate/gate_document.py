"""Joins the exit gate's results of each Python and the wheels they are about into GATE-C2's document.

    gate_document.py OUTPUT VERSION_FILE PYTHON... < nothing

The results are in the working folder as `exit-gate-<python>.json`, beside the wheels.
"""

import hashlib
import json
import sys
from pathlib import Path


def wheel_facts(wheel: Path) -> dict[str, str | int]:
    """Say which wheel it is, exactly."""
    content = wheel.read_bytes()
    return {
        "name": wheel.name.partition("-")[0].replace("_", "-"),
        "file": wheel.name,
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }


def gate_document(version: str, wheels: list[Path], results: list[Path]) -> dict[str, object]:
    """Return the document.

    Raises:
        ValueError: a wheel is of another version.
    """
    strays = [wheel.name for wheel in wheels if wheel.name.split("-")[1] != version]
    if strays:
        raise ValueError(f"VERSION says {version}, but there are {', '.join(strays)}")
    runs = [json.loads(file.read_text(encoding="utf-8")) for file in results]
    return {
        "gate": "GATE-C2",
        "version": version,
        "wheels": [wheel_facts(wheel) for wheel in wheels],
        "exit_gate": {run["python"]: run["results"] for run in runs},
    }


def main(output: str, version_file: str, *pythons: str) -> int:
    """Write the document from what is in the working folder."""
    version = Path(version_file).read_text(encoding="utf-8").strip()
    results = [Path(f"exit-gate-{python}.json") for python in pythons]
    document = gate_document(version, sorted(Path().glob("*.whl")), results)
    Path(output).write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
