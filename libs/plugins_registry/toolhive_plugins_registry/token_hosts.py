"""Which hosts a registry may name as its token service without the user having named them.

Whoever runs a host below a domain that others have hosts below, too, must not get what belongs to its neighbours. So the
general rule asks the Public Suffix List which hosts have one owner, and makes an exception of domains that it does not know.
"""

import re
from typing import Final

from toolhive_plugins_registry.addresses import parse_address
from toolhive_plugins_registry.urls import Url

_HTTPS: Final = ("https", 443)

HOSTERS: Final = (
    "aliyuncs.com",
    "amazonaws.com",
    "amazonaws.com.cn",
    "azurecr.cn",
    "azurecr.io",
    "azurecr.us",
    "cloudsmith.io",
    "gcr.io",
    "icr.io",
    "jfrog.io",
    "myhuaweicloud.com",
    "ocir.io",
    "ovh.net",
    "pkg.dev",
    "scw.cloud",
    "tencentcr.com",
    "vultrcr.com",
)
"""Domains below which each customer of a hoster has a host of their own."""

PAIRS: Final = (
    (r"registry-1\.docker\.io", "auth.docker.io"),
    (r"registry\.redhat\.io", "sso.redhat.com"),
    (r"rg\.(?:fr-par|nl-ams|pl-waw)\.scw\.cloud", "api.scaleway.com"),
)
"""Registries, as patterns of their hosts, and the hosts of their token services."""


def is_token_host_of(home: Url, realm: Url) -> bool:
    """Tell whether the registry at `home` may be trusted with its choice of the token service at `realm`, on another origin.

    It may if `realm` is HTTPS on port 443 and is either the documented partner of that registry, or on a host with the same
    registrable domain, unless that is a hoster's.
    """
    if (realm.scheme, realm.port) != _HTTPS or parse_address(realm.host) is not None:
        return False
    if home.port == _HTTPS[1] and any(
        realm.host == partner and re.fullmatch(registry, home.host) for registry, partner in PAIRS
    ):
        return True
    if parse_address(home.host) is not None or "." not in home.host or "." not in realm.host:
        return False
    if any(home.host == hoster or home.host.endswith("." + hoster) for hoster in HOSTERS):
        return False
    return _registrable_domain(home.host) == _registrable_domain(realm.host) != ""


def _registrable_domain(host: str) -> str:
    """Return the shortest name above `host` that one owner has, "" if that is not a name of two labels or more."""
    from publicsuffixlist import PublicSuffixList  # here, as only a token service elsewhere has it read the list

    domain = PublicSuffixList().privatesuffix(host.rstrip(".")) or ""
    return domain if "." in domain else ""
