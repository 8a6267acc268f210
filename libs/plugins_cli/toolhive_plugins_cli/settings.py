"""The settings for registries: an option, else an environment variable, else the configuration file, else the default.

The file is `config.toml` in the user's folder of configurations, `~/.config/toolhive-plugins` on Linux, unless
THV_PLUGIN_CONFIG names another. Its keys are the options' names.
"""

import argparse
import math
import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Final

from attrs import frozen

from toolhive_plugins_service import errors, shown

_MAX_TIMEOUT: Final = 86_400.0
_MAX_RETRIES: Final = 100
_MAX_CATALOGS: Final = 20
_CATALOG: Final = re.compile(r"[!-~]{1,512}", re.ASCII)
_HOST: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?(?::[0-9]{1,5})?", re.ASCII)


class Source(StrEnum):
    """Where a setting's value comes from."""

    OPTION = "option"
    ENVIRONMENT = "environment"
    FILE = "file"
    DEFAULT = "default"


Value = str | float | int | tuple[str, ...]


@frozen
class Setting:
    """A setting and its value."""

    name: str
    """The option without its dashes, which is also its key in the file."""

    value: Value
    source: Source
    origin: str
    """What gave the value: the option, the variable, the file's path; empty for the default."""


@frozen
class Settings:
    """All settings, and the configuration file they were looked up in."""

    file: str
    """The path of the configuration file."""

    file_found: bool
    """Whether there is one."""

    settings: tuple[Setting, ...]

    @property
    def ca_file(self) -> str:
        """Certificates to trust; empty for the environment's and the system's."""
        return str(self._value("ca-file"))

    @property
    def timeout(self) -> float:
        """Seconds to wait for an answer."""
        value = self._value("timeout")
        return float(value) if isinstance(value, int | float) else 0.0

    @property
    def retries(self) -> int:
        """How often to try again."""
        value = self._value("retries")
        return int(value) if isinstance(value, int | float) else 0

    @property
    def token_hosts(self) -> tuple[str, ...]:
        """Hosts that may be given credentials."""
        value = self._value("token-host")
        return value if isinstance(value, tuple) else ()

    @property
    def catalogs(self) -> tuple[str, ...]:
        """Where names of plugins are looked up."""
        value = self._value("catalogs")
        return value if isinstance(value, tuple) else ()

    def _value(self, name: str) -> Value:
        return next(setting.value for setting in self.settings if setting.name == name)


@frozen
class _Definition:
    """What a setting may be."""

    name: str
    default: Value
    parse: Callable[[object, str], Value]
    """Checks a value: text, from an option or variable, or one from the file. The second argument is its origin."""

    @property
    def variable(self) -> str:
        """The environment variable for it."""
        return "THV_PLUGIN_" + self.name.upper().replace("-", "_")


def _refuse(problem: str, origin: str, remedy: str) -> errors.RequestError:
    return errors.RequestError(problem, where=origin, remedy=remedy)


def _parse_path(value: object, origin: str) -> Value:
    if not isinstance(value, str) or not value or "\0" in value:
        raise _refuse("must be the path of a file", origin, "Name a file with certificates in PEM")
    return value


def _number(value: object) -> float | None:
    if isinstance(value, str):
        try:
            return float(value) if len(value) < 40 else None
        except ValueError:
            return None
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _parse_timeout(value: object, origin: str) -> Value:
    number = _number(value)
    if number is None or not math.isfinite(number) or not 0 < number <= _MAX_TIMEOUT:
        raise _refuse(f"{shown(value)!r} is not a time-out", origin, f"Give seconds, from 0.001 to {_MAX_TIMEOUT:.0f}")
    return number


def _parse_retries(value: object, origin: str) -> Value:
    number = _number(value)
    if number is None or number != number // 1 or not 0 <= number <= _MAX_RETRIES:
        raise _refuse(
            f"{shown(value)!r} is not a number of retries", origin, f"Give a whole number, from 0 to {_MAX_RETRIES}"
        )
    return int(number)


def _parse_hosts(value: object, origin: str) -> Value:
    hosts = [host.strip() for host in value.split(",")] if isinstance(value, str) else value
    if not isinstance(hosts, list | tuple):
        raise _refuse("must be a list of hosts", origin, 'Write it as ["sso.example.com"]')
    for host in hosts:
        if not isinstance(host, str) or _HOST.fullmatch(host) is None:
            raise _refuse(
                f"{shown(host)!r} is not a host", origin, "Write it as sso.example.com or sso.example.com:8443"
            )
    return tuple(hosts)


def _parse_catalogs(value: object, origin: str) -> Value:
    catalogs = [catalog.strip() for catalog in value.split(",")] if isinstance(value, str) else value
    if not isinstance(catalogs, list | tuple) or len(catalogs) > _MAX_CATALOGS:
        remedy = 'Write it as ["ghcr.io/acme/plugins"]'
        raise _refuse(f"must be a list of at most {_MAX_CATALOGS} catalogs", origin, remedy)
    for catalog in catalogs:
        if not isinstance(catalog, str) or _CATALOG.fullmatch(catalog) is None:
            raise _refuse(
                f"{shown(catalog)!r} is not a catalog", origin, "Write it as ghcr.io/acme/plugins, or a reference"
            )
    return tuple(catalogs)


_DEFINITIONS: Final = (
    _Definition("ca-file", "", _parse_path),
    _Definition("timeout", 60.0, _parse_timeout),
    _Definition("retries", 4, _parse_retries),
    _Definition("token-host", (), _parse_hosts),
    _Definition("catalogs", (), _parse_catalogs),
)


def read_settings(args: argparse.Namespace, environ: Mapping[str, str]) -> Settings:
    """Return the settings that hold for a command line.

    Raises:
        RequestError: one is malformed; it names the option, variable or line of the file.
    """
    from toolhive_plugins_cli.config_file import config_path, read_config_file

    path = config_path(environ)
    table = read_config_file(path, [definition.name for definition in _DEFINITIONS])
    found = tuple(_look_up(definition, args, environ, table or {}, path) for definition in _DEFINITIONS)
    return Settings(path, table is not None, found)


def _look_up(
    definition: _Definition,
    args: argparse.Namespace,
    environ: Mapping[str, str],
    table: Mapping[str, object],
    path: str,
) -> Setting:
    given: object = getattr(args, definition.name.replace("-", "_"), None)
    option = f"--{definition.name}"
    if given is not None:
        return Setting(definition.name, definition.parse(given, option), Source.OPTION, option)
    variable = definition.variable
    if environ.get(variable):
        return Setting(definition.name, definition.parse(environ[variable], variable), Source.ENVIRONMENT, variable)
    if definition.name in table:
        value = definition.parse(table[definition.name], f"{shown(path)}: {definition.name}")
        return Setting(definition.name, value, Source.FILE, path)
    return Setting(definition.name, definition.default, Source.DEFAULT, "")
