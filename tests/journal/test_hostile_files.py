"""Files in the place of a segment, or of another file of a run, that would take all memory or never end."""

import os

import pytest

from envcfg.core.code import Code
from envcfg.core.errors import EncodingError, EnvcfgError, JournalError
from envcfg.core.record import MAX_CONFIG, Record, Stored, Writer
from envcfg.core.whole_file import read_file
from envcfg.journal.following import ShardFollower
from envcfg.journal.others import found_by
from envcfg.journal.reading import read_journal
from envcfg.journal.segment import SegmentWriter
from envcfg.sources.load import load
from envcfg.tracking.tracker import Tracker

HUGE = 50 << 30


def sparse(path):
    """A file that states 50 GB, and that takes no room on the disk."""
    with path.open("wb") as file:
        file.truncate(HUGE)


def pipe(path):
    os.mkfifo(path)


def device(path):
    path.symlink_to("/dev/zero")


def folder(path):
    path.mkdir()


HOSTILE = [sparse, folder] if os.name == "nt" else [sparse, folder, pipe, device]


@pytest.fixture
def recorded(tmp_path):
    with_config = Stored("0" * 32, {"a": 1})
    writer = SegmentWriter(tmp_path / "envcfg", Writer("run-1", "session-1", rank=0, worker=0))
    writer.append(with_config, time=1.0)
    writer.append(Record(1, 0, with_config.digest, 1.0), time=1.0)
    writer.close()
    return tmp_path


@pytest.mark.parametrize("name", ["r0-w1-000001.jsonl", "r0-w1-000001.json.gz"])
@pytest.mark.parametrize("make", HOSTILE)
def test_a_hostile_segment_is_reported_and_the_others_are_read(recorded, make, name):
    make(recorded / "envcfg" / name)
    readings, losses = read_journal(recorded / "envcfg")
    assert [len(reading.records) for reading in readings] == [1]
    (loss,) = losses
    assert name in loss
    assert loss.code is Code.FOREIGN


@pytest.mark.parametrize("make", HOSTILE)
def test_a_folder_of_hostile_segments_alone_is_refused(tmp_path, make):
    make(tmp_path / "r0-w0-000001.jsonl")
    with pytest.raises(JournalError):
        read_journal(tmp_path)


@pytest.mark.parametrize("name", ["env_configs.json", "run-x.wandb", "offline-run-20261123_140000-x/run-x.wandb"])
@pytest.mark.parametrize("make", HOSTILE)
def test_a_hostile_file_beside_the_journal_costs_no_record(recorded, make, name):
    (recorded / name).parent.mkdir(exist_ok=True)
    make(recorded / name)
    assert len(load(recorded).adoptions) == 1


@pytest.mark.parametrize("make", [sparse, *(kind for kind in HOSTILE if kind is not sparse)])
def test_a_hostile_file_that_is_named_itself_is_refused_in_one_sentence(tmp_path, make):
    make(tmp_path / "env_configs.json")
    with pytest.raises(EnvcfgError):
        load(tmp_path / "env_configs.json")


def test_a_file_is_read_up_to_its_limit_and_refused_above_it(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"12345")
    assert read_file(path, 5) == b"12345"
    with pytest.raises(EncodingError, match=r"has 5 bytes: files of more than 4 bytes are not read"):
        read_file(path, 4)


@pytest.mark.slow
@pytest.mark.parametrize("earlier", [[], [{"text": "short", "b": 1}]])
def test_a_config_that_no_reader_would_accept_is_not_recorded(tmp_path, capsys, earlier):
    large = "x" * MAX_CONFIG
    with Tracker(tmp_path / "envcfg") as tracker:
        for config in [*earlier, {"text": large, "b": 1}, {"text": "last", "b": 1}]:
            tracker.record(config, step=1)
    history = load(tmp_path)
    assert [config["text"] for config in history.configs.values()] == [*(one["text"] for one in earlier), "last"]
    assert {failure.code for failure in history.failures} == {Code.CONFIG_SIZE}
    assert f"expected at most {MAX_CONFIG:,}" in capsys.readouterr().err


def test_a_huge_number_in_the_name_of_a_segment_takes_no_memory(recorded):
    (path,) = (recorded / "envcfg").glob("*.jsonl")
    path.rename(path.with_name("r0-w0-999999999.jsonl"))
    history = load(recorded)
    assert len(history.adoptions) == 1
    assert history.losses[0].code is Code.MISSING_SEGMENT


def test_a_huge_segment_of_a_worker_or_of_the_own_shard_does_not_reach_the_memory_of_a_training(recorded):
    for name in ("r0-w1-000001.jsonl", "r0-w0-000009.jsonl"):
        sparse(recorded / "envcfg" / name)
    writer = Writer("run-1", "session-1")
    assert list(ShardFollower(recorded / "envcfg", writer).new_entries()) == []
    assert found_by(recorded / "envcfg", Writer("run-1", "session-2")).resumes == "session-1"


def test_of_a_segment_of_nothing_but_invalid_lines_the_first_thousand_are_reported(recorded):
    (path,) = (recorded / "envcfg").glob("*.jsonl")
    whole = path.read_bytes()
    path.write_bytes(whole + b"\n" * 5_000 + whole)
    (reading,), _ = read_journal(recorded / "envcfg")
    assert len(reading.records) == 1
    assert len(reading.losses) == 1_001
    assert "were not read" in reading.losses[-1]
