"""Where a registry may send us, and where its credentials may go."""

from typing import Final
from urllib.parse import urljoin, urlsplit

from attrs import frozen

from toolhive_plugins_interfaces import RegistryResponseError
from toolhive_plugins_registry.addresses import is_private
from toolhive_plugins_registry.urls import DEFAULT_PORTS, MAX_URL_LENGTH, VISIBLE_ASCII, Url, parse_url

MAX_REDIRECTS: Final = 5


@frozen
class RedirectPolicy:
    """The rules for one registry."""

    home: Url
    """The registry."""

    plain_http: bool
    """Whether plain HTTP was asked for."""

    token_hosts: frozenset[str] = frozenset()
    """Other hosts, with an optional port, that may get this registry's credentials as its token service."""

    def follow(self, location: str, base: Url, what: str) -> Url:
        """Return the URL that `location` names, relative to `base`.

        Args:
            location: the text of a header.
            base: where the header came from.
            what: what the URL is, for errors: "a redirect".

        Raises:
            RegistryResponseError: it is malformed, is not HTTPS where it must be, or leads from a public name to
                an address of this machine or network.
        """
        where = f"{what} of {base.shown}"
        if len(location) > MAX_URL_LENGTH or VISIBLE_ASCII.fullmatch(location) is None:
            raise RegistryResponseError("named a URL that is malformed or too long", where=where)
        try:
            parts = urlsplit(location)
            joined = urljoin(str(base), location)
        except ValueError:
            raise RegistryResponseError("named a malformed URL", where=where) from None
        if parts.scheme in DEFAULT_PORTS and not parts.netloc:
            raise RegistryResponseError("named a URL without a host", where=where)
        url = parse_url(joined, where)
        if url.scheme == "http" and not self.plain_http:
            raise RegistryResponseError(
                f"leads to plain HTTP at {url.shown}",
                where=where,
                remedy="Ask the registry's operator to correct its configuration; plain HTTP is used only where asked for",
            )
        if is_private(url.host) and not is_private(self.home.host):
            raise RegistryResponseError(f"leads to the private address {url.host}, which is not followed", where=where)
        return url

    def lacks_port(self, url: Url) -> bool:
        """Tell whether `url` is on the registry's host but without its port, as a registry behind a proxy may get it wrong."""
        return (
            url.host == self.home.host
            and url.port != self.home.port
            and url.port == DEFAULT_PORTS[url.scheme]
            and self.home.port not in DEFAULT_PORTS.values()
        )

    def may_send_credentials(self, realm: Url) -> bool:
        """Tell whether the registry's credentials may go to the token service at `realm`.

        They may go to the registry's own origin, to those in `token_hosts`, and where `is_token_host_of` says so.
        """
        if realm.origin == self.home.origin:
            return True
        if {realm.host, f"{realm.host}:{realm.port}"} & self.token_hosts:
            return True
        from toolhive_plugins_registry.token_hosts import is_token_host_of

        return is_token_host_of(self.home, realm)
