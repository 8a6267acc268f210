"""Pushes plugin artifacts to OCI registries and pulls them back, trusting nothing that a registry says.

Names load on first use: what needs an HTTP library costs a tenth of a second.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from toolhive_plugins_registry.attaching import Attached as Attached
    from toolhive_plugins_registry.attaching import Merge as Merge
    from toolhive_plugins_registry.attaching import merge_referrers as merge_referrers
    from toolhive_plugins_registry.credentials import Credential as Credential
    from toolhive_plugins_registry.credentials import CredentialStore as CredentialStore
    from toolhive_plugins_registry.credentials import DockerCredentialStore as DockerCredentialStore
    from toolhive_plugins_registry.credentials import ErasedLogin as ErasedLogin
    from toolhive_plugins_registry.policies import RetryPolicy as RetryPolicy
    from toolhive_plugins_registry.policies import Timeouts as Timeouts
    from toolhive_plugins_registry.references import Reference as Reference
    from toolhive_plugins_registry.references import parse_reference as parse_reference
    from toolhive_plugins_registry.references import parse_registry as parse_registry
    from toolhive_plugins_registry.registry import Registry as Registry
    from toolhive_plugins_registry.remote import Fetched as Fetched
else:
    from toolhive_artifact import lazy_exports

    __getattr__, __dir__ = lazy_exports(__name__)
