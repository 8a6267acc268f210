"""What counts as a URL, as private, and as the place where credentials belong."""

import ipaddress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolhive_plugins_interfaces import InvalidReferenceError, RegistryResponseError
from toolhive_plugins_registry.addresses import is_private
from toolhive_plugins_registry.redirect_policy import RedirectPolicy
from toolhive_plugins_registry.urls import Url, registry_url

HOME = registry_url("registry.acme.example", plain_http=False)
POLICY = RedirectPolicy(HOME, plain_http=False)


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("/v2/x?y=%2F&z=a+b", "https://registry.acme.example/v2/x?y=%2F&z=a+b"),
        ("?only=query", "https://registry.acme.example/?only=query"),
        ("//cdn.example/x", "https://cdn.example/x"),
        ("https://CDN.Example:443", "https://cdn.example/"),
        ("https://cdn.example:8443/x", "https://cdn.example:8443/x"),
        ("https://[2606:4700::1111]:5000/x", "https://[2606:4700::1111]:5000/x"),
        ("https://cdn.example/a%20b#fragment", "https://cdn.example/a%20b"),
    ],
)
def test_location_is_resolved_as_it_is_written(location: str, expected: str) -> None:
    assert str(POLICY.follow(location, HOME, "a redirect")) == expected


def test_query_is_kept_when_another_part_is_added() -> None:
    url = POLICY.follow("/up?_state=a%3Db", HOME, "an upload location")
    assert str(url.with_query("digest=x")).endswith("/up?_state=a%3Db&digest=x")
    assert str(url.at("/up").with_query("digest=x")).endswith("/up?digest=x")


def test_query_is_not_shown() -> None:
    url = POLICY.follow("/x?X-Amz-Signature=abc", HOME, "a redirect")
    assert url.shown == "https://registry.acme.example/x"


@pytest.mark.parametrize(
    "host", ["registry.acme.example", "8.8.8.8", "[2606:4700::1111]", "localhost.acme.example", "10.acme", "dead.beef"]
)
def test_public_hosts_are_not_private(host: str) -> None:
    assert not is_private(host)


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=200, deadline=None)
def test_loopback_is_private_in_every_notation(number: int) -> None:
    address = (127 << 24) | (number & 0xFFFFFF)
    octets = [address >> shift & 255 for shift in (24, 16, 8, 0)]
    for host in (
        ".".join(map(str, octets)),
        str(address),
        hex(address),
        f"0{address:o}",
        f"{octets[0]}.{address & 0xFFFFFF}",
        ".".join(f"0x{octet:x}" for octet in octets),
        f"[::ffff:{'.'.join(map(str, octets))}]",
    ):
        assert is_private(host), host


@pytest.mark.parametrize(
    "private",
    ["10.0.0.1", "127.0.0.1", "169.254.169.254", "172.16.9.9", "192.168.1.1", "100.64.0.1", "0.0.0.0", "224.0.0.1"],
)
def test_address_that_carries_a_private_one_is_private(private: str) -> None:
    for host in forms_that_carry(private):
        assert is_private(host), host


def test_address_that_carries_a_public_one_is_public() -> None:
    for host in forms_that_carry("8.8.8.8"):
        assert not is_private(host), host


def forms_that_carry(address: str) -> list[str]:
    """IPv6 addresses by which a translator or tunnel reaches an IPv4 one."""
    number = int(ipaddress.IPv4Address(address))
    high, low = number >> 16, number & 0xFFFF
    flipped = number ^ 0xFFFFFFFF
    return [
        f"[::ffff:{address}]",
        f"[::ffff:{high:x}:{low:x}]",
        f"[::{address}]",
        f"[::ffff:0:{address}]",
        f"[64:ff9b::{address}]",
        f"[64:ff9b::{high:x}:{low:x}]",
        f"[2002:{high:x}:{low:x}::1]",
        f"[2001:0:4136:e378:8000:63bf:{flipped >> 16:x}:{flipped & 0xFFFF:x}]",
        f"[2606:4700::5efe:{address}]",
        f"[2606:4700::200:5efe:{high:x}:{low:x}]",
    ]


@pytest.mark.parametrize(
    "host",
    [
        "[fec0::1]",
        "[feff::1]",
        "[fc00::1]",
        "[fe80::1]",
        "[ff02::1]",
        "[::1]",
        "[::]",
        "[64:ff9b:1::a]",
        "[2001:db8::1]",
        "[100::1]",
    ],
)
def test_address_of_a_local_network_is_private(host: str) -> None:
    assert is_private(host)


@given(st.integers(0, 2**128 - 1))
@settings(max_examples=300, deadline=None)
def test_any_address_reads_the_same_in_every_notation(number: int) -> None:
    address = ipaddress.IPv6Address(number)
    assert is_private(f"[{address.exploded}]") == is_private(f"[{address.compressed}]") == is_private(str(address))


@given(st.text(max_size=60))
@settings(max_examples=300, deadline=None)
def test_any_location_is_followed_within_the_rules_or_refused(location: str) -> None:
    try:
        url = POLICY.follow(location, HOME, "a redirect")
    except RegistryResponseError:
        return
    assert url.scheme == "https"
    assert not is_private(url.host)
    assert "@" not in url.host


@given(st.text(alphabet="abchtps:/\\@.?#[]%0123456789x", max_size=40))
@settings(max_examples=500, deadline=None)
def test_any_tricky_location_means_one_thing(location: str) -> None:
    try:
        url = POLICY.follow(location, HOME, "a redirect")
    except RegistryResponseError:
        return
    again = POLICY.follow(str(url), HOME, "a redirect")
    assert again.origin == url.origin


@pytest.mark.parametrize(
    ("home", "realm", "may"),
    [
        ("ghcr.io", "https://ghcr.io/token", True),
        ("registry-1.docker.io", "https://auth.docker.io/token", True),
        ("registry.gitlab.com", "https://gitlab.com/jwt/auth", True),
        ("registry.acme.example:5000", "https://registry.acme.example/token", True),
        ("ghcr.io", "https://evil.io/token", False),
        ("ghcr.io", "https://io/token", False),
        ("registry.acme.example", "https://evilacme.example/token", False),
        ("registry.acme.example", "https://acme.example.evil.example/", False),
        ("8.8.8.8", "https://9.8.8.8/token", False),
        ("localhost", "https://tokens.localhost/token", False),
    ],
)
def test_credentials_stay_in_the_family(home: str, realm: str, may: bool) -> None:
    url = registry_url(home, plain_http=False)
    policy = RedirectPolicy(url, plain_http=False)
    parts = realm.removeprefix("https://").partition("/")
    assert policy.may_send_credentials(Url("https", parts[0], 443, "/" + parts[2])) is may


@pytest.mark.parametrize("host", ["ghcr.io:99999", "ghcr.io:0", "a\u2044b.example", "\u200b.example"])
def test_host_that_cannot_be_is_a_matter_of_the_reference(host: str) -> None:
    with pytest.raises(InvalidReferenceError):
        registry_url(host, plain_http=False)


def test_international_name_is_looked_up_in_its_ascii_form() -> None:
    assert registry_url("b\u00fccher.example:5000", plain_http=False).authority == "xn--bcher-kva.example:5000"
