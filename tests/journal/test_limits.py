"""What is written can be read: no segment grows beyond what a reader accepts."""

import pytest

from envcfg import Tracker, load
from envcfg.core import delta_template, extent
from envcfg.core.code import Code
from envcfg.core.encoding import digest
from envcfg.core.errors import JournalError
from envcfg.core.record import Record, Stored, Writer
from envcfg.core.whole_file import MAX_BYTES
from envcfg.journal import limits
from envcfg.journal.limits import batches
from envcfg.journal.segment import SegmentWriter


def stored(number, size=100):
    config = {"a": number}
    return Stored(digest(config), config, size=size)


def test_a_large_call_is_written_in_parts_and_no_config_comes_after_its_record(monkeypatch):
    monkeypatch.setattr(limits, "_TOGETHER", 10_000)
    configs = [stored(number, size=3_000) for number in range(10)]
    records = [Record(1, slot, configs[slot % 10].digest, 1.0) for slot in range(30)]
    parts = list(batches(records, configs))
    assert [record for part, _ in parts for record in part] == records
    assert [config for _, needed in parts for config in needed] == configs
    known = set()
    for part, needed in parts:
        known |= {config.digest for config in needed}
        assert {record.config for record in part} <= known
        assert len(part) * 1_000 + len(needed) * 3_000 <= 10_000
    assert len(list(batches(records[:3], configs[:1]))) == 1


def test_a_segment_size_that_no_reader_accepts_is_not_used(tmp_path):
    writer = SegmentWriter(tmp_path, Writer("r", "s"), rotate_at=10**12)
    assert writer.rotate_at < MAX_BYTES


def test_an_entry_that_no_reader_accepts_is_refused_and_the_others_are_kept(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(limits, "MAX_BYTES", 20_000)
    with Tracker(tmp_path / "envcfg", run="r") as tracker:
        tracker.record({"a": 1}, step=1)
        tracker.record({"a": 2}, step=2, task="x" * 20_000)
        tracker.record({"a": 3}, step=3)
    history = load(tmp_path)
    assert [adoption.record.step for adoption in history.adoptions] == [1, 3]
    assert "bytes: expected at most" in capsys.readouterr().err
    with pytest.raises(JournalError, match="entries of 5 bytes: expected at most 4"):
        limits.within_limit(b"12345", 20_000 - 4)


def test_a_batch_of_slots_is_kept_whole_if_it_is_written_in_parts(tmp_path, monkeypatch):
    numpy = pytest.importorskip("numpy")
    monkeypatch.setattr(limits, "_TOGETHER", 5_000)
    with Tracker(tmp_path / "envcfg", run="r", segment_bytes=2_000) as tracker:
        for change in range(3):
            tracker.record_slots({"level": numpy.arange(50) + change}, step=change, draws=False)
    history = load(tmp_path)
    assert len(history.adoptions) == 150
    assert not history.losses
    assert [history.configs[a.record.config]["level"] for a in history.adoptions][-3:] == [49, 50, 51]


@pytest.mark.parametrize("first", [{"a": 0, "b": 0}, {"a": [0] * 40, "b": 0}, {"a": [0] * 60, "b": 0}])
def test_a_config_of_more_values_than_a_reader_accepts_is_refused_and_the_others_are_kept(
    tmp_path, capsys, monkeypatch, first
):
    for module in (extent, delta_template):
        monkeypatch.setattr(module, "MAX_KEYS", 100)
    configs = [first, *({"a": [0] * 30, "b": b} for b in range(3)), {"a": [0] * 60, "b": 2}, {"a": [0] * 40, "b": 3}]
    with Tracker(tmp_path / "envcfg", run="r") as tracker:
        for step, config in enumerate(configs):
            tracker.record(config, step=step)
    history = load(tmp_path)
    kept = [config for config in configs if len(str(config["a"])) < 150]
    assert [history.configs[adoption.record.config] for adoption in history.adoptions] == kept
    assert {failure.code for failure in history.failures} == {Code.CONFIG_SIZE}
    assert "expected at most 100 keys" in capsys.readouterr().err


def test_a_config_of_too_many_values_in_a_journal_is_lost_and_the_others_are_read(tmp_path, monkeypatch):
    with Tracker(tmp_path / "envcfg", run="r", segment_bytes=2_000) as tracker:
        for step, config in enumerate([{"a": 1}, {"a": [0] * 60}, {"a": 1, "b": [0] * 30}]):
            tracker.record(config, step=step)
    monkeypatch.setattr(extent, "MAX_KEYS", 100)
    history = load(tmp_path)
    assert sorted(map(len, history.configs.values())) == [1, 2]
