import random

import pytest

from envcfg import Tracker, load
from envcfg.analysis.tasks.agreement import agreement
from envcfg.analysis.tasks.task_use import task_uses
from envcfg.core.record import Mix


def mixes(seed, promised, drawn, epochs=12, draws=80):
    """A curriculum that states *promised* each epoch, and draws from *drawn*."""
    chance = random.Random(seed)
    yield Mix(0, 0.0, stated=promised)
    for epoch in range(1, epochs + 1):
        names = chance.choices(list(drawn), list(drawn.values()), k=draws)
        yield Mix(epoch, 0.0, stated=promised, adopted={name: names.count(name) for name in drawn})


FAIR = {"a": 0.5, "b": 0.3, "c": 0.15, "d": 0.05}


def test_random_draws_are_doubted_in_about_the_promised_share_of_cases():
    pytest.importorskip("scipy")
    doubted = sum(agreement(tuple(mixes(seed, FAIR, FAIR))).p < 0.05 for seed in range(400))
    assert 8 <= doubted <= 34  # 20 ± 3 sd


def test_a_curriculum_that_draws_something_else_is_found():
    pytest.importorskip("scipy")
    found = agreement(tuple(mixes(0, FAIR, {"a": 0.4, "b": 0.4, "c": 0.15, "d": 0.05})))
    assert found.p < 1e-6
    assert found.distance == pytest.approx(0.1, abs=0.04)


def test_a_task_with_probability_0_that_was_adopted_is_found():
    pytest.importorskip("scipy")
    found = agreement([Mix(0, 0.0, stated={"a": 1.0}), Mix(1, 0.0, adopted={"a": 999, "b": 1})])
    assert found.p == 0
    assert found.stated["b"] == 0


def test_a_statement_is_compared_with_what_came_after_it():
    told = [Mix(0, 0.0, stated={"a": 1.0}, adopted={"b": 5}), Mix(1, 0.0, stated={"b": 1.0}, adopted={"a": 7})]
    found = agreement(told)
    assert (found.adoptions, found.stated, found.distance) == (7, {"a": 1.0}, 0.0)


def test_a_curriculum_without_stated_probabilities_has_no_test():
    assert agreement([Mix(0, 0.0, adopted={"a": 3})]) is None
    assert agreement([Mix(0, 0.0, stated={"a": 1.0})]) is None


def test_stays_end_when_a_slot_leaves_a_task_and_the_last_one_is_still_running(journal):
    with Tracker(journal, run="r") as tracker:
        for step, slot, task in [(0, 0, "a"), (5, 1, "b"), (10, 0, "b"), (15, 0, "b"), (40, 0, "a"), (60, 1, "a")]:
            tracker.record({"task": task, "step": step}, step=step, slot=slot, task=task)
    uses = task_uses(load(journal))
    rows = {row.task: row for row in uses.rows}
    assert (rows["a"].stays, rows["a"].median_stay, rows["a"].running) == (1, 10, 2)
    assert (rows["b"].stays, rows["b"].median_stay, rows["b"].running) == (2, 42.5, 0)
    assert (rows["b"].first_step, rows["b"].last_step, rows["b"].configs) == (5, 15, 3)
    assert uses.transitions == {("b", "a"): 2, ("a", "b"): 1}
    assert sum(row.share for row in uses.rows) == pytest.approx(1)
