"""Turns plugins on in a settings file of Claude Code's; everything else in it stays, byte for byte."""

from collections.abc import Iterable
from pathlib import Path

from toolhive_plugins import shown
from toolhive_plugins_clients.documents import edited, read_client_file
from toolhive_plugins_clients.errors import ClientFileError, Hint
from toolhive_plugins_clients.json_edits import find, put
from toolhive_plugins_clients.json_text import JsonText
from toolhive_plugins_clients.plans import FileEdit

_ENABLED = "enabledPlugins"


def enabling_edits(path: Path, keys: Iterable[str]) -> tuple[FileEdit, ...]:
    """Return the edit that enables plugins in a settings file; none where they are.

    Args:
        path: of the file, which need not be there.
        keys: of the plugins: `NAME@MARKETPLACE`.

    Raises:
        ClientFileError: the file cannot be read, is read-only or not JSON, or has a plugin as off, which is its owner's word.
    """
    file = read_client_file(path)

    def change(document: JsonText) -> JsonText:
        for key in keys:
            value = find(document, [_ENABLED, key])
            if value is not None and value.scalar is False:
                raise ClientFileError(
                    f"has {shown(key)} as false in {_ENABLED}",
                    where=shown(file.where),
                    remedy="Change that there if the plugin is to load; nothing was written",
                    hint=Hint.CORRECT_FILE,
                )
            document = put(document, [_ENABLED, key], True, where=file.where)
        return document

    return edited(file, change, new_mode=0o644, within=None)
