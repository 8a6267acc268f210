"""Opens two targets and compares them, every platform of both sides."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TypeAlias

from toolhive_plugins import Platform, Variant, open_layer
from toolhive_plugins_service.comparison import Comparison, Side, compare, merged, platform_pairs
from toolhive_plugins_service.opening import OpenArtifact, Opener, as_built, open_candidate
from toolhive_plugins_service.targets import DirectoryTarget, Target

_Pair: TypeAlias = tuple[Platform | None, Variant | None, Variant | None]
"""A platform, and what to compare for it; None for a directory, which is the same for all platforms."""


def compare_targets(opener: Opener, old: Target, new: Target) -> Comparison:
    """Compare what two targets hold; growth on any platform is growth.

    Raises: as `Service.diff`.
    """
    with ExitStack() as stack:
        before = stack.enter_context(_artifact(opener, old))
        after = stack.enter_context(_artifact(opener, new))
        # The hidden files that clients read in a directory are in no artifact, so they count only where directories are compared.
        reads_hidden = before is None and after is None
        found: list[tuple[Platform | None, Comparison]] = []
        for platform, old_variant, new_variant in _pairs(before, after):
            with (
                _side(before, old, old_variant, reads_hidden=reads_hidden) as old_side,
                _side(after, new, new_variant, reads_hidden=reads_hidden) as new_side,
            ):
                found.append((platform, compare(old_side, new_side)))
        return found[0][1] if len(found) == 1 else merged(found)


def _pairs(before: OpenArtifact | None, after: OpenArtifact | None) -> list[_Pair]:
    if before is not None and after is not None:
        return list(platform_pairs(before.artifact, after.artifact))
    if before is not None:
        return [(variant.platform, variant, None) for variant in _distinct(before)]
    if after is not None:
        return [(variant.platform, None, variant) for variant in _distinct(after)]
    return [(None, None, None)]


def _distinct(opened: OpenArtifact) -> list[Variant]:
    """Return one variant for each layer."""
    by_layer: dict[str, Variant] = {}
    for variant in opened.artifact.variants:
        by_layer.setdefault(variant.layer.digest, variant)
    return list(by_layer.values())


@contextmanager
def _artifact(opener: Opener, target: Target) -> Iterator[OpenArtifact | None]:
    """Open an artifact; None for a directory."""
    if isinstance(target, DirectoryTarget):
        yield None
        return
    with opener.artifact(target) as opened:
        yield opened


@contextmanager
def _side(
    opened: OpenArtifact | None, target: Target, variant: Variant | None, *, reads_hidden: bool
) -> Iterator[Side]:
    """Open the files of a directory, or of one variant of an artifact."""
    if isinstance(target, DirectoryTarget):
        with open_candidate(target) as source:
            tree, _ = as_built(source)
            files = tree.as_clients_read_it() if reads_hidden else tree
            yield Side(target.origin, files, irregular=tree.irregular)
    elif opened is not None and variant is not None:
        with open_layer(opened.store, variant) as layer:
            yield Side(opened.origin, layer, opened.artifact)
