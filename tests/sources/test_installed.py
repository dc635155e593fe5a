"""Sources of installed packages are asked after ours. Only a source that fails is left out."""

import sys

import pytest

from envcfg import EnvcfgError, Tracker, load
from envcfg.core.errors import SelectionWarning, SourceError
from envcfg.sources import Series, metric, metric_names
from envcfg.sources.wandb.metric_rows import FILE, packed_rows

CODE = """
import envcfg
from envcfg.sources import Series

class Broken:
    def find(self, where):
        raise RuntimeError("no such shelf")
    def names(self, run):
        raise RuntimeError("no such shelf")
    def series(self, run, name):
        raise RuntimeError("no such shelf")

class Unmade(Broken):
    def __init__(self):
        raise RuntimeError("no licence")

class Wrong:
    def find(self, where):
        return "a run"
    def names(self, run):
        return ["wrong"]
    def series(self, run, name):
        return [1.0]

class Lab:
    def find(self, where):
        if not where.startswith("lab:"):
            return None
        if where != "lab:best":
            raise envcfg.EnvcfgError(f"the lab has no run {where}")
        return envcfg.load(FOLDER)
    def names(self, run):
        return ["reward", "success"]
    def series(self, run, name):
        return Series.of(name, [0, 1], [5.0, 6.0]) if name in self.names(run) else None
"""


@pytest.fixture
def recorded(tmp_path):
    with Tracker(tmp_path / "out/envcfg", run="r") as tracker:
        tracker.record({"a": 1}, step=0)
    return tmp_path / "out"


@pytest.fixture
def installed(tmp_path, monkeypatch, recorded):
    """Creates a distribution with sources of these names. The first name is asked first."""

    def install(*names):
        info = tmp_path / "site/strange-1.0.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: strange\nVersion: 1.0\n")
        entries = "".join(f"{number}-{name} = strange_sources:{name}\n" for number, name in enumerate(names))
        (info / "entry_points.txt").write_text(f"[envcfg.run_sources]\n{entries}[envcfg.metric_sources]\n{entries}")
        (tmp_path / "site/strange_sources.py").write_text(f"FOLDER = {str(recorded)!r}\n{CODE}")
        monkeypatch.syspath_prepend(tmp_path / "site")

    yield install
    sys.modules.pop("strange_sources", None)


def test_a_run_of_an_installed_source_is_loaded(installed):
    installed("Lab")
    assert load("lab:best").run == "r"


def test_the_error_of_an_installed_source_is_shown(installed):
    installed("Lab")
    with pytest.raises(EnvcfgError, match=r"^the lab has no run lab:worst$"):
        load("lab:worst")


def test_a_run_that_no_source_knows_is_reported_as_a_path(installed):
    installed("Lab")
    with pytest.raises(SourceError, match="nowhere: no such folder"):
        load("nowhere")


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        ("Broken", "RuntimeError: no such shelf"),
        ("Unmade", "RuntimeError: no licence"),
        ("Wrong", "TypeError: expected a History or None, got str"),
        ("Lacking", "AttributeError: .*Lacking"),
    ],
)
def test_a_failing_run_source_is_reported_and_only_it_is_left_out(installed, bad, why):
    installed(bad, "Lab")
    with pytest.warns(SelectionWarning, match=f"^the source 0-{bad} was left out: {why}"):
        assert load("lab:best").run == "r"


@pytest.mark.parametrize("bad", ["Broken", "Unmade"])
def test_a_failing_metric_source_is_reported_and_only_it_is_left_out(installed, recorded, bad):
    installed(bad, "Lab")
    with pytest.warns(SelectionWarning, match=f"^the source 0-{bad} was left out: RuntimeError"):
        assert metric(load(recorded), "success").values == (5.0, 6.0)


def test_an_object_that_is_not_a_series_is_reported_and_left_out(installed, recorded):
    installed("Wrong")
    with (
        pytest.warns(SelectionWarning, match="expected a Series or None, got list"),
        pytest.raises(SourceError, match="run r has no metric wrong"),
    ):
        metric(load(recorded), "wrong")


def test_our_own_log_of_a_metric_is_read_first(installed, recorded):
    (recorded / FILE).write_bytes(packed_rows([{"step": step, "reward": 1.0} for step in range(3)]))
    installed("Lab")
    run = load(recorded)
    assert metric(run).values == (1.0, 1.0, 1.0)
    assert metric_names(run) == ("step", "reward", "success")
    with pytest.raises(SourceError, match="has no metric succes; the nearest name is success"):
        metric(run, "succes")


def test_a_series_is_sorted_and_finite():
    made = Series.of("x", [3, "1", 2], ["0.5", float("nan"), 7], epochs=[3, 1, 2])
    assert (made.steps, made.values, made.epochs) == ((2.0, 3.0), (7.0, 0.5), (2, 3))
    with pytest.raises(EnvcfgError, match="x: 2 steps, 1 values and 2 epochs"):
        Series.of("x", [1, 2], [1])
