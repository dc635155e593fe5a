"""The sink for Trackio, with the real library and its database."""

import os
import subprocess
import sys

import pytest

from envcfg.testing import SinkContract

pytestmark = pytest.mark.needs("trackio")
pytest.importorskip("trackio")

PROGRAM = """
import trackio
from envcfg import Tracker
from envcfg.sinks import TrackioSink
from trackio.sqlite_storage import SQLiteStorage

run = trackio.init("p", "mine", embed=False, auto_log_gpu=False, auto_log_cpu=False)
with Tracker("envcfg", run="r", sinks=[TrackioSink()], strict=True) as tracker:
    for epoch in range(4):
        tracker.record({"max_steps": 100 + epoch // 2}, step=10 * epoch, epoch=epoch)
        tracker.end_epoch(step=10 * epoch + 9, epoch=epoch)
        trackio.log({"reward": epoch / 10})
trackio.finish()
mine = SQLiteStorage.get_logs("p", "mine")
assert [(row["step"], row["reward"]) for row in mine] == [(0, 0.0), (1, 0.1), (2, 0.2), (3, 0.3)], mine
assert not any("env" in name for row in mine for name in row), mine
ours = SQLiteStorage.get_logs("p", "r-envcfg")
points = [(row["step"], row["env/max_steps"]) for row in ours if "env/max_steps" in row]
assert points == [(9, 100.0), (19, 100.0), (29, 101.0), (39, 101.0)], ours
assert any("env_config/changes" in row for row in ours)
"""


class TestTrackioSink(SinkContract):
    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path_factory, monkeypatch):
        from trackio import sqlite_storage, utils

        for module in (sqlite_storage, utils):
            monkeypatch.setattr(module, "TRACKIO_DIR", tmp_path_factory.mktemp("trackio"))

    def sink(self, tmp_path):
        from envcfg.sinks import TrackioSink

        return TrackioSink()


def test_the_run_of_a_program_keeps_its_rows_and_ours_is_beside_it(tmp_path):
    env = {**os.environ, "TRACKIO_DIR": str(tmp_path / "trackio")}
    command = [sys.executable, "-c", PROGRAM]
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "r-envcfg" not in done.stdout
