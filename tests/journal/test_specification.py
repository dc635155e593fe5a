"""docs/journal-format.md is complete: a reader written from it alone reads every entry."""

import json

import by_the_page
import msgspec
import pytest
from entries import entries
from hypothesis import given
from hypothesis import strategies as st

from envcfg import Tracker, load
from envcfg.core.encoding import jsonable
from envcfg.core.record import Record, Stored, Writer
from envcfg.journal.segment import SegmentWriter


def as_json(config):
    return json.loads(json.dumps(jsonable(config)))


def said(entry):
    """The members of an entry that have a value."""
    values = entry if isinstance(entry, dict) else json.loads(msgspec.json.encode(entry))
    return {name: said(value) if isinstance(value, dict) else value for name, value in values.items() if value}


def in_order(entry):
    return json.dumps(entry, sort_keys=True)


@pytest.mark.slow
@given(st.lists(entries(), min_size=1, max_size=4), st.booleans())
def test_a_reader_written_from_the_page_reads_every_entry(tmp_path_factory, parts, is_last_sealed):
    folder = tmp_path_factory.mktemp("journal")
    writer = SegmentWriter(folder, Writer("run-1", "session-1"))
    for number, part in enumerate(parts, start=1):
        for entry in part:
            writer.append(entry, time=1.0)
        if number < len(parts) or is_last_sealed:
            writer.seal()
    writer.close()
    records, configs, others = by_the_page.read(folder)
    appended = [entry for part in parts for entry in part]
    assert [said({"t": "record", **record}) for record in records] == [
        said(e) for e in appended if isinstance(e, Record)
    ]
    assert configs == {entry.digest: as_json(entry.config) for entry in appended if isinstance(entry, Stored)}
    rest = [said(entry) for entry in appended if not isinstance(entry, Record | Stored)]
    assert sorted(map(in_order, map(said, others))) == sorted(map(in_order, rest))


@pytest.mark.slow
def test_a_reader_written_from_the_page_reads_long_chains_as_we_do(journal):
    with Tracker(journal, run="r", segment_bytes=100_000) as tracker:
        for step in range(6_000):
            task = step * 37 % 5_000
            config = {"level": task, "gravity": task / 7, "walls": [task % 3] * 30, f"only_{task % 5}": None}
            tracker.record(config, step=step * 1_000, epoch=step // 10, slot=step % 300, task=f"t{task}")
    records, configs, _ = by_the_page.read(journal)
    history = load(journal)
    assert history.losses == ()
    assert len(list(journal.iterdir())) > 10
    found = [(r["step"], r["slot"], r["epoch"], r["task"], r["time"], r["config"]) for r in records]
    ours = [adoption.record for adoption in history.adoptions]
    assert found == [(r.step, r.slot, r.epoch, r.task, r.time, r.config) for r in ours]
    assert configs == {digest: as_json(config) for digest, config in history.configs.items()}
