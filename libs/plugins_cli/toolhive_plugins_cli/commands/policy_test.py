"""Say what the policies that are in force allow of a plugin, and why. Nothing is kept of it.

Exit status 9 if a policy forbids it, 2 if a policy is not understood."""

import argparse
from typing import TYPE_CHECKING

from toolhive_plugins_cli import exit_codes
from toolhive_plugins_cli.policy_options import add_policy_options
from toolhive_plugins_cli.registry_options import add_registry_options
from toolhive_plugins_cli.session import Session
from toolhive_plugins_cli.text import Text, safe

if TYPE_CHECKING:
    from toolhive_plugins_service import PolicyAnswer


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument(
        "target", metavar="TARGET", help="registry/repository:tag, or a local tag or digest: what would be handed on"
    )
    add_policy_options(parser)
    add_registry_options(parser)


def run(args: argparse.Namespace, session: Session) -> int:
    """Ask the policies, and show each of their answers."""
    answer = session.service.judge(args.target, progress=session.progress(f"fetching {safe(args.target)}"))
    session.close_progress()
    if session.terse:
        session.write("allowed" if answer.allowed else "forbidden")
    else:
        session.emit(answer, lambda: _draw(answer, session))
    return exit_codes.OK if answer.allowed else exit_codes.NOT_TRUSTED


def _draw(answer: "PolicyAnswer", session: Session) -> None:
    from toolhive_plugins_cli.page import untrusted

    page = session.page()
    if not answer.rulings:
        page.line(Text("allowed  ", "good"), Text("no policy is in force"))
    elif answer.allowed:
        page.line(Text("allowed  ", "good"), Text("by every policy"))
    else:
        page.line(Text("forbidden  ", "danger"), Text("a policy does not allow it"))
    page.line()
    page.field("from", untrusted(answer.comes_from))
    page.field("digest", answer.origin.digest)
    policy = ""
    for ruling in answer.rulings:
        if ruling.policy != policy:
            policy = ruling.policy
            page.section(safe(policy))
        rule = f"rule {ruling.rule}" if ruling.rule else "policy"
        mark = Text("holds  ", "good") if ruling.holds else Text("fails  ", "danger")
        for reason in ruling.reasons or ("",):
            page.line(mark, f"{rule}, {ruling.requirement}: ", untrusted(reason), indent=2, hang=4)
