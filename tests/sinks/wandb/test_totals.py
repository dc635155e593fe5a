"""The metadata of an artifact equals the counts of a journal's reader."""

from hypothesis import given
from hypothesis import strategies as st

from envcfg import Tracker, load
from envcfg.sinks.wandb.totals import Totals, past_of


class Spy:
    """A sink that keeps totals, like the W&B sink."""

    def opened(self, journal, job):
        self.totals = Totals(past_of(journal.folder, journal.writer))

    def recorded(self, record, config):
        self.totals.record(record)

    def mixed(self, mix):
        self.totals.mix(mix)

    def epoch_ended(self, *, step, epoch):
        pass

    def closed(self, ending):
        pass


def session(folder, epochs, *, is_closed, slots=1, level=0):
    spy = Spy()
    tracker = Tracker(folder, run="r", sinks=(spy,))
    for epoch in epochs:
        for slot in range(slots):
            task = f"t{(epoch + level) // 3}"
            tracker.record({"level": level + epoch // 3}, step=epoch * 10 + slot, epoch=epoch, task=task, slot=slot)
        tracker.end_epoch(step=epoch * 10 + 9, epoch=epoch)
    if is_closed:
        tracker.close()
    else:
        tracker._out.journal.close()
    return spy.totals.metadata("completed")


sessions = st.lists(st.tuples(st.integers(0, 12), st.integers(1, 8), st.booleans(), st.integers(0, 2)), min_size=1)


@given(sessions, st.integers(1, 3))
def test_after_any_resumes_and_rollbacks_the_totals_are_those_of_the_history(tmp_path_factory, starts, slots):
    folder = tmp_path_factory.mktemp("run")
    for first, length, is_closed, level in starts[:4]:
        said = session(folder, range(first, first + length), is_closed=is_closed, slots=slots, level=level)
    history = load(folder)
    assert said["records"] == len(history.adoptions)
    assert said["changes"] == len(history.changes)
    assert said["configs"] == len({adoption.record.config for adoption in history.adoptions})
    assert said["task_counts"] == dict(history.adopted)
    assert (said["first_step"], said["last_step"]) == (history.adoptions[0].record.step, history.last_step)


def test_a_rollback_does_not_count_the_dead_branch(journal):
    session(journal, range(12), is_closed=False)
    said = session(journal, range(6, 9), is_closed=True)
    assert said["task_counts"] == {"t0": 3, "t1": 3, "t2": 3}
    assert (said["records"], said["changes"], said["last_step"]) == (3, 2, 89)
    assert len(load(journal).abandoned) == 2
