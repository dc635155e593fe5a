import pytest
from hypothesis import given
from hypothesis import strategies as st

from envcfg import Tracker, load
from envcfg.analysis.axis import axis
from envcfg.core.errors import SourceError


def test_a_recorded_step_stands_at_its_own_epoch_and_one_between_two_in_between(staged):
    over_epochs = axis(load(staged), "epoch")
    assert over_epochs.at(0) == 0
    assert over_epochs.at(400) == 4
    assert 0 < over_epochs.at(200) < 4


def test_time_is_in_milliseconds_and_only_goes_forward(staged):
    history = load(staged)
    over_time = axis(history, "time")
    assert over_time.at(0) == history.adoptions[0].record.time * 1000
    places = [over_time.at(step) for step in range(0, 1200, 50)]
    assert places == sorted(places)


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 9)), min_size=1, max_size=20), st.integers(0, 60))
def test_no_axis_ever_goes_back(tmp_path_factory, moments, step):
    folder = tmp_path_factory.mktemp("journal")
    with Tracker(folder) as tracker:
        for index, (at, epoch) in enumerate(moments):
            tracker.record({"level": index}, step=at, epoch=epoch)
    over_epochs = axis(load(folder), "epoch")
    assert over_epochs.at(step) <= over_epochs.at(step + 1)


def test_an_axis_that_was_not_recorded_is_refused(journal):
    with Tracker(journal, run="r") as tracker:
        tracker.record({"a": 1}, step=0)
    with pytest.raises(SourceError, match="run r recorded no epoch: use step instead"):
        axis(load(journal), "epoch")
    with pytest.raises(SourceError, match="x='hour' is not one of step, epoch, time"):
        axis(load(journal), "hour")
