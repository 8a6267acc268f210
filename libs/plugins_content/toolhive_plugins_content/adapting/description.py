"""What a plugin is in words of the Agent Plugins format, which the other formats are made from."""

from collections.abc import Mapping
from typing import Final

from attrs import field, frozen

from toolhive_artifact.json_writer import Encodable

Server = Mapping[str, Encodable]
"""A server as the Agent Plugins format has it, without a fault."""

MAX_LISTED: Final = 20
"""Problems that are told at once."""


@frozen
class Description:
    """What a manifest says, and the servers that it has."""

    name: str
    texts: Mapping[str, str]
    """`version`, `description`, `homepage`, `repository`, `license`, where they are there."""
    author: Mapping[str, str] = field(factory=dict)
    keywords: tuple[str, ...] = ()
    servers: Mapping[str, Server] = field(factory=dict)
    problems: tuple[str, ...] = ()
    """Why it cannot be said in another format."""
    left_behind: tuple[str, ...] = ()
    """What the other formats have no words for."""
