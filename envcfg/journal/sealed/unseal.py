"""Reads a sealed segment. A million records take a fraction of a second."""

import zlib
from array import array
from collections.abc import Callable, Sequence
from functools import partial
from itertools import accumulate, islice
from operator import sub
from typing import Any, Final, TypeVar

import msgspec
from msgspec import Raw, UnsetType

from envcfg.core.code import Code
from envcfg.core.errors import EncodingError
from envcfg.core.units import LATEST, LATEST_WRITTEN
from envcfg.core.whole_file import MAX_BYTES
from envcfg.journal import format as written_form
from envcfg.journal.columns import NONE, AdoptionKind, Columns, LazyColumn, Table
from envcfg.journal.configs import ConfigLines
from envcfg.journal.format import ConfigLine, Header
from envcfg.journal.sealed.chain import ChainContents
from envcfg.journal.sealed.delta_columns import LazyConfigLines, digests
from envcfg.journal.sealed.document import SEALED_FORMAT, TICKS, ConfigColumns, Opening, RecordColumns, Sealed
from envcfg.journal.sealed.packing import Packed, as_array, is_small, unpacked

T = TypeVar("T")
S = TypeVar("S", bound=Sequence[float])

MAX_DOCUMENT: Final = MAX_BYTES
"""The most bytes of an unpacked document. Larger ones are refused, since they may be a gzip bomb."""

NUMBERED: Final = 3
"""The first format version that writes configs in columns and refers to them by number."""

_FAR_BACK: Final = -(1 << 62)
"""For steps below this, subtracting a lag may exceed 64 bits."""
_NO_TIME: Final = "it contains a time before 1970 or after the year 9999"

_decoder = msgspec.json.Decoder(Sealed)
_members = msgspec.json.Decoder(dict[str, Raw])
_KNOWN: Final = frozenset(Sealed.__struct_fields__)
_config_lines = msgspec.json.Decoder(list[ConfigLine])
_config_columns = msgspec.json.Decoder(ConfigColumns)


def unsealed(compressed: bytes) -> tuple[Sealed, tuple[str, ...]]:
    """The document of a sealed segment, and the names of its members that this version does not know.

    Raises `EncodingError` for any other file, or for an unknown version.
    """
    try:
        content = _inflated(compressed)
        try:
            document = _decoder.decode(content)
            unknown = tuple(sorted(_members.decode(content).keys() - _KNOWN))
        except (msgspec.DecodeError, UnicodeDecodeError):
            header = msgspec.json.decode(content, type=Opening).header
            written_form.checked_header(header)  # raises for a newer version, which has other columns
            raise
    except (msgspec.DecodeError, RecursionError, ValueError, zlib.error) as error:
        raise EncodingError(f"invalid sealed segment: {error}") from error
    if document.format != SEALED_FORMAT:
        raise EncodingError(f"not a sealed segment: its format is not {SEALED_FORMAT!r}", code=Code.FOREIGN)
    written_form.checked_header(document.header)
    return document, unknown


def opening(compressed: bytes) -> Header:
    """The header of a sealed segment, without the rest. Raises `EncodingError` for any other file."""
    try:
        return written_form.checked_header(msgspec.json.decode(_inflated(compressed), type=Opening).header)
    except (msgspec.DecodeError, RecursionError, ValueError, zlib.error) as error:
        raise EncodingError(f"invalid sealed segment: {error}") from error


def config_lines(document: Sealed, known: ChainContents) -> ConfigLines:
    """The config lines of a sealed segment, by digest, in order. Their numbers are added to *known*.

    Raises `EncodingError` if the configs cannot be decoded.
    """
    try:
        if document.header.version < NUMBERED:
            return {line.digest: line for line in _config_lines.decode(bytes(document.configs))}
        columns = _config_columns.decode(bytes(document.configs))
        known.configs |= enumerate(digests(columns), start=document.before.configs)
        bases = [None if family.base is None else known.config(family.base) for family in columns.families]
        return LazyConfigLines(columns, bases)
    except (msgspec.DecodeError, OverflowError, RecursionError, TypeError, ValueError) as error:
        raise EncodingError(f"invalid sealed segment: {error}") from error


def records(document: Sealed, known: ChainContents) -> Columns:
    """The records of a sealed segment; call `config_lines` first. The kinds of adoptions are added to *known*.

    Raises `EncodingError` if the columns do not belong together.
    """
    try:
        return _records(document, known)
    except (IndexError, OverflowError, TypeError, ValueError) as error:
        raise EncodingError(f"invalid sealed segment: {error}") from error


def _records(document: Sealed, known: ChainContents) -> Columns:
    sealed, found = document.records, Columns()
    if not 0 <= sealed.first_time <= TICKS[document.header.version] * LATEST_WRITTEN:
        raise ValueError(_NO_TIME)  # the rest of the time until the year 9999 is more than small columns can add
    count = len(sealed.step) if document.header.version == 1 and isinstance(sealed.step, list) else sealed.count
    steps = unpacked(sealed.step, count)
    found.step = step = array("q", islice(accumulate(steps, initial=sealed.first_step), 1, None))
    found.is_in_order = min(set(steps), default=0) >= 0
    found.slot = as_array("i", unpacked(sealed.slot, count))
    found.adopted = _adopted(sealed, count, document.before.kinds, known)
    found.cause = _table(sealed.causes, sealed.cause, count)
    lazy = partial(_lazy, count)
    found.lazy = {
        "time": lazy("d", [sealed.time], lambda: _times(document.header, sealed, count)),
        "epoch": lazy("i", [sealed.epoch], lambda: as_array("i", unpacked(sealed.epoch, count))),
        "episode": lazy("i", [sealed.episode], lambda: as_array("i", unpacked(sealed.episode, count))),
        "requested_at": lazy("q", [sealed.requested_at, sealed.lag], lambda: _requested_at(sealed, step)),
    }
    if found.first_step < _FAR_BACK:
        found.lazy["requested_at"].whole()
    return found


def _lazy(count: int, typecode: str, columns: Sequence[Packed], make: Callable[[], "array[Any]"]) -> LazyColumn:
    """A lazy column. It is computed at once if its numbers may not fit, so that an error appears now."""
    column = LazyColumn(typecode, make)
    if not all(is_small(packed, count) for packed in columns):
        column.whole()
    return column


def _times(header: Header, sealed: RecordColumns, count: int) -> "array[float]":
    """Milliseconds since the Unix epoch."""
    ticks = unpacked(sealed.time, count)
    sums = islice(accumulate(ticks, initial=float(sealed.first_time)), 1, None)
    unit = TICKS[header.version] / 1000
    times = array("d", sums) if unit == 1 else array("d", [tick / unit for tick in sums])
    never_back = min(set(ticks), default=0) >= 0
    _checked(times[:1] + times[-1:] if never_back else times, LATEST * 1000)
    return times


def _checked(times: S, latest: int) -> S:
    if times and not 0 <= min(times) <= max(times) <= latest:
        raise ValueError(_NO_TIME)
    return times


def _adopted(sealed: RecordColumns, count: int, before: int, known: ChainContents) -> Table[AdoptionKind]:
    configs = list(map(known.config, sealed.configs))
    templates = [None if template is None else known.config(template) for template in sealed.templates]
    if isinstance(sealed.adopted, UnsetType):
        columns = _table(configs, sealed.config, count), _table(sealed.tasks, sealed.task, count)
        table: Table[AdoptionKind] = Table()
        for kind in map(AdoptionKind, *columns, _table(templates, sealed.template, count)):
            table.append(kind)
        return table
    kinds = list(map(AdoptionKind, configs, sealed.tasks, templates))
    known.kinds |= enumerate(kinds, start=before)
    return _in_chain(known, sealed.adopted, count) if before else _table(kinds, sealed.adopted, count)


def _in_chain(known: ChainContents, column: Packed, count: int) -> Table[AdoptionKind]:
    """The table of the kinds of adoptions that one segment of a chain uses."""
    numbers = unpacked(column, count)
    used = sorted(set(numbers))
    if used and not 0 <= used[0] <= used[-1] <= max(known.kinds, default=0):
        raise ValueError(
            f"it refers to kind of adoption {used[-1] if used[0] >= 0 else used[0]}, but its chain has numbers up to "
            f"{max(known.kinds, default=0)}"
        )
    positions = {number: position for position, number in enumerate(used)}
    return Table(list(map(known.kind, used)), array("i", map(positions.__getitem__, numbers)))


def _table(values: Sequence[T], column: Packed, count: int) -> Table[T]:
    positions = unpacked(column, count)
    if not set(positions) <= set(range(len(values))):
        raise ValueError(f"it refers to a position outside of a table of {len(values)} values")
    return Table(values, as_array("i", positions))


def _requested_at(sealed: RecordColumns, steps: "array[int]") -> "array[int]":
    if sealed.requested_at is not None:
        return as_array("q", unpacked(sealed.requested_at, len(steps)))
    lags = unpacked(sealed.lag, len(steps))
    if sealed.lag is None:
        return as_array("q", lags)
    if not isinstance(sealed.lag, list):
        return array("q", map(sub, steps, lags))
    return array("q", [NONE if lag == NONE else step - lag for step, lag in zip(steps, lags, strict=True)])


def _inflated(compressed: bytes) -> bytes:
    stream = zlib.decompressobj(wbits=31)
    document: bytes = stream.decompress(compressed, MAX_DOCUMENT)
    if not stream.eof:
        raise ValueError(
            "it is cut off" if not stream.unconsumed_tail else f"it unpacks to more than {MAX_DOCUMENT:,} bytes"
        )
    return document
