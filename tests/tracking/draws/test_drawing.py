"""A randomised environment is recorded as distributions, which equal an independent book of every draw."""

import os
import subprocess
import sys
import textwrap

import numpy as np
import pytest
import torch

import envcfg
from envcfg import Cause, Choice, LogUniform, Normal, Redaction, Tracker, Uniform, load
from envcfg.core.distribution import pooled
from envcfg.core.errors import ConfigError

SLOTS = 300
NAMES = ("friction", "mass")


class World:
    """Slots whose parameters are drawn anew at each reset, with a book of every draw."""

    def __init__(self, slots=SLOTS, seed=0):
        self.rng, self.slots = np.random.default_rng(seed), slots
        self.columns = {name: np.zeros(slots, np.float32) for name in NAMES}
        self.book = {name: [] for name in NAMES}

    def reset(self, mask):
        for name, column in self.columns.items():
            column[mask] = self.rng.uniform(0.5, 1.5, int(mask.sum()))
            self.book[name] += column[mask].tolist()

    def run(self, tracker, *, epochs=3, calls=4, **given):
        for call in range(epochs * calls):
            mask = np.full(self.slots, call == 0) | (self.rng.random(self.slots) < 0.1)
            self.reset(mask)
            tracker.record_slots(self.columns, step=call * self.slots, epoch=call // calls, resets=mask, **given)
        tracker.end_epoch(step=epochs * calls * self.slots)


def drawn(folder, name="friction"):
    return pooled(line.drawn[f"/{name}"] for line in load(folder).drawn)


def is_of(found, book):
    every = np.array(book)
    ranks = [abs((every <= found.quantile(p) * (1 + 1e-4)).mean() - p) for p in (0.1, 0.25, 0.5, 0.75, 0.9)]
    return (
        found.count == len(every)
        and found.mean == pytest.approx(every.mean())
        and found.sd == pytest.approx(every.std())
        and [np.float32(found.low), np.float32(found.high)] == [every.min(), every.max()]
        and max(ranks) <= found.resolution + 1 / len(every)
    )


def test_draws_of_many_slots_are_a_distribution_and_no_changes(journal, capsys):
    world = World()
    with Tracker(journal, strict=True) as tracker:
        world.run(tracker)
    history = load(journal)
    assert len(history.adoptions) == 1
    assert history.at("last") == {name: {"draw": "unstated"} for name in NAMES}
    assert [(line.epoch, line.slots) for line in history.drawn] == [(0, SLOTS), (1, SLOTS), (2, SLOTS)]
    assert all(is_of(drawn(journal, name), world.book[name]) for name in NAMES)
    assert capsys.readouterr().err.count("friction, mass are drawn anew at each reset") == 1


def test_draws_of_few_slots_are_recognised_later_and_the_earlier_ones_are_in_the_summary(journal):
    world = World(slots=20)
    with Tracker(journal, strict=True) as tracker:
        world.run(tracker, epochs=20, calls=20)
    history = load(journal)
    assert 200 < len(history.adoptions) < 500
    assert is_of(drawn(journal), world.book["friction"])
    assert history.at("last") == {name: {"draw": "unstated"} for name in NAMES}
    assert len(history.in_force("last").places) == 20


def test_without_draws_each_value_is_recorded(journal):
    world = World()
    with Tracker(journal, strict=True) as tracker:
        world.run(tracker, draws=False)
    history = load(journal)
    assert history.drawn == ()
    assert sorted(history.configs[a.record.config]["friction"] for a in history.adoptions) == sorted(
        world.book["friction"]
    )


@pytest.mark.parametrize(
    "values",
    [
        np.zeros(SLOTS),
        np.linspace(0, 1, SLOTS),
        np.arange(SLOTS) % 7,
        np.random.default_rng(0).random((SLOTS, 100)),
    ],
    ids=["constant", "spread", "few values", "level"],
)
def test_what_is_not_drawn_anew_is_recorded_for_each_slot(journal, values):
    with Tracker(journal, strict=True) as tracker:
        for call in range(3):
            tracker.record_slots({"it": values}, step=call, epoch=call)
    assert load(journal).drawn == ()
    assert len(load(journal).adoptions) == SLOTS


def test_values_that_belong_to_named_tasks_are_no_draws(journal):
    rng = np.random.default_rng(0)
    with Tracker(journal, strict=True) as tracker:
        for step in range(1200):
            level = int(rng.integers(0, 600))
            tracker.record({"gravity": level / 7}, step=step, slot=step % 8, task=f"level {level}")
    assert load(journal).drawn == ()


def test_a_schedule_is_no_draw(journal):
    with Tracker(journal, strict=True) as tracker:
        for step in range(1200):
            tracker.record({"gravity": 9.81 + step / 1000}, step=step)
    assert load(journal).drawn == ()


def test_a_parameter_that_is_not_drawn_keeps_its_changes(journal):
    world = World()
    level = np.zeros(SLOTS, int)
    with Tracker(journal, strict=True) as tracker:
        for call in range(4):
            world.reset(np.ones(SLOTS, bool))
            level[:] = call // 2
            tracker.record_slots({**world.columns, "level": level}, base={"gravity": 9.81}, step=call, epoch=call)
    history = load(journal)
    assert is_of(drawn(journal), world.book["friction"])
    assert [
        history.configs[config]["level"] for config in dict.fromkeys(a.record.config for a in history.adoptions)
    ] == [0, 1]
    assert history.at("last")["gravity"] == 9.81
    assert history.at("last")["mass"] == {"draw": "unstated"}


def test_without_resets_only_the_rows_that_changed_are_draws(journal):
    world = World()
    world.reset(np.ones(SLOTS, bool))
    with Tracker(journal, strict=True) as tracker:
        tracker.record_slots(world.columns, step=0, epoch=0)
        tracker.record_slots(world.columns, step=1, epoch=0)
        world.reset(np.arange(SLOTS) < 7)
        tracker.record_slots(world.columns, step=2, epoch=0)
    assert drawn(journal).count == SLOTS + 7


def test_a_config_of_one_slot_is_recorded_as_its_distribution_too(journal):
    rng, book = np.random.default_rng(0), []
    with Tracker(journal, strict=True) as tracker:
        for step in range(1500):
            book.append(float(rng.uniform(0.5, 1.5)))
            config = {"physics": {"friction": book[-1]}, "max_steps": 100}
            tracker.record(config, step=step, epoch=step // 100, slot=step % 8, task="it")
    history = load(journal)
    found = pooled(line.drawn["/physics/friction"] for line in history.drawn)
    assert (found.count, found.low, found.high) == (1500, min(book), max(book))
    assert found.mean == pytest.approx(np.mean(book))
    assert history.at("last") == {"physics": {"friction": {"draw": "unstated"}}, "max_steps": 100}
    assert len(history.adoptions) < 300


def test_a_stated_range_is_a_change_with_its_cause(journal):
    world = World()
    why = Cause("curriculum", metric="success", value=0.85, threshold=0.8)
    with Tracker(journal, strict=True) as tracker:
        tracker.state_draws({"friction": Uniform(0.9, 1.1), "mass": Normal(1.0, 0.1)}, step=0, epoch=0)
        world.run(tracker)
        tracker.state_draws({"friction": Uniform(0.5, 1.5)}, step=9_000, epoch=3, cause=why)
    history = load(journal)
    first, second = history.adoptions
    assert history.configs[first.record.config]["mass"] == {"draw": "normal", "mean": 1.0, "sd": 0.1}
    assert [(edit.path, edit.before, edit.after) for edit in history.diff("first", "last")] == [
        (("friction", "high"), 1.1, 1.5),
        (("friction", "low"), 0.9, 0.5),
    ]
    assert (second.record.step, second.record.cause) == (9_000, why)


def test_each_slot_of_a_mixed_environment_adopts_a_statement_with_its_cause(journal):
    why = Cause("schedule", note="wider")
    world, level = World(), np.zeros(SLOTS, int)
    with Tracker(journal, strict=True) as tracker:
        for call in range(3):
            world.reset(np.ones(SLOTS, bool))
            if call == 1:
                tracker.state_draws({"friction": Uniform(0.5, 1.5)}, step=50, epoch=0, cause=why)
            tracker.record_slots({**world.columns, "level": level}, step=call * 100, epoch=0)
    late = [adoption.record for adoption in load(journal).adoptions if adoption.record.step == 100]
    assert len(late) == SLOTS
    assert {(record.cause, record.requested_at) for record in late} == {(why, 50)}


def test_what_was_stated_and_never_drawn_is_recorded(journal):
    with Tracker(journal, strict=True) as tracker:
        tracker.state_draws({"physics": {"friction": LogUniform(0.1, 10)}}, step=0)
    assert load(journal).at("last") == {"physics": {"friction": {"draw": "log_uniform", "low": 0.1, "high": 10}}}


@pytest.mark.parametrize(
    "wrong", [(0.5, 1.5), [Uniform(0, 1)], "uniform", 1.0], ids=["a pair", "a list", "a name", "a number"]
)
def test_another_statement_is_refused_with_what_to_write(journal, wrong):
    with Tracker(journal, strict=True) as tracker:
        with pytest.raises(ConfigError, match=r"friction=.*Uniform"):
            tracker.state_draws({"friction": wrong}, step=0)
        tracker._out.guard.causes.clear()


@pytest.mark.parametrize(
    "make",
    [
        lambda: Uniform(2, 1),
        lambda: LogUniform(0, 1),
        lambda: Normal(0, -1),
        lambda: Choice([]),
        lambda: Choice([1, 2], [1]),
    ],
)
def test_no_distribution_is_refused(make):
    with pytest.raises(ConfigError, match="no distribution"):
        make()


def test_declared_draws_need_no_recognition_and_have_a_branch(journal):
    with Tracker(journal, strict=True) as tracker:
        for branch, values in (("new", [1.0, 2.0, 2.0]), ("replay", [5.0, 5.0, 5.0])):
            columns = {"wind": torch.tensor(values), "push": torch.tensor([[1, 2], [3, 4], [5, 6]])}
            tracker.record_draws(columns, step=3, epoch=0, resets=torch.tensor([1, 2]), branch=branch)
    lines = load(journal).drawn
    assert [(line.branch, line.resets, line.slots) for line in lines] == [("new", 2, 3), ("replay", 2, 3)]
    assert [line.drawn["/wind"].values for line in lines] == [(2.0,), (5.0,)]
    assert lines[0].drawn["/push/1"].values == (4, 6)


def test_a_tensor_of_bfloat16_is_read(journal):
    with Tracker(journal, strict=True) as tracker:
        tracker.record_draws({"wind": torch.tensor([1.5, 2.5], dtype=torch.bfloat16)}, step=0)
    assert load(journal).drawn[0].drawn["/wind"].values == (1.5, 2.5)


def test_the_task_of_each_slot_may_be_a_function_of_its_config(journal):
    columns = {"wind": np.array([1.0, 2.0, 9.0])}
    with Tracker(journal, strict=True) as tracker:
        tracker.record_draws(columns, base={"kind": "sea"}, step=0, task=lambda c: f"{c['kind']} {c['wind'] > 5}")
    history = load(journal)
    assert {line.task: line.resets for line in history.drawn} == {"sea False": 2, "sea True": 1}
    assert history.adopted == {"sea False": 2, "sea True": 1}


@pytest.mark.parametrize("name", ["password", "site"])
def test_a_parameter_that_redaction_hides_is_in_no_summary(journal, name):
    with Tracker(journal, strict=True, redaction=Redaction(deny=("site",))) as tracker:
        tracker.record_draws({name: np.arange(9.0), "wind": np.arange(9.0)}, step=0)
    assert [*load(journal).drawn[0].drawn] == ["/wind"]


def test_the_sample_is_a_bounded_part_of_the_draws_with_their_steps(journal):
    world = World(slots=1000)
    with Tracker(journal, strict=True) as tracker:
        world.run(tracker, epochs=20)
    lines = load(journal).drawn
    level = max(line.sample.level for line in lines)
    kept = [
        (step, value)
        for line in lines
        for at, step, value in zip(
            line.sample.levels, line.sample.steps, line.sample.values.get("/mass", ()), strict=True
        )
        if at >= level
    ]
    assert 200 < len(kept) <= 512
    assert {np.float32(value) for _, value in kept} <= {np.float32(value) for value in world.book["mass"]}
    assert all(0 <= step < 20 * 4 * 1000 for step, _ in kept)


def test_the_random_numbers_of_the_program_do_not_change(journal):
    np.random.seed(3)  # noqa: NPY002  # the program's own
    torch.manual_seed(3)
    before = np.random.get_state()[1].tolist(), torch.get_rng_state().tolist()  # noqa: NPY002
    with Tracker(journal, strict=True) as tracker:
        tracker.record_draws({"wind": np.arange(2000.0)}, step=0)
    assert (np.random.get_state()[1].tolist(), torch.get_rng_state().tolist()) == before  # noqa: NPY002


def test_two_ranks_and_two_sessions_are_pooled(journal):
    book = []
    for session in range(2):
        for rank in range(2):
            with Tracker(journal, run="r", rank=rank, strict=True) as tracker:
                values = np.random.default_rng([session, rank]).normal(size=1000)
                book += values.tolist()
                tracker.record_draws({"wind": values}, step=1000 * session + 1, epoch=session)
    found = pooled(line.drawn["/wind"] for line in load(journal).drawn)
    assert (found.count, found.low, found.high) == (4000, min(book), max(book))
    assert abs((np.array(book) <= found.quantile(0.5)).mean() - 0.5) <= found.resolution


@pytest.mark.slow
def test_a_killed_run_keeps_the_draws_of_every_epoch_that_ended(journal):
    code = """
        import os, sys, numpy as np
        from envcfg import Tracker
        tracker = Tracker(sys.argv[1])
        for epoch in range(5):
            tracker.record_draws({"wind": np.full(10, float(epoch))}, step=epoch, epoch=epoch)
            tracker.end_epoch(step=epoch, epoch=epoch)
        tracker.record_draws({"wind": np.full(10, 9.0)}, step=9, epoch=9)
        os.kill(os.getpid(), 9)
    """
    env = {**os.environ, "PYTHONPATH": os.path.dirname(os.path.dirname(envcfg.__file__))}  # noqa: PTH120
    subprocess.run([sys.executable, "-c", textwrap.dedent(code), str(journal)], check=False, env=env)
    assert [line.drawn["/wind"].values for line in load(journal).drawn] == [(0.0,), (1.0,), (2.0,), (3.0,), (4.0,)]


def test_a_run_without_epochs_writes_its_draws_from_time_to_time(journal):
    tracker = Tracker(journal, strict=True)
    for step in range(3):
        tracker.record_draws({"wind": np.arange(600.0)}, step=step)
    assert sum(line.resets for line in load(journal).drawn) == 1200
    tracker.close()
    assert sum(line.resets for line in load(journal).drawn) == 1800


def test_a_task_may_be_named_by_a_parameter_that_is_not_drawn(journal):
    world, level = World(), np.arange(SLOTS) % 2
    with Tracker(journal, strict=True) as tracker:
        for call in range(2):
            world.reset(np.ones(SLOTS, bool))
            tracker.record_slots({**world.columns, "level": level}, step=call, task=lambda c: f"level {c['level']}")
    assert {line.task for line in load(journal).drawn} == {"level 0", "level 1"}
