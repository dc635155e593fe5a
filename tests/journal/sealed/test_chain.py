"""Chains: segments that continue the previous one, read together, and what happens if one is missing."""

import json
import math
import random

import pytest

from envcfg import Tracker, load
from envcfg.journal.lines import verified
from envcfg.journal.reading import read_journal
from envcfg.journal.sealed import chain

LEAVES = {f"leaf_{number}": number for number in range(50)}


def config(task):
    return {**LEAVES, "level": task, "gravity": task / 7}


def recorded(folder, steps, tasks, *, segment_bytes=20_000, is_closed=True, slots=4, clock=lambda: 1.8e9):
    """A journal whose slots adopt tasks in turn, and its tracker."""
    tracker = Tracker(folder, run="r", clock=clock, segment_bytes=segment_bytes)
    for step in range(steps):
        task = step * 7 % tasks
        tracker.record(config(task), step=step, slot=step % slots, task=f"t{task}", epoch=step // 100)
    if is_closed:
        tracker.close()
    return tracker


def levels(history, first, last):
    """The adopted config and task at each step."""
    found = {a.record.step: history.config(a.record.config)["level"] for a in history.adoptions}
    return [found[step] for step in range(first, last)]


def since(folder):
    return [reading.header.since for reading in read_journal(folder)[0]]


def test_many_configs_are_written_once_in_a_chain(journal):
    recorded(journal, 2_000, 1_000)
    readings, losses = read_journal(journal)
    assert losses == []
    assert len(readings) > 10
    assert since(journal) == [0, *[1] * (len(readings) - 1)]
    assert sum(len(reading.configs) for reading in readings) == 1_000
    history = load(journal)
    assert history.losses == ()
    assert levels(history, 0, 2_000) == [step * 7 % 1_000 for step in range(2_000)]


def test_with_few_configs_each_segment_can_be_read_alone(journal, tmp_path):
    recorded(journal, 3_000, 3, segment_bytes=60_000)
    assert set(since(journal)) == {0}
    alone = tmp_path / "alone"
    alone.mkdir()
    (journal / "r0-w0-000003.json.gz").rename(alone / "r0-w0-000003.json.gz")
    history = load(alone)
    assert all(set(history.config(a.record.config)) == set(config(0)) for a in history.adoptions)
    read, missing = history.losses
    assert read.startswith(f"{len(history.adoptions) - len(history.adoptions.places):,} of ")  # some are of the header
    assert missing.startswith("segments r0-w0-000001, r0-w0-000002 are missing")


def test_a_chain_ends_when_the_recorded_bytes_are_twenty_times_the_bytes_to_repeat(journal):
    recorded(journal, 3_000, 40)
    firsts = [number for number, first in enumerate(since(journal), 1) if first == 0]
    assert 1 < len(firsts) < len(since(journal)) / 5
    assert set(since(journal)) == {0, *firsts}


def test_a_chain_ends_before_it_fills_the_memory(journal, monkeypatch):
    monkeypatch.setattr(chain, "MOST", 100)
    tracker = recorded(journal, 2_000, 2_000, is_closed=False)
    assert since(journal).count(0) > 5
    assert len(tracker._out.journal._chain.configs) < 300
    tracker.close()
    assert load(journal).losses == ()


def test_an_open_segment_continues_sealed_segments(journal):
    recorded(journal, 2_030, 1_000, is_closed=False)
    opened = journal / f"r0-w0-{len(since(journal)):06d}.jsonl"
    first = json.loads(verified(opened.read_bytes().splitlines()[0]))
    assert first["since"] == 1
    assert "slots" not in first
    assert levels(load(journal), 2_000, 2_030) == [step * 7 % 1_000 for step in range(2_000, 2_030)]


@pytest.mark.parametrize("is_damaged", [True, False])
def test_a_missing_segment_of_a_chain_loses_only_its_own_content(journal, is_damaged):
    recorded(journal, 2_000, 1_000)
    whole = {a.record.step: a.record for a in load(journal).adoptions}
    victim = journal / "r0-w0-000003.json.gz"
    victim.write_bytes(b"\x1f\x8b") if is_damaged else victim.unlink()
    history = load(journal)
    found = {a.record.step: a.record for a in history.adoptions}
    gap = whole.keys() - found.keys()
    assert len(whole) > len(found) > len(whole) - 200
    assert gap == set(range(min(gap), max(gap) + 1))
    lost = {step * 7 % 1_000 for step in gap}
    for step, record in found.items():
        is_known = step * 7 % 1_000 not in lost
        assert (record == whole[step]) is is_known
        assert (record.config in history.configs) is is_known
    losses = " ".join(history.losses)
    assert "it continues segments that are missing" in losses
    assert "which was not found (" in losses


def test_a_run_repeats_its_configs_after_its_sealed_segments_were_deleted(journal, clock, capsys):
    tracker = recorded(journal, 1_000, 1_000, is_closed=False, clock=clock)
    for path in journal.glob("*.gz"):
        path.unlink()
    tracker.end_epoch(step=1_000, epoch=10)
    assert "were deleted; recording continues in a new segment" in capsys.readouterr().err
    for step in range(1_001, 1_101):
        tracker.record(config(step % 90), step=step)
    tracker.close()
    assert levels(load(journal), 1_001, 1_101) == [step % 90 for step in range(1_001, 1_101)]


def test_a_resumed_run_begins_a_new_chain(journal):
    recorded(journal, 500, 500)
    recorded(journal, 500, 500)
    assert since(journal).count(0) == 2


@pytest.mark.parametrize("tasks", [8, 500])
def test_a_journal_is_at_most_one_and_a_half_times_the_entropy_of_its_records(journal, tasks):
    draw, records = random.Random(tasks), 20_000
    clock, step, held = 1_700_000_000_000, 0, [-1] * 16
    with Tracker(journal, clock=lambda: clock / 1000) as tracker:
        for _ in range(records):
            step, clock, slot = step + draw.randrange(1, 41), clock + draw.randrange(1, 21), draw.randrange(16)
            held[slot] = (held[slot] + 1 + draw.randrange(tasks - 1)) % tasks
            tracker.record(config(held[slot]), step=step, slot=slot)
    least = records * (math.log2(40) + math.log2(20) + math.log2(16) + math.log2(tasks - 1)) / 8
    assert sum(path.stat().st_size for path in journal.iterdir()) < 1.5 * least
