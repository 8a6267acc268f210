"""On what terms a plugin is installed."""

from attrs import frozen

from toolhive_plugins_clients import ClientAdapter, Method
from toolhive_plugins_installs.consent import Change, Occasion
from toolhive_plugins_installs.installation import Installation
from toolhive_plugins_installs.lock_entries import LockEntry
from toolhive_plugins_installs.site import Place


@frozen(kw_only=True)
class Terms:
    """On what terms a plugin that is open for reading is installed."""

    place: Place
    adapters: tuple[ClientAdapter, ...]
    method: Method | None = None
    allow_unsigned: bool = False
    allow_signer_change: bool = False
    allow_downgrade: bool = True
    """Whether it may be older than what is installed or locked."""

    force: bool = False
    occasion: Occasion = Occasion.INSTALL
    entry: LockEntry | None = None
    """The entry of the lock file to follow, which is then not changed; None to write one."""

    explicit: bool = True
    renamed_from: tuple[Installation, ...] = ()
    """Installations of the plugin under its former name, which the caller removes afterwards."""

    change: Change | None = None
    """What is different from what is installed, where the caller has found that out already."""
