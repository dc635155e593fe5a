import pytest
from hypothesis import given
from hypothesis import strategies as st

from envcfg.core.record import Returns
from envcfg.core.split import merged, split

rewards = st.dictionaries(
    st.sampled_from("abcde"), st.builds(Returns, st.integers(0, 50), st.floats(-100, 100)), min_size=1, max_size=5
)


def mean(side):
    return sum(count * reward for count, reward, *_ in side.values()) / sum(count for count, *_ in side.values())


@given(rewards, rewards)
def test_mix_and_skill_add_up_to_the_change_of_the_mean_exactly(before, after):
    found = split(before, after)
    if not sum(count for count, *_ in before.values()) or not sum(count for count, *_ in after.values()):
        assert found is None
        return
    assert (found.before, found.after) == pytest.approx((mean(before), mean(after)))
    assert found.mix + found.skill == pytest.approx(found.after - found.before, abs=1e-9)


@given(rewards, rewards)
def test_swapping_the_sides_changes_the_sign(before, after):
    there, back = split(before, after), split(after, before)
    if there is not None:
        assert (there.mix, there.skill) == pytest.approx((-back.mix, -back.skill), abs=1e-9)


def test_playing_an_easier_task_more_often_is_all_mix():
    found = split(
        {"easy": Returns(1, 1.0), "hard": Returns(3, 0.0)}, {"easy": Returns(3, 1.0), "hard": Returns(1, 0.0)}
    )
    assert (found.mix, found.skill) == (0.5, 0.0)


def test_getting_better_at_the_same_tasks_is_all_skill():
    found = split(
        {"easy": Returns(1, 0.5), "hard": Returns(1, 0.0)}, {"easy": Returns(2, 0.75), "hard": Returns(2, 0.25)}
    )
    assert (found.mix, found.skill) == (0.0, 0.25)


def test_another_task_altogether_is_all_mix():
    assert split({"easy": Returns(4, 0.9)}, {"hard": Returns(4, 0.4)})[:2] == (0.9, 0.4)
    assert split({"easy": Returns(4, 0.9)}, {"hard": Returns(4, 0.4)}).skill == 0.0


@given(st.lists(rewards, max_size=4))
def test_merged_rewards_have_the_mean_of_all_episodes(stretches):
    together = merged(stretches)
    episodes = sum(count for side in stretches for count, *_ in side.values())
    assert sum(count for count, *_ in together.values()) == episodes
    if episodes:
        total = sum(count * reward for side in stretches for count, reward, *_ in side.values())
        assert mean(together) * episodes == pytest.approx(total, abs=1e-6)
