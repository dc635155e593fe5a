"""The compact, immutable form of a finished segment: one gzipped JSON document of columns.

Steps and times are written as differences. Adoptions and causes are written as positions in a table. This makes the
columns easy to compress.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec
from msgspec import UNSET, Raw, UnsetType

from envcfg.core.drawn import Draws
from envcfg.core.errors import EncodingError
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
    Returns,
    SlotEvent,
)
from envcfg.core.whole_file import read_file
from envcfg.journal import format as written_form
from envcfg.journal.columns import NONE, Columns
from envcfg.journal.format import ConfigLine, Header, JournalLine
from envcfg.journal.lines import verified
from envcfg.journal.sealed.chain import Chain
from envcfg.journal.sealed.deflate import gzipped
from envcfg.journal.sealed.delta_columns import config_columns
from envcfg.journal.sealed.document import SEALED_FORMAT, EarlierCounts, EpochColumns, MixColumns, RecordColumns, Sealed
from envcfg.journal.sealed.packing import differences, packed, packed_differences
from envcfg.journal.sealed.unfinished import claim, unfinished

_NO_ROW: Final = -(1 << 63)


def seal(path: Path, chain: Chain) -> Path:
    """Write the sealed form of the open segment *path*, then remove the open file; returns the path of the sealed file.

    If the process dies meanwhile, at least one of the two files is complete. The kinds of adoptions in the segment are
    added to *chain*.
    """
    lines = [written_form.parsed(verified(line)) for line in read_file(path).splitlines()]
    sealed = path.with_suffix(".json.gz")
    partial = unfinished(sealed)
    try:
        with partial.open("wb") as file:
            claim(file)
            file.write(_compressed(_document(lines, chain), [line for line in lines if isinstance(line, Draws)]))
            file.flush()
            os.fsync(file.fileno())
            partial.rename(sealed)
    except OSError:
        partial.unlink(missing_ok=True)  # the disk may be full
        raise
    path.unlink()
    return sealed


def _compressed(document: Sealed, draws: Sequence[Draws]) -> bytes:
    """The file of *document*, whose last member are the *draws*, if there are any."""
    encoded = msgspec.json.encode(document)
    if not draws:
        return gzipped(encoded)
    return gzipped(encoded[:-1], b',"draws":' + msgspec.json.encode(draws) + b"}")


def _document(lines: Sequence[JournalLine], chain: Chain) -> Sealed:
    header = lines[0]
    if not isinstance(header, Header):
        raise EncodingError("the first line of the segment is not a header")
    configs = [line for line in lines if isinstance(line, ConfigLine)]
    return Sealed(
        format=SEALED_FORMAT,
        header=header,
        before=EarlierCounts(chain.sealed, len(chain.kinds)),
        configs=Raw(msgspec.json.encode(config_columns(configs, chain.configs))),
        records=_record_columns(Columns.of(line for line in lines if isinstance(line, Record)), chain),
        mixes=_mix_columns([line for line in lines if isinstance(line, Mix)]),
        events=[
            Raw(written_form.encoded_line(line))
            for line in lines
            if isinstance(line, Job | Phase | SlotEvent | Link | Concurrent | Failure | Ending)
        ],
        requests=tuple([line for line in lines if isinstance(line, Request)]),
        epochs=_epoch_columns([line for line in lines if isinstance(line, EpochEnd)]),
    )


def _record_columns(columns: Columns, chain: Chain) -> RecordColumns:
    times = [round(time) for time in columns.time]
    lags = _lags(columns)
    new = [kind for kind in columns.adopted.values if kind not in chain.kinds]
    chain.kinds |= {kind: number for number, kind in enumerate(new, start=len(chain.kinds))}
    numbers = [chain.kinds[kind] for kind in columns.adopted.values]
    return RecordColumns(
        count=len(columns),
        first_step=next(iter(columns.step), 0),
        first_time=next(iter(times), 0),
        step=packed_differences(columns.step),
        time=packed_differences(times),
        slot=packed(columns.slot),
        epoch=packed(columns.epoch),
        episode=packed(columns.episode),
        lag=None if lags is None else packed(lags),
        requested_at=packed(columns.requested_at) if lags is None else None,
        adopted=packed([numbers[position] for position in columns.adopted.index]),
        cause=packed(columns.cause.index),
        configs=[chain.configs.get(kind.config, kind.config) for kind in new],
        tasks=[kind.task for kind in new],
        templates=[None if kind.template is None else chain.configs.get(kind.template, kind.template) for kind in new],
        causes=columns.cause.values,
    )


def _lags(columns: Columns) -> list[int] | None:
    """The steps from each decision to its adoption, smaller than the steps; None if a decision is later than one."""
    requested = zip(columns.step, columns.requested_at, strict=True)
    lags = [NONE if at == NONE else step - at for step, at in requested]
    is_ahead = any(step < at for step, at in zip(columns.step, columns.requested_at, strict=True))
    return None if is_ahead else lags


def _mix_columns(found: Sequence[Mix]) -> MixColumns:
    steps, times = [mix.step for mix in found], [round(mix.time * 1000) for mix in found]
    return MixColumns(
        first_step=next(iter(steps), 0),
        first_time=next(iter(times), 0),
        step=differences(steps),
        time=differences(times),
        epoch=[mix.epoch for mix in found],
        stated=[None if mix.stated is None else dict(mix.stated) for mix in found],
        adopted=[dict(mix.adopted) for mix in found],
        rewards=_rewards(found),
    )


def _epoch_columns(found: Sequence[EpochEnd]) -> EpochColumns | None:
    if not found:
        return None
    times = [round(end.time * 1000) for end in found]
    return EpochColumns(
        count=len(found),
        first_step=found[0].step,
        first_time=times[0],
        first_epoch=found[0].epoch,
        step=packed_differences([end.step for end in found]),
        time=packed_differences(times),
        epoch=packed_differences([end.epoch for end in found]),
        first_row=next((end.row for end in found if end.row is not None), 0),
        row=packed(_row_differences(found), none=_NO_ROW),
    )


def _row_differences(found: Sequence[EpochEnd]) -> list[int]:
    """The difference of each row from the last row that is known."""
    known = next((end.row for end in found if end.row is not None), 0)
    differences: list[int] = []
    for end in found:
        differences.append(_NO_ROW if end.row is None else end.row - known)
        known = known if end.row is None else end.row
    return differences


def _rewards(found: Sequence[Mix]) -> list[dict[str, Returns] | None] | UnsetType:
    if all(mix.rewards is None for mix in found):
        return UNSET
    return [None if mix.rewards is None else dict(mix.rewards) for mix in found]
