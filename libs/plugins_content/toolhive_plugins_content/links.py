"""Judges symbolic links: which are packaged, in the default profile, as copies of the files that they lead to.

Only the text of a link is read, and where it leads is looked up among the files that the plugin's source lists; the system never
follows it. So a copy has the content of a file that is packaged anyway, and that was reached through folders alone.
"""

from collections.abc import Iterable, Iterator

from attrs import frozen


@frozen
class Route:
    """Where the text of a link leads."""

    path: str
    """From the plugin's root; "" for the root itself."""

    is_folder: bool
    """Whether only a folder can be there, as after a slash at the end."""

    passed: tuple[str, ...]
    """The paths that it goes into and out of again, which must be folders."""


def route_of(link: str, target: str) -> Route | None:
    """Return where a link leads, or None if it leaves the plugin.

    Args:
        link: its path, from the plugin's root.
        target: its text.
    """
    if target.startswith("/"):
        return None
    at = link.split("/")[:-1]
    parts = target.split("/")
    passed: list[str] = []
    for part in parts:
        if part == "..":
            if not at:
                return None
            passed.append("/".join(at))
            at.pop()
        elif part not in ("", "."):
            at.append(part)
    return Route("/".join(at), parts[-1] in ("", ".", ".."), tuple(passed))


def leaves(link: str, target: str) -> str | None:
    """Return how a link leaves the plugin, as a sentence without its subject and full stop; None if it does not."""
    if target.startswith("/"):
        return "is a symbolic link to an absolute path"
    return "is a symbolic link that leads out of the plugin" if route_of(link, target) is None else None


class LinkJudge:
    """Judges the links of a plugin that do not leave it.

    Args:
        files: the paths of the regular files that are packaged.
        links: the paths of the links.
    """

    def __init__(self, files: Iterable[str], links: Iterable[str]) -> None:
        self._files = frozenset(files)
        self._links = frozenset(links)
        self._folders = frozenset(folder for path in self._files for folder in _above(path))

    def target_of(self, link: str, target: str) -> str | None:
        """Return the path of the file that a link leads to; None if the link cannot be packaged, for which `problem_of` says why.

        Args:
            link: its path, from the plugin's root.
            target: its text.
        """
        route = route_of(link, target)
        if route is None or route.is_folder or route.path not in self._files:
            return None
        return route.path if all(self._is_folder(path, link) for path in route.passed) else None

    def problem_of(self, link: str, target: str) -> str:
        """Return why a link cannot be packaged, as a sentence without its subject and full stop."""
        route = route_of(link, target)
        if route is None:
            return leaves(link, target) or ""
        if any(path in self._links for path in (route.path, *_above(route.path), *route.passed)):
            return "is a symbolic link that leads to, or through, another link"
        if any(part.startswith(".") for part in route.path.split("/")):
            return "is a symbolic link to something hidden, which is not packaged"
        if not route.path or self._is_folder(route.path, link):
            return "is a symbolic link to a folder"
        return "is a symbolic link that leads to no file of the plugin"

    def _is_folder(self, path: str, link: str) -> bool:
        return path in self._folders or link.startswith(path + "/")


def _above(path: str) -> Iterator[str]:
    """Yield the folders that a path is in, the innermost first, without the root."""
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path
