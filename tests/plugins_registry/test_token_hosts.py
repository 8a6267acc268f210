"""Who may be given a registry's credentials as its token service."""

import pytest

from toolhive_plugins_registry.redirect_policy import RedirectPolicy
from toolhive_plugins_registry.token_hosts import HOSTERS
from toolhive_plugins_registry.urls import parse_url, registry_url


def may(registry: str, realm: str, *token_hosts: str) -> bool:
    home = registry_url(registry, plain_http=False)
    policy = RedirectPolicy(home, plain_http=False, token_hosts=frozenset(token_hosts))
    return policy.may_send_credentials(parse_url(realm, "test"))


@pytest.mark.parametrize(
    ("registry", "realm"),
    [
        ("ghcr.io", "https://ghcr.io/token"),
        ("registry.acme.example:5000", "https://registry.acme.example:5000/token"),
        ("[2001:db8::1]:5000", "https://[2001:db8::1]:5000/token"),
        ("10.0.0.1", "https://10.0.0.1/token"),
        ("acme.azurecr.io", "https://acme.azurecr.io/oauth2/token"),
        # the same registrable domain
        ("registry.gitlab.com", "https://gitlab.com/jwt/auth"),
        ("registry.acme.co.uk", "https://gitlab.acme.co.uk/jwt/auth"),
        ("gitlab.acme.example:5050", "https://gitlab.acme.example/jwt/auth"),
        ("acme.example", "https://auth.acme.example/token"),
        ("registry.acme.internal", "https://auth.acme.internal/token"),
        ("a.b.acme.example", "https://c.acme.example/token"),
        # documented pairs
        ("registry-1.docker.io", "https://auth.docker.io/token"),
        ("registry.redhat.io", "https://sso.redhat.com/auth/realms/rhcc/protocol/redhat-docker-v2/auth"),
        ("rg.fr-par.scw.cloud", "https://api.scaleway.com/registry-internal/v1/regions/fr-par/tokens"),
    ],
)
def test_credentials_may_go_there(registry: str, realm: str) -> None:
    assert may(registry, realm)


@pytest.mark.parametrize(
    ("registry", "realm"),
    [
        ("ghcr.io", "https://ghcr.io:8443/token"),
        ("registry.gitlab.com", "https://gitlab.com:8443/jwt/auth"),
        ("registry.gitlab.com", "http://gitlab.com/jwt/auth"),
        ("registry.gitlab.com", "http://gitlab.com:443/jwt/auth"),
        ("registry.acme.example", "https://acme.example.evil.example/token"),
        ("registry.acme.example", "https://evilacme.example/token"),
        # public suffixes: their subdomains have different owners
        ("acme.co.uk", "https://evil.co.uk/token"),
        ("acme.github.io", "https://evil.github.io/token"),
        ("registry.acme.com", "https://com/token"),
        # a parent of one label, and names of one label
        ("registry.local", "https://auth.local/token"),
        ("registry.local", "https://local/token"),
        ("registry", "https://auth/token"),
        ("localhost:5000", "https://localhost/token"),
        # addresses
        ("registry.acme.example", "https://192.0.2.1/token"),
        ("192.0.2.1", "https://192.0.2.2/token"),
        ("192.0.2.1:5000", "https://192.0.2.1/token"),
        ("192.0.2.1", "https://auth.0.2.1/token"),
        ("[2001:db8::1]", "https://[2001:db8::2]/token"),
        # only in the direction, and from the port, that is documented
        ("sso.redhat.com", "https://registry.redhat.io/token"),
        ("registry.redhat.io:8443", "https://sso.redhat.com/token"),
        ("evil-rg.fr-par.scw.cloud", "https://api.scaleway.com/token"),
    ],
)
def test_credentials_may_not_go_there(registry: str, realm: str) -> None:
    assert not may(registry, realm)


@pytest.mark.parametrize("hoster", HOSTERS)
def test_customers_of_a_hoster_do_not_get_each_others_credentials(hoster: str) -> None:
    assert not may(f"acme.{hoster}", f"https://evil.{hoster}/token")
    assert not may(f"acme.eu.{hoster}", f"https://evil.eu.{hoster}/token")
    assert not may(f"acme.{hoster}", f"https://{hoster}/token")
    assert may(f"acme.{hoster}", f"https://acme.{hoster}/token")


def test_a_named_host_may_be_anywhere() -> None:
    assert may("ghcr.io", "https://sso.example/token", "sso.example")
    assert may("ghcr.io", "https://sso.example:8443/token", "sso.example:8443")
    assert may("ghcr.io", "https://10.0.0.1:8443/token", "10.0.0.1")
    assert may("ghcr.io", "https://sso.example/token", "sso.example:443")
    assert not may("ghcr.io", "https://sso.example:8443/token", "sso.example:9443")
    assert not may("ghcr.io", "https://sso.example.evil.example/token", "sso.example")
