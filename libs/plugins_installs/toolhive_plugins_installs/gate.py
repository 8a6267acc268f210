"""What is asked before a plugin's content is handed on: put into the store under a tag, extracted, given to a client."""

from typing import Protocol

from toolhive_plugins import Artifact, FileTree, Store


class Gate(Protocol):
    """Lets content through, or raises."""

    def admit_artifact(self, store: Store, source: str, artifact: Artifact) -> None:
        """Return if an artifact may be handed on.

        Args:
            store: holds it whole.
            source: the reference that it came by, or the name of a local build.
            artifact: all of it: every platform counts.

        Raises:
            ToolhiveError: it may not, or that cannot be found out.
        """
        ...

    def admit_digest(self, source: str, digest: str) -> None:
        """Return if nothing denies what is named by its digest alone, such as a catalog; raises as `admit_artifact`."""
        ...

    def admit_tree(self, source: str, commit: str, tree: FileTree) -> None:
        """Return if the files of a commit may be handed on.

        Raises: as `admit_artifact`.
        """
        ...

    def admit_again(self, source: str, digest: str, tree: FileTree) -> None:
        """Return if what was handed out before may still be. What was admitted under the same rules needs no network.

        Args:
            source: the reference, or git address, that it came by.
            digest: the artifact's, or the commit.
            tree: the files, as they were handed out.

        Raises: as `admit_artifact`.
        """
        ...
