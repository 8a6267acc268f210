"""Lists the tags of a repository (distribution spec, "Listing Tags")."""

from typing import Final

from attrs import field, frozen

from toolhive_artifact import MAX_MANIFEST_SIZE, InvalidDocumentError, SizeLimitError, shown
from toolhive_plugins_interfaces import RegistryResponseError
from toolhive_plugins_registry.converter import JSON_NAME, read_json
from toolhive_plugins_registry.operation import Operation
from toolhive_plugins_registry.pages import Page, read_pages
from toolhive_plugins_registry.references import is_tag
from toolhive_plugins_registry.urls import Url

MAX_TAGS: Final = 10_000
"""Tags of one repository that are listed at most."""

_PAGE_SIZE: Final = 1000


@frozen
class TagList:
    """A page of the list."""

    tags: tuple[str, ...] = field(default=(), metadata={JSON_NAME: "tags"})


def list_tags(operation: Operation, url: Url) -> tuple[str, ...]:
    """Return the tags of a repository in the registry's order, each once.

    Args:
        operation: at the repository.
        url: the URL of its list of tags.

    Raises:
        RegistryNotFoundError: there is no such repository.
        SizeLimitError: there are more than MAX_TAGS, or the list is otherwise too large.
        RegistryResponseError: the answer is not a list of tags.
        RegistryError: by the response.
    """
    tags: dict[str, None] = {}
    for page in read_pages(operation, url.with_query(f"n={_PAGE_SIZE}"), "application/json"):
        tags.update(dict.fromkeys(_tags(page)))
        if len(tags) > MAX_TAGS:
            raise SizeLimitError(f"there are more than {MAX_TAGS} tags, the limit", where=url.shown)
    return tuple(tags)


def _tags(page: Page) -> tuple[str, ...]:
    try:
        tags = read_json(page.data, TagList, where="", max_size=MAX_MANIFEST_SIZE).tags
    except InvalidDocumentError:
        raise RegistryResponseError("the answer is not a list of tags", where=page.url.shown) from None
    for tag in tags:
        if not is_tag(tag):
            raise RegistryResponseError(f"lists {shown(tag)!r}, which is not a valid tag", where=page.url.shown)
    return tags
