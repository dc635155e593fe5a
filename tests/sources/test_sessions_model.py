"""Sessions that resume, overlap and run on machines with wrong clocks, against a simple reference."""

from hypothesis import given
from hypothesis import strategies as st

from envcfg import Tracker
from envcfg.sources.journal import from_journal, run_ids

steps = st.tuples(st.integers(1, 30), st.integers(1, 8))
"""The first step, and the number of records."""
skews = st.integers(-100_000, 100_000)
turns = st.lists(st.tuples(steps, skews, st.none() | st.tuples(steps, skews)), max_size=5)
"""Sessions one after the other, of which each may have another one at the same time."""


class Started:
    """A session that is recording, and what it has recorded."""

    def __init__(self, folder, skew, level, before):
        self.tracker = Tracker(folder, run="r", clock=lambda: 1_800_000_000.0 + skew)
        self.level = level
        self.before = before
        self.own = {}

    def record(self, step):
        self.tracker.record({"level": self.level + step}, step=step)
        self.own[step] = self.level + step

    @property
    def history(self):
        """What the run of this session has in force at each step."""
        start = min(self.own)
        return {step: level for step, level in self.before.items() if step < start} | self.own


def run_turn(folder, turn, number, before):
    """One turn; returns the histories that it leaves, the first session's first."""
    (first, skew, other) = turn
    plans = [(first, skew), *([other] if other else [])]
    started = [Started(folder, skew, 1_000 * (2 * number + at), before) for at, (_, skew) in enumerate(plans)]
    for at in range(max(count for (_, count), _ in plans)):
        for session, ((start, count), _) in zip(started, plans, strict=True):
            if at < count:
                session.record(start + at)
    for session in reversed(started):  # so that the first one is the last that writes
        session.tracker.close("interrupted")
    return [session.history for session in started]


@given(turns)
def test_each_run_has_what_its_own_sessions_recorded_and_nothing_of_the_others(tmp_path_factory, plan):
    folder = tmp_path_factory.mktemp("journal")
    (main,) = run_turn(folder, ((0, 1), 0, None), 0, {})
    branches = []
    for number, turn in enumerate(plan, start=1):
        left = run_turn(folder, turn, number, main)
        if turn[2] is None:
            main = left[0]
        else:
            branches.append(left[0])
            main = left[1]
    found = [from_journal(folder, run=run) for run in run_ids(folder)]
    expected = [*branches, main]
    assert sorted(map(in_force, found), key=repr) == sorted(map(sorted, map(dict.items, expected)), key=repr)


def in_force(history):
    return sorted((a.record.step, history.config(a.record.config)["level"]) for a in history.adoptions)
