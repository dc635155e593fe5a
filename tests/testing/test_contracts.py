"""Our own sinks and sources pass the contract tests. A bad sink does not."""

import shutil

import pytest

from envcfg import Tracker, sample
from envcfg.sinks import BaseSink, wandb_sinks
from envcfg.sources.folders import FolderSource
from envcfg.sources.legacy_json import FILE, LegacyJsonSource
from envcfg.sources.logged import LoggedMetrics
from envcfg.sources.wandb.metric_rows import FILE as ROWS
from envcfg.sources.wandb.metric_rows import packed_rows
from envcfg.testing import MetricSourceContract, RunSourceContract, SinkContract


class TestBaseSink(SinkContract):
    def sink(self, tmp_path):
        return BaseSink()


class TestWandbSink(SinkContract):
    def sink(self, tmp_path):
        (sink,) = wandb_sinks()
        return sink


class TestFolderSource(RunSourceContract):
    def source(self):
        return FolderSource()

    def where(self, tmp_path):
        with Tracker(tmp_path / "envcfg", run="r") as tracker:
            tracker.record({"a": 1}, step=0)
        return str(tmp_path)


class TestOfflineWandb(RunSourceContract):
    def source(self):
        return FolderSource()

    def where(self, tmp_path):
        shutil.copytree(sample(), tmp_path / "run")
        return str(tmp_path / "run")


class TestLegacyJsonSource(RunSourceContract):
    def source(self):
        return LegacyJsonSource()

    def where(self, tmp_path):
        (tmp_path / FILE).write_text('{"history": [{"config": {"a": 1}, "agent_step": 5}]}')
        return str(tmp_path)


class TestLoggedMetrics(MetricSourceContract):
    def source(self):
        return LoggedMetrics()

    def run(self, tmp_path):
        (tmp_path / ROWS).write_bytes(packed_rows([{"step": step, "reward": step / 2} for step in range(3)]))
        return self.recorded(tmp_path)


class Meddler(BaseSink):
    def opened(self, journal, job):
        (journal.folder / "mine.txt").write_text("")


class Faulty(BaseSink):
    def mixed(self, mix):
        raise ValueError("no")


@pytest.mark.parametrize(
    ("bad", "test"),
    [
        (Meddler, SinkContract.test_it_does_not_change_the_journal),
        (Faulty, SinkContract.test_it_survives_a_whole_run),
    ],
)
def test_a_bad_sink_fails(bad, test, tmp_path):
    class Contract(SinkContract):
        def sink(self, tmp_path):
            return bad()

    with pytest.raises((AssertionError, ValueError)):
        test(Contract(), tmp_path)
