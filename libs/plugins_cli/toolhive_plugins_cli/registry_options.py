"""The options of every subcommand that can talk to a registry."""

import argparse


def add_registry_options(parser: argparse.ArgumentParser) -> None:
    """Add them to a subcommand's parser."""
    group = parser.add_argument_group("options for registries")
    group.add_argument(
        "--plain-http",
        action="store_true",
        help="use HTTP without encryption, for example for a registry on this machine",
    )
