"""Environments of tensors that evaluate, between the steps of those that train. Each has a book of its own."""

import levels
import numpy as np
import pytest
import torch
from gymnasium.envs.classic_control.cartpole import CartPoleVectorEnv

from envcfg import Tracker, load
from envcfg.adapters import RecordedEnv, recorded_tensors
from envcfg.adapters.occupants import is_occupied
from envcfg.core.distribution import pooled as pooled_draws
from envcfg.core.returns import pooled
from envcfg.sources.returns import returns
from envcfg.testing import SpyEnv

SLOTS, ITERATION, ITERATIONS, OFFSET = 24, 6, 8, 100


class Held(levels.Terrain):
    """Levels that the training never has."""

    def _note(self, resets):
        self.level = torch.where(resets & (self.level < OFFSET), self.level + OFFSET, self.level)
        super()._note(resets)


def interleaved(folder, slots=SLOTS, **given):
    """Train and evaluate by turns, in as many slots. Returns both environments and the history."""
    still = torch.zeros(slots, 2)
    torch.manual_seed(3)
    train, evaluation = levels.Terrain(slots), Held(slots)
    with Tracker(folder / "envcfg", run="r", strict=True) as tracker:
        options = {"attributes": levels.ATTRIBUTES, "iteration": ITERATION, **given}
        recorded_tensors(evaluation, tracker, **options, role="eval")
        assert not is_occupied(tracker)
        recorded_tensors(train, tracker, **options)
        for step in range(ITERATION * ITERATIONS):
            train.step(still)
            for _ in range(1 + step % 2):
                evaluation.step(still)
    return train, evaluation, load(folder)


@pytest.fixture(scope="module")
def each_value(tmp_path_factory):
    return interleaved(tmp_path_factory.mktemp("roles"), draws=False, task=lambda c: f"level/{c['level']}")


def test_training_and_evaluation_by_turns_equal_their_books(each_value):
    train, evaluation, history = each_value
    evaluated = history.of_role("eval")
    assert levels.recorded(history) == train.book
    assert levels.recorded(evaluated) == evaluation.book
    assert min(level for book in evaluation.book for level, _ in book) >= OFFSET
    assert len(history.of_role("all").adoptions) == sum(map(len, train.book + evaluation.book))
    assert [(len(history.lives), life.role) for life in history.lives] == [(SLOTS, "train")] * SLOTS
    assert [(len(evaluated.lives), life.role) for life in evaluated.lives] == [(SLOTS, "eval")] * SLOTS


def test_an_evaluation_counts_in_no_summary_of_the_training(each_value):
    train, _, history = each_value
    assert (history.last_epoch, history.last_step) == (ITERATIONS - 1, ITERATIONS * ITERATION * SLOTS)
    assert sum(history.adopted.values()) == sum(map(len, train.book))
    assert not [task for task in history.adopted if int(task.removeprefix("level/")) >= OFFSET]
    found = {task: pooled(part for _, _, part in returns(history, task)) for task in train.episodes()}
    assert {task: part.episodes for task, part in found.items()} == {
        task: len(episodes) for task, episodes in train.episodes().items()
    }
    assert pooled(part for _, _, part in returns(history)).episodes == sum(part.episodes for part in found.values())


def test_the_draws_of_an_evaluation_are_not_mixed_with_those_of_the_training(tmp_path):
    train, evaluation, history = interleaved(tmp_path, slots=64)
    book = [friction[0] for slot in train.book for _, friction in slot]
    drawn = pooled_draws(line.drawn["/friction/0"] for line in history.drawn)
    assert drawn.count == len(book)
    assert drawn.mean == pytest.approx(np.mean(book), rel=1e-5)
    assert levels.recorded(history.of_role("eval")) == evaluation.book


def test_an_evaluation_alone_leaves_the_clock_where_it_is(tmp_path):
    with Tracker(tmp_path / "envcfg", run="r", strict=True) as tracker:
        env = recorded_tensors(Held(SLOTS), tracker, attributes=("level",), iteration=2, role="eval")
        train = RecordedEnv(SpyEnv(tmp_path / "book", length=99), tracker, slots=1, attributes=SpyEnv.parameters)
        train.reset()
        for _ in range(10):
            env.step(torch.zeros(SLOTS, 2))
            train.step(0)
        train.reset()
    assert (load(tmp_path).last_step, load(tmp_path).last_epoch) == (10, None)


def test_evaluation_slots_of_one_value_begin_and_end_apart_from_the_training(tmp_path):
    with Tracker(tmp_path / "envcfg", run="r", strict=True) as tracker:
        train, evaluation = CartPoleVectorEnv(num_envs=3), CartPoleVectorEnv(num_envs=2)
        evaluation.gravity = 5.0
        recorded_tensors(train, tracker, attributes=("gravity",))
        recorded_tensors(evaluation, tracker, attributes=("gravity",), role="eval", watch_steps=1)
        train.reset(seed=1)
        evaluation.reset(seed=1)
        other = RecordedEnv(SpyEnv(tmp_path / "book"), tracker, role="eval", attributes=SpyEnv.parameters)
        other.reset()
        assert other.recorded_slot % (1 << 24) == 2
        evaluation.gravity = 6.0
        evaluation.step(np.zeros(2, int))
        evaluation.close()
    history = load(tmp_path)
    evaluated = history.of_role("eval")
    assert [history.config(a.record.config)["gravity"] for a in history.adoptions] == [9.8] * 3
    seen = [(a.place.slot, evaluated.config(a.record.config).get("gravity")) for a in evaluated.adoptions]
    assert [one for one in seen if one[0] < 2] == [(0, 5.0), (1, 5.0), (0, 6.0), (1, 6.0)]
    assert [life.reason for life in evaluated.lives if life.place.slot < 2] == ["closed"] * 2
    assert [life.reason for life in history.lives] == [None] * 3


def test_an_unknown_role_is_reported_once_and_the_environment_steps_as_before(tmp_path, capsys):
    with Tracker(tmp_path / "envcfg", run="r") as tracker:
        env = recorded_tensors(levels.Terrain(2), tracker, attributes=("level",), role="test")
        assert len(env.step(torch.zeros(2, 2))) == 5
    assert capsys.readouterr().err.count("role 'test': expected one of train, eval") == 1
