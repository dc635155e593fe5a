import pytest
from noise import autoregressive, series

import envcfg
from envcfg.analysis.tasks.mix_and_skill import around, by_epoch


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


def test_each_epoch_is_split_against_the_one_before(history):
    found = by_epoch(history)
    assert [part.epoch for part in found] == list(range(1, 20))
    assert sum(part.split.after - part.split.before for part in found) == pytest.approx(0.55 - 0.9)
    assert sum(part.split.mix + part.split.skill for part in found) == pytest.approx(0.55 - 0.9)
    assert found[3].split.mix == found[3].split.skill == 0.0


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
