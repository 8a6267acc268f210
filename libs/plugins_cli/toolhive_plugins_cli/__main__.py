"""`python -m toolhive_plugins_cli` is `thv-plugin`."""

import sys

from toolhive_plugins_cli.cli import main

if __name__ == "__main__":
    sys.exit(main())
