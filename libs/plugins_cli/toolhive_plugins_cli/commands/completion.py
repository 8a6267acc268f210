"""Print the script that completes thv-plugin's commands, options and local tags in your shell.

bash:  source <(thv-plugin completion bash)                                  (in ~/.bashrc)
zsh:   thv-plugin completion zsh > "${fpath[1]}/_thv-plugin"                  (once)
fish:  thv-plugin completion fish > ~/.config/fish/completions/thv-plugin.fish"""

import argparse

from toolhive_plugins_cli import exit_codes
from toolhive_plugins_cli.completion_scripts import script
from toolhive_plugins_cli.session import Session


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("shell", choices=("bash", "zsh", "fish"), help="the shell to complete in")


def run(args: argparse.Namespace, session: Session) -> int:
    """Print it."""
    session.write(script(args.shell, session.parser_of).rstrip("\n"))
    return exit_codes.OK
