"""Tells Pants which cache to ask, unless the run makes what a release is made of."""

from __future__ import annotations

import logging
from typing import Any, Mapping

from pants.base.exceptions import BackendConfigurationError
from pants.option.global_options import AuthPluginResult, AuthPluginState
from pants.option.options import Options

from toolhive_shared_cache.settings import SettingsError, settings

logger = logging.getLogger(__name__)

RELEASING = frozenset({"package", "publish"})
"""The goals whose output a release is made of."""


def remote_auth(
    initial_store_headers: Mapping[str, str],
    initial_execution_headers: Mapping[str, str],
    options: Options,
    env: Mapping[str, str],
    **_: Any,
) -> AuthPluginResult:
    """Say where the cache is; Pants calls this at the start of a run that reads or writes one.

    Raises:
        BackendConfigurationError: the run would release what others can write, or the environment names no usable cache.
    """
    releasing = sorted(RELEASING.intersection(options.goals))
    if releasing:
        raise BackendConfigurationError(
            "`{}` does not run with the shared cache joined: whoever can write to the cache could decide what dist/ holds. Run it "
            "without pants.shared-cache.toml (unset PANTS_CONFIG_FILES). See docs/shared-cache.md.".format(releasing[0])
        )
    try:
        cache = settings(env)
    except SettingsError as error:
        raise BackendConfigurationError("{} See docs/shared-cache.md.".format(error)) from None
    if cache is None:
        logger.warning("TOOLHIVE_CACHE_ADDRESS is not set, so the shared cache is not used. See docs/shared-cache.md.")
        return AuthPluginResult(AuthPluginState.UNAVAILABLE, {}, {})
    return AuthPluginResult(
        AuthPluginState.OK,
        store_headers={**initial_store_headers, **cache.headers},
        execution_headers=dict(initial_execution_headers),
        store_address=cache.address,
        instance_name=cache.instance,
    )
