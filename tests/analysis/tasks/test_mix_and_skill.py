import random
import statistics

import pytest
from noise import autoregressive, series

import envcfg
from envcfg.analysis.effects.documents import effects_json
from envcfg.analysis.effects.formatting import card
from envcfg.analysis.tasks.mix_and_skill import around, by_epoch
from envcfg.core.record import Returns
from envcfg.core.returns import returns_of
from envcfg.core.split import WINDOW, SplitSince, split_epochs


@pytest.fixture
def history(journal):
    """Ten epochs of an easy task, then ten of which half the episodes are of a hard one."""
    with envcfg.Tracker(journal) as tracker:
        for epoch in range(20):
            if epoch in {0, 10}:
                tracker.record({"wall": epoch}, step=epoch * 100, epoch=epoch, task="easy")
            rewards = {"easy": [1.0, 0.8]} if epoch < 10 else {"easy": [1.0], "hard": [0.1]}
            tracker.end_epoch(step=epoch * 100 + 100, epoch=epoch, rewards=rewards)
    return envcfg.load(journal)


def test_each_epoch_is_split_against_the_first_ones(history):
    found = by_epoch(history)
    assert [part.epoch for part in found] == list(range(WINDOW, 20))
    assert (found[0].split.before, found[-1].split.after) == pytest.approx((0.9, 0.55))
    assert found[-1].split.mix + found[-1].split.skill == pytest.approx(0.55 - 0.9)
    assert (found[1].split.mix, found[1].split.skill) == pytest.approx((0.0, 0.0))


def constant(seed, epochs=160):
    """Ten episodes an epoch of five tasks, drawn evenly; nothing changes."""
    chance = random.Random(seed)
    for _ in range(epochs):
        rewards: dict[str, list[float]] = {}
        for task in chance.choices(range(5), k=10):
            rewards.setdefault(f"t{task}", []).append(0.9 - 0.1 * task + chance.gauss(0, 0.15))
        yield {task: returns_of(values) for task, values in rewards.items()}


def test_with_constant_skill_and_mix_no_part_drifts_away():
    largest = []
    for seed in range(30):
        since = SplitSince()
        parts = [part for epoch in constant(seed) if (part := since.add(epoch)) is not None]
        largest.append(max(abs(part.mix) for part in parts))
        assert all(abs(part.skill) < 5 * part.skill_se for part in parts)
    assert sorted(largest)[15] < 0.1  # a chain of splits from epoch to epoch has .43 here


@pytest.mark.parametrize("squares", [True, False])
def test_the_standard_error_of_skill_is_its_scatter_where_nothing_changes(squares):
    parts = []
    for seed in range(150):
        epochs = list(constant(seed, 16))
        if not squares:
            epochs = [{task: Returns(*found[:2]) for task, found in epoch.items()} for epoch in epochs]
        parts.append(split_epochs(epochs[:8], epochs[8:]))
    scatter = statistics.pstdev([part.skill for part in parts])
    assert statistics.fmean([part.skill_se for part in parts]) == pytest.approx(scatter, rel=0.2)


def test_tasks_of_one_side_only_cannot_be_split(journal):
    with envcfg.Tracker(journal) as tracker:
        for epoch in range(20):
            tracker.record({"wall": epoch // 10}, step=epoch * 100, epoch=epoch)
            tracker.end_epoch(step=epoch * 100 + 100, epoch=epoch, rewards={f"t{epoch // 10}": [1.0, 0.8]})
    (effect,) = envcfg.effects(envcfg.load(journal), series(autoregressive(20)))
    assert not effect.split.is_identified
    assert card(effect).split.endswith("cannot be split, because no task was played before and after")
    assert effects_json("run", [effect])["effects"][0]["split"]["skill"] is None


def test_a_change_is_split_into_mix_and_skill_around_it(history):
    found = around(history, since=0, change=1000, settled=1000, until=2000)
    assert (found.before, found.after) == pytest.approx((0.9, 0.55))
    assert found.mix == pytest.approx(-0.5 * 0.95 + 0.5 * 0.1)
    assert found.skill == pytest.approx(0.75 * 0.1)


def test_the_card_of_a_change_shows_its_split(history):
    (effect,) = envcfg.effects(history, series(autoregressive(20)))
    assert (effect.split.mix, effect.split.skill) == pytest.approx((-0.425, 0.075))


def test_without_rewards_there_is_no_split(journal):
    with envcfg.Tracker(journal) as tracker:
        tracker.record({"wall": 1}, step=0)
    assert by_epoch(envcfg.load(journal)) == ()
    assert around(envcfg.load(journal), since=0, change=1, settled=1, until=2) is None
