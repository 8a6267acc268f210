"""Opens two targets and compares them, every platform of both sides."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from toolhive_plugins_service.artifacts import open_layer
from toolhive_plugins_service.comparison import Comparison, Side, compare, merged, platform_pairs
from toolhive_plugins_service.opening import OpenArtifact, Opener, open_directory
from toolhive_plugins_service.targets import DirectoryTarget, Target


def compare_targets(opener: Opener, old: Target, new: Target) -> Comparison:
    """Compare what two targets hold; growth on any platform is growth.

    Raises: as `Service.diff`.
    """
    with ExitStack() as stack:
        before = stack.enter_context(_artifact(opener, old))
        after = stack.enter_context(_artifact(opener, new))
        if before is None or after is None:
            return compare(
                *(stack.enter_context(_side(side, target)) for side, target in ((before, old), (after, new)))
            )
        pairs = platform_pairs(before.artifact, after.artifact)
        comparisons: list[Comparison] = []
        for _, old_variant, new_variant in pairs:
            with open_layer(before.store, old_variant) as old_tree, open_layer(after.store, new_variant) as new_tree:
                old_side = Side(before.origin, old_tree, before.artifact)
                comparisons.append(compare(old_side, Side(after.origin, new_tree, after.artifact)))
        if len(comparisons) == 1:
            return comparisons[0]
        return merged([(platform, found) for (platform, _, _), found in zip(pairs, comparisons, strict=True)])


@contextmanager
def _artifact(opener: Opener, target: Target) -> Iterator[OpenArtifact | None]:
    """Open an artifact; None for a directory."""
    if isinstance(target, DirectoryTarget):
        yield None
        return
    with opener.artifact(target) as opened:
        yield opened


@contextmanager
def _side(opened: OpenArtifact | None, target: Target) -> Iterator[Side]:
    """Open the files of a directory, or those that an artifact has for its first platform."""
    if isinstance(target, DirectoryTarget):
        with open_directory(target) as tree:
            yield Side(target.origin, tree)
    elif opened is not None:
        with open_layer(opened.store, opened.artifact.variant()) as layer:
            yield Side(opened.origin, layer, opened.artifact)
