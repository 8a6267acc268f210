"""Reads a listing page by page (distribution spec, "Listing Tags" and "Listing Referrers"; RFC 8288 for `Link`)."""

import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Final

from attrs import frozen

from toolhive_artifact import MAX_MANIFEST_SIZE, SizeLimitError
from toolhive_plugins_interfaces import RegistryResponseError
from toolhive_plugins_registry.operation import Operation
from toolhive_plugins_registry.transport import Response
from toolhive_plugins_registry.urls import Url
from toolhive_plugins_registry.web_pages import refuse_page

MAX_PAGES: Final = 100
"""Pages of one listing that are read at most; each is at most as large as a manifest."""

_LINK: Final = re.compile(r"<([^<>]*+)>((?:[ \t]*+;[ \t]*+[^,;\"<>]*+(?:\"[^\"<>]*+\")?+)*+)", re.ASCII)
_REL_NEXT: Final = re.compile(
    r";[ \t]*+rel[ \t]*+=[ \t]*+(?:\"(?:[^\"]*[ \t])?next(?:[ \t][^\"]*)?\"|next(?=[ \t]*(?:;|$)))", re.IGNORECASE
)


@frozen
class Page:
    """One page of a listing."""

    data: bytes
    """The body."""

    url: Url
    """Where it came from."""

    next: Url | None
    """Where the listing continues."""


def read_pages(operation: Operation, first: Url, accept: str) -> Iterator[Page]:
    """Yield the pages of a listing.

    Args:
        operation: at the repository.
        first: the URL of the first page.
        accept: the media type to ask for.

    Raises:
        RegistryNotFoundError: there is no such listing.
        SizeLimitError: there are too many pages, or one is too large.
        RegistryResponseError: a page leads back to one that was read, or to another host.
        RegistryError: by the response.
    """
    seen: set[Url] = set()
    url: Url | None = first
    while url is not None:
        if len(seen) == MAX_PAGES:
            raise SizeLimitError(f"the listing has more than {MAX_PAGES} pages, the limit", where=first.shown)
        if url in seen:
            raise RegistryResponseError("the listing leads back to a page that was read", where=url.shown)
        seen.add(url)
        page = _read(operation, url, accept)
        yield page
        url = page.next


def _read(operation: Operation, url: Url, accept: str) -> Page:
    def attempt() -> Page:
        with operation.request("GET", url, {"Accept": accept}) as response:
            operation.client.check(response, HTTPStatus.OK)
            refuse_page(response)
            return Page(response.read(MAX_MANIFEST_SIZE), url, _next(operation, response, url))

    return operation.retry(attempt)


def _next(operation: Operation, response: Response, url: Url) -> Url | None:
    """Return the URL of the next page. Its scheme and port are the registry's own: behind a proxy it may not know them."""
    for match in _LINK.finditer(response.header("Link")):
        if _REL_NEXT.search(match[2]) is None:
            continue
        found = operation.client.follow(match[1], url, "the next page")
        if found.host != url.host:
            raise RegistryResponseError(f"the listing continues on another host, {found.authority}", where=url.shown)
        return url.at(found.target)
    return None
