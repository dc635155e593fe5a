"""The file of metric rows may come from anybody: it is read within limits."""

import gzip
import os

import pytest

from envcfg.core.errors import SourceError
from envcfg.sources.wandb import metric_rows
from envcfg.sources.wandb.metric_rows import FILE, packed_rows, read_rows


def test_rows_come_back_as_they_were(tmp_path):
    rows = [{"_step": step, "reward": step / 2} for step in range(100)]
    (tmp_path / FILE).write_bytes(packed_rows(rows))
    assert read_rows(tmp_path / FILE) == rows


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pipes in a folder")
@pytest.mark.timeout(60)  # without a limit, it would wait for ever
def test_a_pipe_is_refused(tmp_path):
    os.mkfifo(tmp_path / FILE)
    with pytest.raises(SourceError, match="no regular file"):
        read_rows(tmp_path / FILE)


def test_a_row_that_unpacks_to_gigabytes_is_refused_after_its_first_megabyte(tmp_path):
    with gzip.open(tmp_path / FILE, "wb", compresslevel=1) as file:
        for _ in range(64):
            file.write(bytes(1 << 20))
    with pytest.raises(SourceError, match="a row has more than 1,048,576 bytes"):
        read_rows(tmp_path / FILE)


def test_too_many_rows_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(metric_rows, "MOST_ROWS", 10)
    (tmp_path / FILE).write_bytes(packed_rows([{}] * 11))
    with pytest.raises(SourceError, match="more than 10 rows"):
        read_rows(tmp_path / FILE)
