"""The contract tests of run sources and metric sources."""

from math import isfinite
from pathlib import Path

import pytest

from envcfg.history.history import History
from envcfg.sources.load import load
from envcfg.sources.ports import MetricSource, RunSource
from envcfg.sources.series import Series
from envcfg.tracking.tracker import Tracker


class RunSourceContract:
    """Tests a run source. Derive a class named `Test...`, override `source` and `where`, and run pytest."""

    def source(self) -> RunSource:
        """Return a new source."""
        raise NotImplementedError("override `source`, and return a new source")

    def where(self, tmp_path: Path) -> str:
        """Create a run of this source, in *tmp_path* if it has files, and return the text that a user types for it."""
        raise NotImplementedError("override `where`: create a run, and return the text that a user types for it")

    def test_it_finds_its_run(self, tmp_path: Path) -> None:
        found = self.source().find(self.where(tmp_path))
        assert isinstance(found, History), f"find returned {found!r}: expected a History"
        assert found.adoptions, "the run has no adoptions: create a run in which a config was recorded"

    def test_it_finds_the_same_run_twice(self, tmp_path: Path) -> None:
        source, where = self.source(), self.where(tmp_path)
        one, other = source.find(where), source.find(where)
        assert one is not None
        assert other is not None
        assert one.run == other.run
        assert len(one.adoptions) == len(other.adoptions)

    @pytest.mark.parametrize("where", ["./no/such/folder", "no-scheme-of-anybody:x", "~nobody/x"])
    def test_it_returns_none_for_a_foreign_address(self, where: str) -> None:
        assert self.source().find(where) is None


class MetricSourceContract:
    """Tests a metric source. Derive a class named `Test...`, override `source` and `run`, and run pytest."""

    def source(self) -> MetricSource:
        """Return a new source."""
        raise NotImplementedError("override `source`, and return a new source")

    def run(self, tmp_path: Path) -> History:
        """Create a run with metrics in *tmp_path*. `self.recorded(folder)` creates a run without them."""
        raise NotImplementedError("override `run`: create a run with metrics, and return its History")

    def recorded(self, folder: Path) -> History:
        """Record a small run in *folder*. Its journal is `folder / "envcfg"`."""
        with Tracker(folder / "envcfg", run="r", strict=True) as tracker:
            for step in range(0, 30, 10):
                tracker.record({"size": step}, step=step)
        return load(folder)

    def test_each_named_metric_exists(self, tmp_path: Path) -> None:
        source, run = self.source(), self.run(tmp_path)
        names = list(source.names(run))
        assert names, "the run has no metrics: create a run with metrics"
        assert len(names) == len(set(names)), f"names returned a name twice: {names}"
        for name in names:
            found = source.series(run, name)
            assert isinstance(found, Series), f"series returned {found!r} for {name}: expected a Series"
            assert found.name == name

    def test_its_series_are_finite_numbers_in_order_of_step(self, tmp_path: Path) -> None:
        source, run = self.source(), self.run(tmp_path)
        for name in source.names(run):
            found = source.series(run, name)
            assert found is not None
            assert len(found.steps) == len(found.values) == len(found.epochs) > 0
            assert list(found.steps) == sorted(found.steps), f"{name}: the steps decrease; Series.of sorts them"
            assert all(map(isfinite, found.values)), f"{name}: a value is not finite; Series.of leaves it out"

    def test_it_returns_none_for_a_missing_metric(self, tmp_path: Path) -> None:
        assert self.source().series(self.run(tmp_path), "no such metric") is None

    def test_it_names_no_metrics_for_an_unknown_run(self, tmp_path: Path) -> None:
        run = self.recorded(tmp_path / "without")
        assert list(self.source().names(run)) == []
        assert self.source().series(run, "reward") is None
