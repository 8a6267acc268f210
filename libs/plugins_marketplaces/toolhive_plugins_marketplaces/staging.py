"""Writes a folder beside its place, and puts it there whole: where there is none, or an empty one, or one that we wrote."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from attrs import frozen

from toolhive_plugins import replace_directory, shown
from toolhive_plugins_marketplaces.errors import GenerateError


@frozen
class Product:
    """What is written, and how a folder is known to be ours to replace."""

    marker: str
    """A file at its root."""

    what: str


MARKETPLACE: Final = Product(".thv-plugin-marketplace.json", "marketplace that was generated")
SITE: Final = Product(".thv-plugin-page.json", "page that was made")


@frozen
class Staged:
    """A folder that is being made."""

    path: Path
    """A new folder beside the target."""

    target: Path


@contextmanager
def staging(target: Path, product: Product) -> Iterator[Staged]:
    """Give a folder that takes the target's place at the end, whole, unless something fails."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=target.parent, prefix=f".{target.name}-") as scratch:
        fresh = Path(scratch) / "new"
        fresh.mkdir()
        yield Staged(fresh, target)
        check_ours(target, product)
        if target.exists():
            replace_directory(fresh, target, Path(scratch) / "old")
        else:
            fresh.rename(target)


def check_ours(target: Path, product: Product) -> None:
    """Refuse a folder that is neither new, nor empty, nor one that we wrote.

    Raises:
        GenerateError: it is somebody else's.
    """
    if target.is_symlink() or (target.exists() and not target.is_dir()):
        raise GenerateError("is not a folder", where=shown(target), remedy="Name another folder")
    if target.exists() and any(target.iterdir()) and not _is_file(target / product.marker):
        raise GenerateError(
            f"is not empty, and holds no {product.what}",
            where=shown(target),
            remedy="Name another folder",
        )


def _is_file(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()
