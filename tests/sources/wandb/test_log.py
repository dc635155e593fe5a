import os
import struct
import zlib
from io import BytesIO
from pathlib import Path

import prepared
import pytest
from hypothesis import given
from hypothesis import strategies as st
from wandb_logs import write_log

from envcfg.core.errors import SourceError
from envcfg.sources.wandb import log as log_module
from envcfg.sources.wandb.log import last_values, packed, payloads, read_log

RUN = """
import wandb
run = wandb.init(project="p", config={"a": {"b": 1}}, settings=wandb.Settings(console="off", silent=True))
for epoch in range(400):
    run.log({"reward": epoch, "nan": float("nan"), "text": "x" * 300})
run.summary["best"] = 7
run.finish()
"""


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wandb")
    environment = {**os.environ, "WANDB_MODE": "offline", "WANDB_DIR": str(folder), "WANDB_DATA_DIR": str(folder)}
    prepared.run(["-c", RUN], cwd=folder, env=environment, imports=prepared.WANDB).check_returncode()
    (path,) = folder.glob("wandb/offline-run-*/run-*.wandb")
    return path


def test_a_log_with_many_blocks_is_read_completely(log):
    run = read_log(log)
    assert [row["reward"] for row in run.rows] == list(range(400))
    assert [row["_step"] for row in run.rows] == list(range(400))
    assert (run.project, run.exit_code, run.summary["best"], run.losses) == ("p", 0, 7, [])


def test_a_truncated_log_gives_its_complete_records(log, tmp_path):
    content = log.read_bytes()
    cut = tmp_path / "run-x.wandb"
    for length in (0, 3, 7, 20, 5_000, 40_000, 70_000):
        cut.write_bytes(content[:length])
        rows = read_log(cut).rows
        assert [row["reward"] for row in rows] == list(range(len(rows)))
    assert 0 < len(rows) < 400


def test_a_damaged_block_is_reported_and_only_it_is_lost(log, tmp_path):
    content = bytearray(log.read_bytes())
    content[40_000] ^= 0xFF
    damaged = tmp_path / "run-x.wandb"
    damaged.write_bytes(content)
    run = read_log(damaged)
    assert 250 < len(run.rows) < 400
    assert "damaged bytes from byte" in run.losses[0]


def test_a_record_whose_beginning_is_damaged_is_left_out():
    """The rest of such a record is not joined to another one."""
    content = bytearray(packed([b"a" * 40_000, b"b" * 40_000, b"c"]))
    content[100] ^= 0xFF
    assert list(payloads(BytesIO(content), Path("run-x.wandb"), [])) == [b"b" * 40_000, b"c"]


@pytest.mark.parametrize("size", [10, 500, 40_000])
def test_the_latest_values_are_those_of_a_whole_reading(tmp_path, size):
    rows = [{"reward": number, "text": "x" * size} for number in range(20_000 // size + 40)]
    path = write_log(tmp_path, [{"first": 1}, *rows, {"loss": 2}]) / "run-made.wandb"
    found = last_values(path)
    assert (found["reward"], found["loss"]) == (len(rows) - 1, 2)
    assert ("first" in found) is (path.stat().st_size < 4 * 32_768)


def test_a_foreign_file_is_refused(tmp_path):
    foreign = tmp_path / "run-x.wandb"
    foreign.write_bytes(b"something else entirely")
    with pytest.raises(SourceError, match="not a W&B transaction log"):
        read_log(foreign)


@given(st.lists(st.binary(max_size=90_000), max_size=6))
def test_a_packed_log_gives_the_same_records(records):
    losses = []
    assert list(payloads(BytesIO(packed(records)), Path("run-x.wandb"), losses)) == records
    assert losses == []


@pytest.mark.timeout(120)  # a copy of all earlier parts at each part would take hours
def test_a_record_of_a_million_empty_parts_takes_no_longer_than_its_bytes(tmp_path):
    """Such a log is valid. Only a hostile program writes it."""
    empty = struct.pack("<IHB", zlib.crc32(b"", zlib.crc32(b"\x03")), 0, 3)
    log = bytearray(packed([b"x"]))
    log += struct.pack("<IHB", zlib.crc32(b"a", zlib.crc32(b"\x02")), 1, 2) + b"a"
    for _ in range(1_000_000):
        log += b"\0" * (rest if (rest := -len(log) % 32_768) < 7 else 0) + empty
    log += struct.pack("<IHB", zlib.crc32(b"z", zlib.crc32(b"\x04")), 1, 4) + b"z"
    losses = []
    assert list(payloads(BytesIO(log), tmp_path, losses)) == [b"x", b"az"]
    assert losses == []


def test_a_log_of_fifty_gigabytes_is_refused_unread(tmp_path):
    path = tmp_path / "run-x.wandb"
    with path.open("wb") as file:
        file.truncate(50 << 30)
    with pytest.raises(SourceError, match="are not read"):
        read_log(path)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pipes and devices in a folder")
@pytest.mark.timeout(60)  # without a limit, it would wait for ever
@pytest.mark.parametrize("target", ["pipe", "/dev/zero"])
def test_a_log_that_is_a_link_to_a_pipe_or_a_device_is_refused(tmp_path, target):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "run-x.wandb").symlink_to(target)
    for read in (read_log, last_values):
        with pytest.raises(SourceError, match="no regular file"):
            read(tmp_path / "run-x.wandb")


def test_a_record_that_is_too_large_is_left_out_and_reported(tmp_path, monkeypatch):
    monkeypatch.setattr(log_module, "MAX_BYTES", 100_000)
    losses = []
    found = list(payloads(BytesIO(packed([b"x", b"y" * 200_000, b"z"])), tmp_path, losses))
    assert found == [b"x", b"z"]
    assert [str(loss) for loss in losses] == [f"{tmp_path.name}: left out a record of more than 100,000 bytes"]


def test_a_log_of_nothing_but_damage_is_not_read_to_its_end(tmp_path, monkeypatch):
    monkeypatch.setattr(log_module, "_MOST_LOSSES", 3)
    (tmp_path / "run-x.wandb").write_bytes(packed([b"\xff"] * 10))
    losses = read_log(tmp_path / "run-x.wandb").losses
    assert len(losses) == 4
    assert losses[-1].endswith("the rest was not read")


def test_a_log_of_zeros_is_not_read_to_its_end_and_a_gap_of_zeros_is_passed(tmp_path, monkeypatch):
    monkeypatch.setattr(log_module, "_MOST_ZEROS", 3)
    block = 32 * 1024
    first = packed([b"x"]).ljust(block, b"\0")
    rest = packed([b"z"]).replace(packed([]), b"", 1)
    for blocks, found, lost in ((3, [b"x", b"z"], []), (4, [b"x"], ["the rest was not read, after 131,072 zeros"])):
        losses = []
        log = BytesIO(first + bytes(blocks * block) + rest + bytes(50 * block if lost else 0))
        assert list(payloads(log, tmp_path, losses)) == found
        assert [str(loss) for loss in losses] == [f"{tmp_path.name}: {said}" for said in lost]
        assert log.tell() <= 6 * block
