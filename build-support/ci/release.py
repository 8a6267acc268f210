"""Makes the wheels and GATE-C2's document, all of it here: `release.py` runs `./pants package ::`, apart from any shared cache.

What it takes from the local store was made on this machine: a build that joins the shared cache keeps a store of its own
(pants.shared-cache.toml).
"""

import os
import sys

from machine import JOINING, RELEASE, ROOT


def main() -> int:
    """Replace this process by Pants."""
    environ = {name: value for name, value in os.environ.items() if name not in (*JOINING, "PYTHONPATH")}
    os.execve(ROOT / "pants", ["./pants", *RELEASE, "package", "::"], environ)


if __name__ == "__main__":
    sys.exit(main())
