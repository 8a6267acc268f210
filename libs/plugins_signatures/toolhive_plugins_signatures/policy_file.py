"""Reads policy files: small, strict TOML. What is not understood is an error, for a rule that is not applied protects nobody."""

import re
import tomllib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final, get_origin

import attrs
from attrs import frozen
from cattrs import BaseConverter, Converter
from cattrs.cols import homogenous_tuple_structure_factory
from cattrs.errors import (
    AttributeValidationNote,
    BaseValidationError,
    ClassValidationError,
    ForbiddenExtraKeysError,
    IterableValidationError,
)
from cattrs.gen import make_dict_structure_fn, override

from toolhive_plugins import shown
from toolhive_plugins_signatures.errors import PolicyError, SignatureError
from toolhive_plugins_signatures.globs import Glob
from toolhive_plugins_signatures.key_files import load_public_key, read_small_file
from toolhive_plugins_signatures.policy import Policy, PolicyRule
from toolhive_plugins_signatures.surface_rules import Forbidden, SurfaceRule
from toolhive_plugins_signatures.trust import Identity, Trust

MAX_POLICY: Final = 256 * 1024
"""Bytes of a policy file."""

MAX_RULES: Final = 1000
"""Rules of one file, and entries of each of its lists."""

VERSION: Final = 1
NAME: Final = "policy.toml"
"""What a policy is called in the folder of the configuration."""

PROJECT_POLICY: Final = "toolhive.policy.toml"
"""What it is called at the root of a project, beside `toolhive.lock.yaml`."""

_digest = re.compile(r"sha256:[0-9a-f]{64}|[0-9a-f]{40}", re.ASCII).fullmatch


def load_policies(*, configuration: str = "", project: str = "", named: Iterable[str] = ()) -> tuple[Policy, ...]:
    """Read the policies that there are; all of them hold together.

    Args:
        configuration: the folder of the configuration; its `policy.toml` need not be there.
        project: the root of a project; its `toolhive.policy.toml` need not be there. It can only forbid more.
        named: files that somebody named, and that must be there.

    Raises:
        PolicyError: one cannot be read, or is not understood.
        KeyFileError: a key that it names cannot be used.
        TrustError, KeylessUnavailableError: an identity that it names cannot be.
    """
    found = [Path(folder, name) for folder, name in ((configuration, NAME), (project, PROJECT_POLICY)) if folder]
    paths = [*(str(path) for path in found if _is_there(path)), *named]
    return tuple(load_policy(path) for path in dict.fromkeys(paths))


def load_policy(path: str) -> Policy:
    """Read one policy file.

    Raises: as `load_policies`.
    """
    data = read_small_file(path, MAX_POLICY, PolicyError)
    return parse_policy(data, path=path)


def parse_policy(data: bytes, *, path: str) -> Policy:
    """Parse a policy. The paths of keys in it are relative to the folder of `path`.

    Raises: as `load_policies`.
    """
    try:
        table = tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise _error("is not UTF-8", path) from None
    except ValueError as error:  # a TOMLDecodeError, or a number of thousands of digits
        raise _error(f"is not TOML: {shown(error)}", path) from None
    except RecursionError:
        raise _error("is nested too deeply", path) from None
    try:
        file = _converter.structure(table, _File)
    except (BaseValidationError, _WrongTypeError) as error:
        raise _error(_first_failure(error), path) from None
    if file.version != VERSION:
        raise _error(f"has the version {file.version}, and {VERSION} is known", path)
    return _policy(file, path)


@frozen
class _IdentityTable:
    issuer: str
    identity: str = ""
    identity_regexp: str = ""


@frozen
class _SurfaceTable:
    forbid: tuple[str, ...] = ()
    commands: tuple[str, ...] | None = None


@frozen
class _RuleTable:
    references: tuple[str, ...]
    keys: tuple[str, ...] = ()
    identities: tuple[_IdentityTable, ...] = ()
    trusted_root: str = ""
    origins: tuple[str, ...] = ()
    surface: _SurfaceTable | None = None
    licenses: tuple[str, ...] = ()


@frozen
class _File:
    version: int
    default: str = "deny"
    deny: tuple[str, ...] = ()
    rule: tuple[_RuleTable, ...] = ()


def _policy(file: _File, path: str) -> Policy:
    if file.default not in _DEFAULTS:
        raise _error(f"has the default {shown(file.default)!r}, which is 'allow' or 'deny'", path)
    for digest in file.deny:
        if not _digest(digest):
            raise _error(f"denies {shown(digest)!r}, which is neither a digest (sha256:…) nor a commit", path)
    rules = tuple(_rule(table, number, path) for number, table in enumerate(file.rule, start=1))
    return Policy(path=path, allows_unmatched=file.default == "allow", denied=frozenset(file.deny), rules=rules)


def _rule(table: _RuleTable, number: int, path: str) -> PolicyRule:
    where = f"{path}: rule {number}"
    if not table.references:
        raise _error("names no references, and so is about nothing", where)
    trust = _trust(table, path, where)
    if table.origins and trust is None:
        raise _error("names origins and no signer: without a signature nobody knows the origin", where)
    return PolicyRule(
        number=number,
        references=_globs(table.references),
        trust=trust,
        origins=_globs(table.origins),
        surface=None if table.surface is None else _surface(table.surface, where),
        licenses=table.licenses,
    )


def _trust(table: _RuleTable, path: str, where: str) -> Trust | None:
    folder = Path(path).absolute().parent
    if not table.keys and not table.identities:
        if table.trusted_root:
            raise _error("names a trusted root and no identity", where)
        return None
    return Trust(
        keys=tuple(load_public_key(str(folder / key)) for key in table.keys),
        identities=tuple(_identity(identity, where) for identity in table.identities),
        trusted_root=str(folder / table.trusted_root) if table.trusted_root else "",
    )


def _identity(table: _IdentityTable, where: str) -> Identity:
    if bool(table.identity) is bool(table.identity_regexp):
        raise _error("an identity has either `identity` or `identity-regexp`", where)
    return Identity(table.identity or table.identity_regexp, table.issuer, is_pattern=bool(table.identity_regexp))


def _surface(table: _SurfaceTable, where: str) -> SurfaceRule:
    for name in table.forbid:
        if name not in set(Forbidden):
            raise _error(f"forbids {shown(name)!r}; it may be one of {', '.join(Forbidden)}", where)
    return SurfaceRule(
        forbid=tuple(map(Forbidden, table.forbid)),
        commands=None if table.commands is None else _globs(table.commands),
    )


def _globs(patterns: Iterable[str]) -> tuple[Glob, ...]:
    return tuple(map(Glob, patterns))


class _WrongTypeError(Exception):
    """A value is of the wrong type; the message says which is right."""


def _exactly(kind: type[Any], words: str) -> Callable[[Any, Any], Any]:
    def structure(value: Any, _: object) -> Any:
        if type(value) is not kind:
            raise _WrongTypeError(f"is not {words}")
        return value

    return structure


def _json_name(attribute: "attrs.Attribute[Any]") -> str:
    return attribute.name.replace("_", "-")


def _attrs_class(kind: type[Any], converter: BaseConverter) -> Callable[[Any, Any], Any]:
    renamed: Any = {attribute.name: override(rename=_json_name(attribute)) for attribute in attrs.fields(kind)}
    read: Callable[[Any, Any], Any] = make_dict_structure_fn(
        kind, converter, _cattrs_forbid_extra_keys=True, _cattrs_use_linecache=False, **renamed
    )

    def structure(value: Any, _: object) -> Any:
        if not isinstance(value, dict):
            raise _WrongTypeError("is not a table")
        return read(value, kind)

    return structure


def _array(kind: Any, converter: BaseConverter) -> Callable[[Any, Any], Any]:
    read = homogenous_tuple_structure_factory(kind, converter)

    def structure(value: Any, _: object) -> Any:
        if not isinstance(value, list):
            raise _WrongTypeError("is not a list")
        if len(value) > MAX_RULES:
            raise _WrongTypeError(f"has {len(value)} entries, and {MAX_RULES} is the limit")
        return read(value, kind)

    return structure


def _is_tuple(kind: Any) -> bool:
    return get_origin(kind) is tuple


def _make_converter() -> Converter:
    converter = Converter(detailed_validation=True)
    converter.register_structure_hook(str, _exactly(str, "a string"))
    converter.register_structure_hook(int, _exactly(int, "a number"))
    converter.register_structure_hook_factory(attrs.has, _attrs_class)
    converter.register_structure_hook_factory(_is_tuple, _array)
    return converter


def _first_failure(error: BaseException) -> str:
    """Return what is wrong with the first value that was refused, and where it is."""
    path = ""
    while isinstance(error, ClassValidationError | IterableValidationError):
        noted, others = error.group_exceptions()
        if not noted:
            error = others[0]
            break
        error, note = noted[0]
        path += f".{note.name.replace('_', '-')}" if isinstance(note, AttributeValidationNote) else f"[{note.index}]"
    path = path.lstrip(".")
    if isinstance(error, ForbiddenExtraKeysError):
        names = ", ".join(repr(shown(name)) for name in sorted(error.extra_fields))
        return f"has what is not known: {names}" + (f" in {path}" if path else "")
    if isinstance(error, KeyError):
        return f"lacks {shown(error.args[0])!r}" + (f" in {path}" if path else "")
    words = str(error) if isinstance(error, _WrongTypeError) else "is malformed"
    return f"has a value that {words}: {path}" if path else words


def _is_there(path: Path) -> bool:
    """Tell whether there is anything by that name: what is there and cannot be read is an error, and not the same as none."""
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise _error(f"cannot be looked for: {shown(error.strerror or error)}", str(path)) from None
    return True


def _error(problem: str, where: str) -> SignatureError:
    return PolicyError(
        f"the policy {problem}", where=shown(where), remedy="Correct the policy; until then it forbids everything"
    )


_DEFAULTS: Final = ("allow", "deny")
_converter: Final = _make_converter()
