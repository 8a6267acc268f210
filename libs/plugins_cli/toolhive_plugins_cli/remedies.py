"""What to do about an error, in the command's own words.

A library's remedy names no command and no option, since a library does not know who calls it. Where one of ours would help, the
error carries a hint, which is worded here.
"""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from toolhive_plugins_service import ToolhiveError

WORDINGS: Final = {
    "accept-growth": "{remedy}: --accept-growth",
    "adapt-format": "{remedy}: --adapt claude-code",
    "adapt-plugin": "{remedy}; thv-plugin build DIR --adapt gemini makes the file",
    "allow-downgrade": "{remedy}: --allow-downgrade",
    "allow-ref-change": "{remedy}: --allow-ref-change",
    "allow-signer-change": "{remedy}: --allow-signer-change",
    "allow-unsigned": "{remedy}: --allow-unsigned",
    "answer-beforehand": "{remedy}: --yes",
    "allow-more-time": "{remedy}: --timeout SECONDS",
    "build-first": "Build it first, thv-plugin build {where}, and name the build",
    "build-or-pull": "Make it with thv-plugin build DIR, or fetch it with thv-plugin pull REF",
    "give-password": "Set COSIGN_PASSWORD, pass --password-stdin, or type it when asked",
    "install-keyless": "{remedy}: pip install 'toolhive-plugins-signatures[keyless]'",
    "list-builds": "{remedy}; thv-plugin builds shows what there is",
    "list-files": "thv-plugin content {where} lists its files",
    "list-installs": "{remedy}; thv-plugin list shows what is installed",
    "list-tags": "thv-plugin builds shows the tags that there are",
    "log-in": "{remedy}: thv-plugin login {registry}",
    "include-source": "{remedy}: --include npm,archive",
    "move-tags": "{remedy}: --move-tags",
    "name-a-catalog": "{remedy}; thv-plugin marketplace push makes one",
    "name-a-signer": "{remedy}: --key FILE, or --certificate-identity NAME --certificate-oidc-issuer URL",
    "name-an-installable": "{remedy}; thv-plugin builds shows the local tags",
    "name-a-target": "{remedy}; thv-plugin builds shows the local tags, and a directory is written ./name",
    "name-project": "{remedy}: --project DIR",
    "test-policy": "thv-plugin policy test {where} says what each policy wants",
    "repair-store": "thv-plugin check shows all damage, and thv-plugin repair repairs it",
    "replace-folder": "{remedy}: --force",
    "replace-plugin": "Name another directory, or pass --force to replace the plugin",
    "trust-signer": "If you trust one of them, name it: --key FILE, or --certificate-identity and --certificate-oidc-issuer",
    "trust-certificate": "{remedy}: --ca-file FILE names the certificates to trust",
    "trust-token-host": "{remedy}: --token-host HOST",
    "use-https": "Leave out --plain-http",
    "use-plain-http": "If the registry speaks plain HTTP, pass --plain-http",
}
"""Templates, by hint. They may name `{remedy}`, the library's own words, `{where}`, the subject of the error, and `{registry}`, where
to log in."""

NEUTRAL: Final = frozenset({"check-proxy", "check-reference", "correct-client-file", "not-a-plugin"})
"""Hints for which the library's own words are enough."""


def remedy_of(error: "ToolhiveError") -> str:
    """Return what to do about an error; may be empty."""
    wording = WORDINGS.get(error.hint)
    if wording is None:
        return error.remedy
    registry = getattr(error, "registry", "") or "HOST"
    return (
        wording.replace("{where}", error.where)
        .replace("{registry}", registry)
        .replace("{remedy}", error.remedy)
        .removeprefix("; ")
    )
