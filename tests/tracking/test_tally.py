import math
import sys
import threading
import time
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envcfg import Tracker, load
from envcfg.core.record import Writer
from envcfg.journal.segment import SegmentWriter
from envcfg.tracking.dispatcher import Dispatcher
from envcfg.tracking.progress import Progress
from envcfg.tracking.tally import UNCOUNTED, Tally, distance
from envcfg.tracking.timing import clock_of

weights = st.dictionaries(st.sampled_from("abcdef"), st.floats(0, 1), max_size=6)


def taken(tally, stated, *, is_last=False):
    tally.state(stated)
    return tally.take(step=0, epoch=0, time=0.0, is_last=is_last)


@given(weights, weights)
def test_distance_is_a_symmetric_share(one, other):
    assert 0 <= distance(one, other) <= 1 + 1e-9
    assert math.isclose(distance(one, other), distance(other, one), abs_tol=1e-12)
    assert distance(one, one) == 0


def test_distance_of_probabilities_is_their_total_variation():
    assert math.isclose(distance({"a": 0.5, "b": 0.5}, {"a": 0.2, "b": 0.3, "c": 0.5}), 0.5)


@given(st.lists(weights, min_size=1, max_size=30))
def test_the_written_probabilities_are_always_within_the_tolerance_of_the_stated_ones(run):
    tally, written = Tally(tolerance=0.1), None
    for stated in run:
        mix = taken(tally, stated)
        written = written if mix is None else mix.stated
        assert distance(stated, written) < 0.1 or stated == written
    last = taken(tally, run[-1], is_last=True)
    assert (written if last is None else last.stated) == run[-1]


def test_a_slow_drift_is_written_whenever_it_reaches_the_tolerance():
    tally = Tally()
    mixes = [taken(tally, {"a": 0.5 + epoch / 1000, "b": 0.5 - epoch / 1000}) for epoch in range(101)]
    assert sum(mix is not None for mix in mixes) in (10, 11)  # 0.1 in steps of 0.01


def test_no_curriculum_writes_more_than_eight_times_double_every_numbers():
    tally, numbers = Tally(double_every=100), 0
    for epoch in range(5_000):
        mix = taken(tally, {f"t{task}": float(task == epoch % 20) for task in range(20)})
        numbers += 0 if mix is None else len(mix.stated)
    assert 600 < numbers <= 800


@pytest.mark.slow
def test_small_movements_over_2000_tasks_are_written_at_the_start_and_at_the_end(journal):
    with Tracker(journal, run="r") as tracker:
        for epoch in range(200):
            noise = [1 + 0.01 * math.sin(epoch * task) for task in range(2000)]
            stated = {f"t{task}": value / sum(noise) for task, value in enumerate(noise)}
            tracker.mix(stated, step=epoch, epoch=epoch)
            tracker.end_epoch(step=epoch, epoch=epoch)
    mixes = [mix.stated for mix in load(journal).mixes if mix.stated is not None]
    assert len(mixes) == 2
    assert mixes[-1] == stated


def progress_of(folder):
    """The progress of a run without workers and requests."""
    journal = SegmentWriter(folder, Writer("r", "0" * 12))
    out = Dispatcher(journal, (), time.time, strict=True)
    progress = Progress(out, clock_of(out, has_past=False), lambda: None)
    progress.may_defer = True
    progress.set(0, None)
    return progress


def test_threads_lose_no_adoption_and_count_none_twice(tmp_path):
    """Threads adopt while another thread takes the counts, thousands of times in a second."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    progress, counts, times = progress_of(tmp_path), Counter(), 30_000
    tally = progress.tally

    def adopt(slot, task):
        for step in range(times):
            assert progress.count_unchanged(slot, step, None, task)

    try:
        threads = [threading.Thread(target=adopt, args=each) for each in enumerate(("a", "a", "b", None))]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            mix = tally.take(step=0, epoch=0, time=0.0)
            counts.update({} if mix is None else mix.adopted)
        mix = tally.take(step=0, epoch=0, time=0.0)
        counts.update({} if mix is None else mix.adopted)
    finally:
        sys.setswitchinterval(before)
    assert counts == {"a": 2 * times, "b": times, "": times}


def test_uncounted_adoptions_take_no_memory(tmp_path):
    progress = progress_of(tmp_path)
    for step in range(20_000):
        assert progress.count_unchanged(0, step, None, "a")
    assert len(progress.tally.uncounted) < UNCOUNTED
    assert dict(progress.tally.take(step=0, epoch=0, time=0.0).adopted) == {"a": 20_000}


def test_returns_whose_squares_are_too_large_keep_their_number_and_mean(journal):
    with Tracker(journal, run="r") as tracker:
        tracker.record({"level": 1}, step=1, epoch=0)
        tracker.end_epoch(step=1, epoch=0, rewards={"a": [1e308, -1e308], "b": [1.7e308, 1.7e308]})
    (mix,) = load(journal).mixes
    assert (mix.rewards["a"].episodes, mix.rewards["a"].mean, mix.rewards["a"].squares) == (2, 0.0, None)
    assert (mix.rewards["b"].episodes, mix.rewards["b"].mean) == (2, 1.7e308)
