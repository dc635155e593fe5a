"""The written form of journal entries. `docs/journal-format.md` is the specification."""

import json
from collections.abc import Sequence
from typing import Any, Final, TypeAlias

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from envcfg.core import diff, encoding
from envcfg.core.code import Code
from envcfg.core.diff import ABSENT, Absent, Edit
from envcfg.core.drawn import Draws
from envcfg.core.errors import ConfigError, EncodingError
from envcfg.core.extent import check_extent, check_written_extent
from envcfg.core.path import parse_pointer, pointer
from envcfg.core.record import (
    Concurrent,
    Ending,
    EpochEnd,
    Failure,
    Job,
    Link,
    Mix,
    Phase,
    Record,
    Request,
    SlotEvent,
    Stored,
    Writer,
)
from envcfg.core.tree import Config, Path, Tree, lookup

FORMAT: Final = "envcfg-journal"
VERSION: Final = 4
"""The format version that is written. Every earlier version can be read."""


class SlotState(Struct, frozen=True, omit_defaults=True, gc=False):
    """The config of a slot when a segment was opened, so that the segment can be read alone."""

    slot: int
    config: str
    step: int
    task: str | None = None
    template: str | None = None


class Header(Struct, frozen=True, omit_defaults=True, tag_field="t", tag="segment"):
    """The first line of a segment."""

    format: str
    version: int
    writer: Writer
    number: int
    time: float
    slots: tuple[SlotState, ...] = ()
    since: int = 0
    """The number of the first segment of the chain; 0 if this is the first one."""
    records: int = 0
    """The number of records that the process wrote before this segment; from format version 4 on."""


class Operation(Struct, frozen=True):
    """An add, remove or replace of RFC 6902. `old` is the replaced value; a sealed segment does not contain it."""

    op: str
    path: str
    value: Raw | UnsetType = UNSET
    old: Raw | UnsetType = UNSET


class ConfigLine(Struct, frozen=True, omit_defaults=True, tag_field="t", tag="config"):
    """A config that is new in its chain: whole, or as the difference from an earlier config of the chain."""

    digest: str
    full: Raw | UnsetType = UNSET
    base: str | UnsetType = UNSET
    patch: tuple[Operation, ...] | UnsetType = UNSET


JournalLine: TypeAlias = (
    Header
    | ConfigLine
    | Job
    | Record
    | Request
    | Mix
    | Draws
    | EpochEnd
    | Phase
    | SlotEvent
    | Link
    | Concurrent
    | Failure
    | Ending
)

_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[JournalLine] = msgspec.json.Decoder(JournalLine)

_SHORTEST: Final = len('{"op":"add","path":"/a","value":0}')
"""The size of the shortest operation: a lower bound for the size of a patch."""
_AROUND: Final = len('{"op":"replace","path":"","value":,"old":},')
"""The most bytes of an operation without its path and values."""


def encoded_line(line: JournalLine) -> bytes:
    """A line as a JSON object, without its checksum."""
    return _encoder.encode(line)


def parsed(body: bytes) -> JournalLine:
    """The line of a JSON object; raises `EncodingError` for any other text."""
    try:
        return _decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise EncodingError(f"not a journal line: {error}", code=Code.UNKNOWN_LINE) from error


def checked_header(header: JournalLine | None) -> Header:
    """*header* itself; raises `EncodingError` if it is not the header of a segment, or if its version is unknown."""
    if not isinstance(header, Header) or header.format != FORMAT:
        raise EncodingError("its first line is not the header of an envcfg segment", code=Code.FOREIGN)
    if header.version < 1:
        raise EncodingError(f"it has format version {header.version}, which does not exist", code=Code.DAMAGED)
    if header.version > VERSION:
        raise EncodingError(
            f"it has format version {header.version}, but this envcfg reads versions 1 to {VERSION}: "
            "install a newer envcfg to read it",
            code=Code.NEWER,
        )
    return header


def config_line(stored: Stored, bases: Sequence[Stored] = ()) -> ConfigLine:
    """The line of a config: its difference from the first of *bases* for which that is shorter, else all of it."""
    for base in sorted(bases, key=lambda base: base.digest != stored.base):
        edits = stored.edits if base.digest == stored.base else diff.diff(base.config, stored.config)
        size = stored.size or len(encoding.encode(stored.config))
        if len(edits) * _SHORTEST < size:
            patch = tuple(map(_operation, edits))
            if _is_shorter(patch, size):
                return ConfigLine(stored.digest, base=base.digest, patch=patch)
    return ConfigLine(stored.digest, full=Raw(encoding.encode(stored.config)))


def config(line: ConfigLine, base: Config | None) -> Config:
    """The config of a line, checked against its digest. *base* is the config that it differs from, if any."""
    try:
        found = _config(line, base)
        encoded = encoding.encode(found)
        check_extent(found, encoded)
    except (ConfigError, ValueError, RecursionError) as error:
        raise EncodingError(f"config {line.digest}: {error}") from error
    if encoding.digest_of(encoded) != line.digest:
        raise EncodingError(f"config {line.digest}: the digest does not match the content")
    return found


def _config(line: ConfigLine, base: Config | None) -> Config:
    if not isinstance(line.full, UnsetType):
        check_written_extent(bytes(line.full))
        return encoding.as_config(json.loads(bytes(line.full)))
    if isinstance(line.patch, UnsetType) or base is None:
        raise EncodingError("its base config is missing from the journal", code=Code.MISSING_CONFIG)
    found = base
    for operation in line.patch:
        found = diff.apply([_edit(operation, found)], found)
    return found


def _is_shorter(patch: tuple[Operation, ...], size: int) -> bool:
    """Whether the patch takes less than *size* bytes. It is only encoded if an upper bound does not decide this."""
    most = sum(
        _AROUND + 6 * len(operation.path) + _length(operation.value) + _length(operation.old) for operation in patch
    )
    return most < size or len(_encoder.encode(patch)) < size


def _length(value: Raw | UnsetType) -> int:
    return 0 if isinstance(value, UnsetType) else len(bytes(value))


def _operation(edit: Edit) -> Operation:
    op = "add" if edit.before is ABSENT else "remove" if edit.after is ABSENT else "replace"
    return Operation(op, pointer(edit.path), value=_raw(edit.after), old=_raw(edit.before))


def _raw(value: Tree | Absent) -> Raw | UnsetType:
    return UNSET if isinstance(value, Absent) else Raw(encoding.encode(value))


def _edit(operation: Operation, target: Config) -> Edit:
    before, after = (_value(raw) for raw in (operation.old, operation.value))
    path = _located(parse_pointer(operation.path), target)
    if before is ABSENT and operation.op != "add":
        before = lookup(target, path, ABSENT)
    return Edit(path, before, after)


def _value(raw: Raw | UnsetType) -> Tree | Absent:
    if isinstance(raw, UnsetType):
        return ABSENT
    check_written_extent(bytes(raw))
    return encoding.from_jsonable(json.loads(bytes(raw)))


def _located(tokens: tuple[str, ...], target: Config) -> Path:
    """Reference tokens as a path. Tokens that step into a list become positions."""
    tree: Any = target
    path: list[str | int] = []
    for token in tokens:
        part: str | int = int(token) if isinstance(tree, list) and token.isdecimal() else token
        path.append(part)
        try:
            tree = tree[part]
        except (KeyError, IndexError, TypeError):
            tree = None
    if not path:
        raise EncodingError("an operation has an empty path: expected the path of a value inside the config")
    return tuple(path)
