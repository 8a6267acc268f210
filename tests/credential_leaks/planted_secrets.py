"""Plants unique secrets in every place that the client takes credentials from, and searches all that was written for them."""

import base64
import gc
import json
import logging
import os
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote, quote_plus

from attrs import define, field, frozen

from toolhive_plugins_registry import Registry

PASSWORD = "plant/Pw+7c1f=&x"
IDENTITY = "plant/Id+93ab=="
REGISTRY_TOKEN = "plant-Rt.5d2e~x/y+z"
USER = "ann"


@frozen
class Kind:
    """A way to log in."""

    name: str
    scheme: str
    """What the registry asks for."""
    entry: dict[str, str]
    """The entry in Docker's configuration; empty where a helper answers."""
    helper: dict[str, str] = field(factory=dict)
    """What the credential helper answers."""


ClientFor = Callable[[Kind], Registry]
"""Makes the client for a way to log in."""

_AUTH = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
KINDS = (
    Kind("basic", "basic", {"auth": _AUTH}),
    Kind("password for a token", "bearer", {"username": USER, "password": PASSWORD}),
    Kind("identity token", "bearer", {"auth": _AUTH, "identitytoken": IDENTITY}),
    Kind("registry token", "bearer", {"registrytoken": REGISTRY_TOKEN}),
    Kind("helper", "basic", {}, {"Username": USER, "Secret": PASSWORD}),
    Kind("helper with an identity token", "bearer", {}, {"Username": "<token>", "Secret": IDENTITY}),
)


def all_forms(*secrets: str) -> list[str]:
    """Return secrets in the forms in which they might come to be written."""
    forms: dict[str, None] = {}
    for secret in secrets:
        plain = secret.encode()
        for form in (
            secret,
            quote(secret, safe=""),
            quote(secret),
            quote_plus(secret),
            json.dumps(secret)[1:-1],
            repr(secret)[1:-1],
            base64.b64encode(plain).decode(),
            base64.b64encode(f"{USER}:{secret}".encode()).decode(),
        ):
            forms[form] = None
    return list(forms)


@define
class Evidence:
    """All that was said and written."""

    folders: list[Path]
    meant: list[Path] = field(factory=list)
    """Files that a secret is meant to be in."""
    log: list[logging.LogRecord] = field(factory=list)
    said: list[str] = field(factory=list)

    def take_error(self, error: BaseException) -> None:
        """Take in an error, with all that it carries: causes, contexts and arguments."""
        self.said += ["".join(traceback.format_exception(error)), str(error), repr(error), repr(vars(error))]
        waiting: list[BaseException | None] = [error]
        seen: set[int] = set()
        while waiting:
            item = waiting.pop()
            if item is None or id(item) in seen:
                continue
            seen.add(id(item))
            self.said += [str(item), repr(item), repr(item.args), repr(vars(item))]
            waiting += [item.__cause__, item.__context__]

    def take_objects(self) -> None:
        """Take in what every object of the registry client prints as."""
        for thing in gc.get_objects():
            if str(type(thing).__module__).startswith("toolhive_plugins_registry"):
                self.said.append(repr(thing))

    def take_file(self, path: str | bytes, folder: int) -> None:
        """Take in a file that is about to be removed.

        Args:
            path: the file.
            folder: an open folder that the path starts from; -1 for none.
        """
        with suppress(OSError):
            file = os.open(path, os.O_RDONLY | os.O_NONBLOCK, dir_fd=None if folder == -1 else folder)
            with os.fdopen(file, "rb") as removed:
                self.said.append(f"content of a file that was removed, {path!r}: {removed.read().decode('latin-1')}")

    def texts(self) -> Iterator[tuple[str, str]]:
        """Yield where something was written, and what."""
        formatter = logging.Formatter("%(name)s %(message)s %(args)s")
        for record in self.log:
            yield f"log of {record.name}", formatter.format(record)
        for text in self.said:
            yield "said", text
        for folder in self.folders:
            for path in folder.rglob("*"):
                yield f"name of {path}", str(path.relative_to(folder))
                if path.is_file() and path not in self.meant:
                    yield f"content of {path}", path.read_bytes().decode("latin-1")

    def leaks(self, secrets: list[str]) -> list[str]:
        """Return where a secret was written."""
        found = []
        for where, text in self.texts():
            found += [f"{form!r} in {where}: {_around(text, form)}" for form in secrets if form in text]
        return found


def _around(text: str, form: str) -> str:
    at = text.index(form)
    return text[max(0, at - 150) : at + 150]
