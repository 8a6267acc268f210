"""Recognises a web page in place of a registry's answer: a login page, or what a gateway shows."""

from typing import Final

from toolhive_plugins_interfaces import RegistryResponseError
from toolhive_plugins_registry.transport import Response

_PAGES: Final = frozenset({"text/html", "application/xhtml+xml"})


def is_page(response: Response) -> bool:
    """Tell whether the response is a web page, which no registry sends."""
    return response.media_type in _PAGES


def refuse_page(response: Response) -> None:
    """Raise RegistryResponseError, with both URLs, if the response is a web page."""
    if not is_page(response):
        return
    asked, answered = response.asked.shown, response.url.shown
    raise RegistryResponseError(
        f"was answered with a web page from {answered}: a login page or a gateway answered, not the registry",
        where=asked,
        remedy="Open the URL in a browser to see what it says, and log in to that network or gateway first",
    )
