from hypothesis import given
from hypothesis import strategies as st

from envcfg.core.record import Mix, Returns
from envcfg.history.mixes import combined_mixes

tasks = st.dictionaries(st.sampled_from("abc"), st.floats(0, 1), min_size=1)
mixes = st.lists(
    st.builds(
        Mix,
        st.integers(0, 99),
        st.floats(0, 99),
        st.none() | st.integers(0, 4),
        st.none() | tasks,
        st.dictionaries(st.sampled_from("abc"), st.integers(0, 9)),
        st.none()
        | st.dictionaries(st.sampled_from("abc"), st.builds(Returns, st.integers(1, 9), st.floats(-9, 9)), min_size=1),
    ),
    max_size=6,
)


def test_probabilities_are_weighted_by_the_adoptions_of_each_rank():
    one = Mix(10, 1.0, 0, {"easy": 1.0}, {"easy": 30})
    other = Mix(12, 2.0, 0, {"easy": 0.2, "hard": 0.8}, {"easy": 2, "hard": 8})
    (both,) = combined_mixes({0: [one], 1: [other]})
    assert (both.step, both.time, both.epoch) == (12, 2.0, 0)
    assert both.stated == {"easy": 0.75 + 0.25 * 0.2, "hard": 0.25 * 0.8}
    assert both.adopted == {"easy": 32, "hard": 8}


def test_a_rank_without_new_probabilities_keeps_its_latest():
    one = [Mix(10, 1.0, 0, {"easy": 1.0}, {"easy": 1}), Mix(20, 2.0, 1, None, {"easy": 1})]
    other = [Mix(10, 1.0, 0, {"easy": 1.0}, {"easy": 1}), Mix(20, 2.0, 1, {"hard": 1.0}, {"hard": 3})]
    assert [mix.stated for mix in combined_mixes({0: one, 1: other})] == [{"easy": 1.0}, {"easy": 0.25, "hard": 0.75}]


def test_rewards_are_means_of_all_episodes():
    one, other = (
        Mix(1, 1.0, 0, {"a": 1.0}, rewards={"a": Returns(1, 4.0, 0.0)}),
        Mix(1, 1.0, 0, {"a": 1.0}, rewards={"a": Returns(3, 0.0, 0.0)}),
    )
    assert combined_mixes({0: [one], 1: [other]})[0].rewards == {"a": Returns(4, 1.0, 12.0)}


def test_ranks_without_adoptions_have_equal_weights():
    one, other = Mix(1, 1.0, 0, {"a": 1.0}), Mix(1, 1.0, 0, {"b": 1.0})
    assert combined_mixes({0: [one], 1: [other]})[0].stated == {"a": 0.5, "b": 0.5}


@given(mixes)
def test_the_mixes_of_a_single_rank_do_not_change(one):
    assert combined_mixes({0: one}) == tuple(sorted(one, key=lambda mix: (mix.step, mix.time)))


@given(mixes, mixes)
def test_no_adoption_is_lost_or_counted_twice_when_ranks_are_combined(one, other):
    def adopted(found):
        return sum(sum(mix.adopted.values()) for mix in found)

    assert adopted(combined_mixes({0: one, 1: other})) == adopted(one) + adopted(other)
