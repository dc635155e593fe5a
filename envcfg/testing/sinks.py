"""The contract tests of sinks."""

import inspect
import threading
from pathlib import Path

from envcfg.history.history import History
from envcfg.sinks.base import BaseSink
from envcfg.sources.load import load
from envcfg.tracking.sink import Sink
from envcfg.tracking.tracker import Tracker


class SinkContract:
    """Tests a sink. Derive a class named `Test...`, override `sink`, and run pytest."""

    def sink(self, tmp_path: Path) -> Sink:
        """Return a new sink. If it writes files, they belong into *tmp_path*."""
        raise NotImplementedError("override `sink`, and return a new sink")

    def test_it_has_every_method_of_a_sink(self, tmp_path: Path) -> None:
        sink = self.sink(tmp_path)
        for name, method in inspect.getmembers(BaseSink, inspect.isfunction):
            expected = list(inspect.signature(method).parameters)[1:]
            found = list(inspect.signature(getattr(sink, name)).parameters)
            assert found == expected, f"{name} takes {found}: expected {expected}"

    def test_it_survives_a_whole_run(self, tmp_path: Path) -> None:
        history = _recorded(tmp_path / "out", self.sink(tmp_path))
        assert (history.status, len(history.adoptions)) == ("completed", 6)

    def test_it_does_not_change_the_journal(self, tmp_path: Path) -> None:
        with_it, without = _recorded(tmp_path / "out", self.sink(tmp_path)), _recorded(tmp_path / "other")
        assert [adoption.record.config for adoption in with_it.adoptions] == [
            adoption.record.config for adoption in without.adoptions
        ]
        assert not with_it.losses
        known = {path.name for path in (tmp_path / "other" / "envcfg").iterdir()}
        found = {path.name for path in (tmp_path / "out" / "envcfg").iterdir()}
        assert found == known, f"it wrote {found - known} into the journal's folder: write outside of that folder"

    def test_it_survives_a_run_in_which_nothing_happens(self, tmp_path: Path) -> None:
        with Tracker(tmp_path / "out" / "envcfg", run="r", sinks=(self.sink(tmp_path),), strict=True):
            pass

    def test_it_survives_an_epoch_that_ends_twice(self, tmp_path: Path) -> None:
        with Tracker(tmp_path / "out" / "envcfg", run="r", sinks=(self.sink(tmp_path),), strict=True) as tracker:
            tracker.end_epoch(step=1, epoch=0)
            tracker.end_epoch(step=1, epoch=0)

    def test_it_leaves_no_thread_that_keeps_the_program_alive(self, tmp_path: Path) -> None:
        before = set(threading.enumerate())
        _recorded(tmp_path / "out", self.sink(tmp_path))
        left = [thread.name for thread in set(threading.enumerate()) - before if not thread.daemon]
        assert not left, f"it left threads that are not daemons: {left}"


def _recorded(folder: Path, *sinks: Sink) -> History:
    """A run that calls every method of its sinks."""
    with Tracker(folder / "envcfg", run="r", sinks=sinks, strict=True, curriculum="staged") as tracker:
        for epoch in range(3):
            for slot in range(2):
                config = {"size": epoch, "walls": None, "rewards": {"ore": 0.1 * epoch}, "name": "x", "on": True}
                tracker.record(config, step=10 * epoch + slot, epoch=epoch, slot=slot, task=f"level/{epoch}")
            tracker.request({"size": epoch + 1}, step=10 * epoch + 5)
            tracker.mix({"level/0": 0.25, "level/1": 0.75}, step=10 * epoch + 9, epoch=epoch)
            tracker.end_epoch(step=10 * epoch + 9, epoch=epoch, rewards={"level/0": [0.5, 1.0]})
    return load(folder)
