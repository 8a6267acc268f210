"""What is installed where: install, lock file, sync, upgrade."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from toolhive_plugins_installs.errors import AmbiguousTargetError as AmbiguousTargetError
    from toolhive_plugins_installs.errors import Hint as Hint
    from toolhive_plugins_installs.errors import InstallsError as InstallsError
    from toolhive_plugins_installs.errors import InvalidTargetError as InvalidTargetError
    from toolhive_plugins_installs.errors import SourceLimitError as SourceLimitError
    from toolhive_plugins_installs.errors import UnknownTargetError as UnknownTargetError
    from toolhive_plugins_installs.git_targets import GitTarget as GitTarget
    from toolhive_plugins_installs.git_targets import parse_git_target as parse_git_target
    from toolhive_plugins_installs.local_builds import LocalTagTarget as LocalTagTarget
    from toolhive_plugins_installs.local_builds import find_local_build as find_local_build
    from toolhive_plugins_installs.pulling import pull_artifact as pull_artifact
    from toolhive_plugins_installs.resolved import CatalogEntry as CatalogEntry
    from toolhive_plugins_installs.resolved import NameResolver as NameResolver
    from toolhive_plugins_installs.resolved import ResolvedPlugin as ResolvedPlugin
    from toolhive_plugins_installs.resolved import SourceKind as SourceKind
    from toolhive_plugins_installs.resolving import Resolver as Resolver
    from toolhive_plugins_installs.resolving import pin as pin
    from toolhive_plugins_installs.targets import CatalogName as CatalogName
    from toolhive_plugins_installs.targets import InstallTarget as InstallTarget
    from toolhive_plugins_installs.targets import ReferenceTarget as ReferenceTarget
    from toolhive_plugins_installs.targets import parse_install_target as parse_install_target
else:
    from toolhive_plugins import lazy_exports

    __getattr__, __dir__ = lazy_exports(__name__)
