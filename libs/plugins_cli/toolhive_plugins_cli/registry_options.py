"""The options of every subcommand that can talk to a registry, and the client that they ask for."""

import argparse
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from toolhive_plugins_cli.session import Session
    from toolhive_plugins_service import Registry

_WORKERS = 4
_MOST_WORKERS = 32
_JOBS = 16
_MOST_JOBS = 64


def add_registry_options(parser: argparse.ArgumentParser) -> None:
    """Add them to a subcommand's parser."""
    group = parser.add_argument_group("options for registries")
    group.add_argument(
        "--plain-http",
        action="store_true",
        help="use HTTP without encryption, for example for a registry on this machine",
    )
    group.add_argument(
        "--ca-file", metavar="FILE", help="trust the certificates in this file (PEM) instead of the system's"
    )
    group.add_argument(
        "--timeout",
        metavar="SECONDS",
        help="wait this long for an answer, and 60 times as long for a whole transfer (default: 60)",
    )
    group.add_argument("--retries", metavar="N", help="try again this often after a failure that may pass (default: 4)")
    group.add_argument(
        "--token-host",
        metavar="HOST",
        action="append",
        help="send credentials to this token service if the registry names it; may be repeated",
    )


def add_jobs(parser: argparse.ArgumentParser) -> None:
    """Add how many plugins are worked on at once: so many that a registry is waited for by all of them together."""
    parser.add_argument(
        "--jobs", metavar="N", type=int, default=_JOBS, help=f"work on this many plugins at once (default: {_JOBS})"
    )


def jobs_of(args: argparse.Namespace, session: "Session") -> int:
    """Return how many plugins are worked on at once; a number that makes no sense ends the run."""
    jobs: int = args.jobs
    if not 1 <= jobs <= _MOST_JOBS:
        session.usage_error(f"argument --jobs: give a number from 1 to {_MOST_JOBS}")
    return jobs


def make_registry(args: argparse.Namespace) -> "Registry":
    """Return a registry client with the settings that hold for a command line.

    Raises:
        RequestError: a setting is malformed.
    """
    from toolhive_plugins_cli.settings import read_settings
    from toolhive_plugins_service import Registry, RetryPolicy, Timeouts

    settings = read_settings(args, os.environ)
    timeout = settings.timeout
    return Registry(
        plain_http=getattr(args, "plain_http", False),
        ca_file=settings.ca_file or None,
        timeouts=Timeouts(
            connect=max(timeout / 6, min(timeout, 10.0)), read=timeout, exchange=timeout, operation=60 * timeout
        ),
        retries=RetryPolicy(attempts=settings.retries + 1),
        workers=_workers(args),
        token_hosts=settings.token_hosts,
    )


def _workers(args: argparse.Namespace) -> int:
    """Return how many transfers run at once: two for each plugin that is worked on, within bounds."""
    jobs = getattr(args, "jobs", 0)
    return max(_WORKERS, min(2 * jobs, _MOST_WORKERS)) if isinstance(jobs, int) else _WORKERS
