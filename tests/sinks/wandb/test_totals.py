"""The metadata of an artifact equals the counts of a journal's reader."""

from itertools import count, pairwise

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

    def requested(self, request):
        self.totals.requested(request)

    def missed(self, ineffective_keys):
        pass

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


decisions = st.lists(
    st.tuples(st.sampled_from(["batch", "all", "one", "key", "none"]), st.integers(0, 3), st.booleans()), max_size=12
)


@given(decisions, st.booleans())
def test_one_decision_is_one_change_however_many_configs_it_gives(tmp_path_factory, moves, is_resumed):
    folder, held = tmp_path_factory.mktemp("run"), {slot: {"level": 0, "size": slot} for slot in range(4)}
    spy, starts, ticks = Spy(), [0, *([len(moves) // 2] if is_resumed else [])], count(1_764_000_000_000)
    for start, stop in pairwise([*starts, len(moves) + 1]):
        spy = Spy()
        with Tracker(folder, run="r", sinks=(spy,), clock=lambda: next(ticks) // 3 / 1000) as tracker:
            for slot in held if start == 0 else ():
                tracker.record(held[slot], step=0, slot=slot)
            for move in range(start, min(stop, len(moves))):
                decide(tracker, held, 10 * (move + 1), moves[move])
    history = load(folder)
    assert spy.totals.summary("completed")["changes"] == len(history.changes)


def decide(tracker, held, step, move):
    """One decision of a kind, and its adoption by all slots that it concerns, or by some of them."""
    kind, value, is_partial = move
    slots = {"one": [value], "none": [0, 1]}.get(kind, list(held))
    new = {slot: held[slot] | {"level": 100 * step + (slot if kind == "batch" else 0)} for slot in slots}
    if kind == "batch":
        for slot in slots:
            tracker.request(new[slot], step=step, slot=slot)
    elif kind != "none":
        asked = {"level": 100 * step} if kind == "key" else new[slots[0]]
        tracker.request(asked, step=step, slot=None if kind in ("all", "key") else slots)
        new = {slot: (held[slot] if kind == "key" else {}) | asked for slot in slots}
    for slot in slots[:2] if is_partial else slots:
        held[slot] = new[slot]
        tracker.record(held[slot], step=step + slot, slot=slot)


def test_a_request_for_one_key_is_one_change_of_slots_that_differ(journal):
    spy = Spy()
    with Tracker(journal, run="r", sinks=(spy,)) as tracker:
        for slot in range(64):
            tracker.record({"gravity": 9.8, "level": slot}, step=slot, slot=slot)
        tracker.request({"gravity": 20.0}, step=100)
        for slot in range(64):
            tracker.record({"gravity": 20.0, "level": slot}, step=101 + slot, slot=slot)
    (change,) = load(journal).changes
    assert (len(change.places), len(change.variants)) == (64, 64)
    assert spy.totals.summary("completed")["changes"] == 1


def test_a_decision_that_workers_adopt_later_is_one_change(journal):
    spy = Spy()
    with Tracker(journal, run="r", sinks=(spy,)) as tracker:
        workers = [tracker.shard(number) for number in (1, 2)]
        for slot, worker in enumerate(workers):
            worker.record({"level": 0}, step=slot, slot=slot)
        tracker.request({"level": 1}, step=10)
        for slot, worker in enumerate(workers):
            worker.record({"level": 1}, step=20 + slot, slot=slot)
        tracker.end_epoch(step=30, epoch=0)
        for worker in workers:
            worker.close()
    assert len(load(journal).changes) == 1
    assert spy.totals.summary("completed")["changes"] == 1


def test_a_rollback_does_not_count_the_dead_branch(journal):
    session(journal, range(12), is_closed=False)
    said = session(journal, range(6, 9), is_closed=True)
    assert said["task_counts"] == {"t0": 3, "t1": 3, "t2": 3}
    assert (said["records"], said["changes"], said["last_step"]) == (3, 2, 89)
    assert len(load(journal).abandoned) == 2
