"""Finds literal secrets in a plugin's values, so that they are named and never printed.

A plugin that carries one gives it to everybody who can pull it, so it is a finding; but what shows the finding must not spread it.
"""

import re
from hashlib import sha256
from typing import Final

_TOKENS: Final = re.compile(
    r"""
    gh[pousr]_[A-Za-z0-9]{16,} | github_pat_[A-Za-z0-9_]{20,} | glpat-[A-Za-z0-9_-]{16,}
    | sk-(?:ant-|proj-)?(?=[A-Za-z_-]{0,200}[0-9])[A-Za-z0-9_-]{20,} | xox[abposr]-[A-Za-z0-9-]{10,}
    | npm_[A-Za-z0-9]{20,} | pypi-[A-Za-z0-9_-]{20,}
    | (?:AKIA|ASIA)[A-Z0-9]{16} | AIza[A-Za-z0-9_-]{30,} | ya29\.[A-Za-z0-9_-]{20,} | hf_[A-Za-z0-9]{20,}
    | (?:sk|rk)_(?:live|test)_[A-Za-z0-9]{16,} | whsec_[A-Za-z0-9+/]{20,} | lin_api_[A-Za-z0-9]{20,} | ntn_[A-Za-z0-9]{20,}
    | do[opr]_v1_[a-f0-9]{32,} | shp(?:at|ca|pa|ss)_[A-Fa-f0-9]{32} | tvly-(?:dev-|prod-)?[A-Za-z0-9]{16,} | gsk_[A-Za-z0-9]{32,}
    | (?:fc|key)-[a-f0-9]{32} | pplx-[A-Za-z0-9]{32,} | r8_[A-Za-z0-9]{36,} | xai-[A-Za-z0-9]{40,} | fig[dou]_[A-Za-z0-9_-]{20,}
    | PMAK-[a-f0-9]{24}-[a-f0-9]{30,} | sntry[su]_[A-Za-z0-9+/=_]{32,} | ATATT3x[A-Za-z0-9_=-]{40,} | BSA[A-Za-z0-9_-]{24,}
    | (?<=hooks\.slack\.com/services/)[A-Za-z0-9/]{24,} | (?<=/api/webhooks/)[0-9]{16,}/[A-Za-z0-9_-]{32,}
    | (?<=AccountKey=)[A-Za-z0-9+/]{40,}={0,2} | SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,} | dckr_pat_[A-Za-z0-9_-]{16,}
    | eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}
    | -----BEGIN[ ](?:[A-Z]+[ ])?PRIVATE[ ]KEY-----[A-Za-z0-9+/=\s\\]*(?:-----END[ ](?:[A-Z]+[ ])?PRIVATE[ ]KEY-----)?
    """,
    re.VERBOSE,
)
"""Tokens whose issuers gave them a form of their own, and private keys in PEM."""

_SHORTEST: Final = 15
"""Characters of the shortest token of such a form."""

_USER_INFO: Final = re.compile(r"(?<=://)([^\s/@:]*):([^\s/@]{3,})(?=@)")
_SECRET_NAME: Final = re.compile(
    r"(?:^|[^a-z])(?:api[-_]?key|access[-_]?key|secret|token|passw(?:or)?d|passphrase|private[-_]?key|credentials?|authorization|auth)"
    r"(?:[^a-z]|$)",
    re.IGNORECASE,
)
_ASSIGNMENT: Final = re.compile(
    r"(?<![A-Za-z0-9_])([A-Za-z0-9_-]{0,64}(?:api[-_]?key|access[-_]?key|secret|token|passw(?:or)?d|passphrase)[A-Za-z0-9_-]{0,64}="
    r"|--[A-Za-z0-9_-]{0,64}(?:key|secret|token|passw(?:or)?d|passphrase)[ ])"
    r"(?=[^\s\"']{0,500}[0-9])(?=[^\s\"']{0,500}[A-Za-z])([A-Za-z0-9+/_.~-]{12,}={0,2})(?![A-Za-z0-9(])",
    re.IGNORECASE,
)
_ABOUT: Final = re.compile(
    r"(?:file|path|dir|url|uri|endpoint|header|name|type|mode|policy|provider|limit|var|count|length|ttl|method|scheme|scopes?)$",
    re.IGNORECASE,
)
"""How a name ends that is about a secret, and of something that is none."""

_PATH: Final = re.compile(r"(?:\.{1,2}|~)?/[^/]+/|\.{1,2}/")
_BEARER: Final = re.compile(
    r"\b(Bearer[ ]+|Basic[ ]+(?=\S*[A-Z])(?=\S*[a-z]))((?=\S*[0-9]|\S*=)[A-Za-z0-9+/_.~-]{12,}={0,2})", re.ASCII
)
_SCHEME: Final = re.compile(r"(?:Bearer|Basic|Token|token)\s+", re.ASCII)
_LITERAL: Final = re.compile(r"(?=[^\s]*[0-9])(?=[^\s]*[A-Za-z])[A-Za-z0-9+/=_.~-]{12,}", re.ASCII)
_PLACEHOLDER: Final = re.compile(r"your|example|changeme|placeholder|dummy|xxx|<|\$|\{\{|%[A-Z_]+%", re.IGNORECASE)


def masked(label: str, value: str) -> str:
    """Return a value with each literal secret in it replaced by what it is: how long, and the beginning of its SHA-256.

    Args:
        label: what the value is called, `env.API_TOKEN` say: a name can make a secret of a value that has no form of its own.
        value: the value.
    """
    found = _TOKENS.sub(_mask, value)
    found = _USER_INFO.sub(
        lambda match: f"{match[1]}:{_described(match[2])}" if _is_literal(match[2]) else match[0], found
    )
    for pattern in (_ASSIGNMENT, _BEARER):
        found = pattern.sub(_masked_value, found)
    name = label.rpartition(".")[2]
    if found == value and _SECRET_NAME.search(name) and not _ABOUT.search(name):
        scheme = _SCHEME.match(value)
        start = scheme.end() if scheme else 0
        if not _PATH.match(value) and _LITERAL.fullmatch(value, start) and _is_literal(value[start:]):
            return value[:start] + _described(value[start:])
    return found


def option_name(previous: str, label: str) -> str:
    """Return what an argument is called: the option before it, of `--token VALUE`, else its label."""
    return previous if previous.startswith("-") else label


def mask_tokens(text: str) -> str:
    """Return a text with each token that has a form of its own replaced as `masked` does: for names, paths and labels."""
    return _TOKENS.sub(_mask, text) if len(text) >= _SHORTEST else text


def holds_secret(label: str, value: str) -> bool:
    """Tell whether a value holds what looks like a literal secret."""
    return masked(label, value) != value


def _is_literal(text: str) -> bool:
    return _PLACEHOLDER.search(text) is None


def _masked_value(match: re.Match[str]) -> str:
    """Mask the second group, a value; not where the first, its name, says that it is not a secret."""
    if _ABOUT.search(match[1].rstrip("= ")) or _PATH.match(match[2]) or not _is_literal(match[2]):
        return match[0]
    return f"{match[1]}{_described(match[2])}"


def _mask(match: re.Match[str]) -> str:
    return _described(match[0])


def _described(secret: str) -> str:
    return f"(a literal secret of {len(secret)} characters, sha256 {sha256(secret.encode('utf-8', 'replace')).hexdigest()[:12]})"
