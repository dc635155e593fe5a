import pytest

from envcfg import load_sweep, sample
from envcfg.analysis.sweep.multiples import MAX_PANELS
from envcfg.analysis.sweep.parameter import MAX_RUNS
from envcfg.core.errors import SourceError
from envcfg.figures.sweep.multiples import multiples
from envcfg.figures.sweep.parameter import parameter
from envcfg.figures.sweep.profiles import performance_profiles
from envcfg.figures.sweep.trajectories import trajectories


@pytest.fixture(scope="module")
def runs():
    return load_sweep(sample("sweep"))


def test_the_values_of_a_few_runs_are_written_into_their_rows(runs):
    written = [annotation.text for annotation in parameter(runs, "game.map_builder.width").layout.annotations]
    assert written.count("18") >= 4


def test_a_group_has_a_symbol_and_a_dash_beside_its_colour(runs):
    medians = [trace for trace in trajectories(runs).data if trace.mode == "lines+markers"]
    assert len({trace.marker.symbol for trace in medians}) == len({trace.line.dash for trace in medians}) == 3


def test_panels_share_their_axes_so_that_they_can_be_compared(runs):
    layout = multiples(runs).layout
    ranges = {tuple(layout[name].range) for name in layout if name.startswith("yaxis")}
    assert len(ranges) == 1


def test_many_runs_are_drawn_in_few_panels_and_rows_and_a_note_says_so(sweep):
    runs = sweep(MAX_RUNS + 10)
    assert f"{MAX_PANELS} of 210 runs are shown" in multiples(runs).layout.title.text
    assert f"{MAX_RUNS} of 210 runs are shown" in parameter(runs).layout.title.text
    assert sum(len(trace.x) for trace in trajectories(runs).data) < 40_000


def test_groups_beyond_the_last_colour_share_one_style(sweep):
    named = [trace.name for trace in trajectories(sweep(9, groups=9)).data if trace.mode == "lines+markers"]
    assert len(named) == 6
    assert named[-1].startswith("other curricula (4)")


def test_a_parameter_that_no_run_has_is_refused_with_those_that_changed(runs):
    with pytest.raises(SourceError, match=r"no run has a parameter wind; these changed: .*map_builder"):
        parameter(runs, "wind")


def test_no_runs_at_all_are_refused():
    with pytest.raises(SourceError, match="no runs to compare"):
        trajectories([])


def test_a_profile_falls_by_one_run_at_each_outcome(runs):
    figure = performance_profiles(runs)
    held = {trace.name: list(trace.y) for trace in figure.data}
    assert held["curriculum=schedule (2)"] == [1.0, 0.5, 0.0, 0.0]
    assert [list(trace.x)[1:-1] == sorted(list(trace.x)[1:-1]) for trace in figure.data] == [True] * 3
    assert "a group of one or two runs says little" in figure.layout.title.text
