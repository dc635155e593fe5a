"""A recording in which one change is dropped, reverted, shifted or set."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from strategies import trees

from envcfg import EnvcfgError, Tracker, load
from envcfg.core.diff import same
from envcfg.core.encoding import digest
from envcfg.core.errors import SourceError
from envcfg.core.normal import normal
from envcfg.history.adoptions import Place
from envcfg.rerun.interventions import Intervention, intervened


@pytest.fixture
def history(journal):
    """Two slots walk through three stages; the third is adopted by slot 1 first. They are changes 1 and 2."""
    with Tracker(journal, run="r") as tracker:
        tracker.request({"size": 2}, step=1)
        tracker.mix({"s1": 1.0}, step=0)
        for step, slot, stage, config in [
            (0, 0, 1, {"size": 1, "lives": 3}),
            (0, 1, 1, {"size": 1, "lives": 3}),
            (10, 0, 2, {"size": 2, "lives": 3}),
            (12, 1, 2, {"size": 2, "lives": 3}),
            (20, 1, 3, {"size": 2, "lives": 9, "walls": 4}),
            (25, 0, 3, {"size": 2, "lives": 9, "walls": 4}),
        ]:
            asked = {1: 0, 2: 9, 3: 19}[stage]
            tracker.record(config, step=step, slot=slot, task=f"s{stage}", requested_at=asked)
    return load(journal)


def ran(history, slot):
    return [
        (adoption.record.step, history.config(adoption.record.config))
        for adoption in history.adoptions
        if adoption.place == Place(0, 0, slot)
    ]


def test_dropped_slots_keep_what_they_had_until_their_next_change(history):
    without = intervened(history, "drop:1")
    assert [step for step, _ in ran(without, 0)] == [0, 25]
    assert [step for step, _ in ran(without, 1)] == [0, 20]
    assert without.at(24, Place(0, 0, 0)) == {"size": 1, "lives": 3}


def test_a_dropped_last_change_never_comes_back(history):
    assert intervened(history, "drop:2").at("last") == {"size": 2, "lives": 3}


def test_a_dropped_change_is_also_dropped_from_a_resumed_session(journal):
    for session, steps in enumerate([(0, 10), (20, 30)]):
        with Tracker(journal, run="r") as tracker:
            tracker.record({"level": 2 if session else 1}, step=steps[0])
            tracker.record({"level": 2 + session}, step=steps[1])
    assert [step for step, _ in ran(intervened(load(journal), "drop:1"), 0)] == [0, 30]


def test_reverted_keys_keep_their_old_values_as_long_as_no_later_change_sets_them(history):
    without = intervened(history, "revert:1")
    assert without.at("last") == {"size": 1, "lives": 9, "walls": 4}
    without = intervened(history, "revert:2")
    assert without.at("last") == {"size": 2, "lives": 3}
    assert intervened(history, "revert:2:walls").at("last") == {"size": 2, "lives": 9}


def test_a_set_key_keeps_its_value_until_a_later_change_sets_it(history):
    other = intervened(history, "set:1:lives=5")
    assert [config["lives"] for _, config in ran(other, 0)] == [3, 5, 9]
    assert [config["size"] for _, config in ran(intervened(history, "set:1:size=7"), 1)] == [1, 7, 7]
    assert intervened(history, "set:0:size=[4, 4]").at("first") == {"size": [4, 4], "lives": 3}


def test_number_0_sets_a_key_in_the_initial_config_of_every_slot(journal):
    with Tracker(journal, run="r") as tracker:
        tracker.record({"size": 1, "lives": 3}, step=0, slot=0)
        tracker.record({"size": 2, "lives": 3}, step=0, slot=1)
        tracker.record({"size": 2, "lives": 4}, step=9, slot=0)
    other = intervened(load(journal), "set:0:size=7")
    assert [config for _, config in ran(other, 0)] == [{"size": 7, "lives": 3}, {"size": 2, "lives": 4}]
    assert [config for _, config in ran(other, 1)] == [{"size": 7, "lives": 3}]


def test_a_shifted_change_is_adopted_earlier_or_later_by_every_slot(history):
    later = intervened(history, "shift:1:+7")
    assert [step for step, _ in ran(later, 0)] == [0, 17, 25]
    assert [step for step, _ in ran(later, 1)] == [0, 19, 20]
    assert later.adoptions[2].record.requested_at == 16
    assert [adoption.record.step for adoption in later.adoptions] == [0, 0, 17, 19, 20, 25]
    assert [step for step, _ in ran(intervened(history, "shift:1:-9"), 0)] == [0, 1, 25]


@pytest.mark.parametrize(
    ("intervention", "said"),
    [
        ("drop:9", "run r has no change 9: its initial config has number 0, and it has 2 changes after it"),
        ("drop:0", "drop:0: number 0 is the initial config of run r, and there is no config before it; only set:0:"),
        ("shift:0:+5", "shift:0:.5: number 0 is the initial config"),
        ("revert:0:size", "revert:0:size: number 0 is the initial config"),
        ("set:0:sise=3", "initial config .number 0. of run r has no key sise; it has lives, size; did you mean size"),
        ("shift:1:+8", r"a shift by \+8 steps is too far: slot 1 adopted another config after the change, at step 20"),
        ("shift:1:-10", "a shift by -10 steps is too far: slot 0 adopted another config before the change, at step 0"),
        ("revert:1:lives", "change 1 of run r set no key lives; it set size"),
        ("set:1:sise=3", "change 1 of run r has no key sise; it has lives, size"),
        ("set:1:size", "invalid intervention"),
        ("shift:1", "invalid intervention"),
        ("drop:1:size", "invalid intervention"),
        ("revert:1:size=4", "invalid intervention"),
        ("forget:1", "invalid intervention .forget:1.: write drop:N"),
        ("set:1:size=[", "is not a value in YAML"),
    ],
)
def test_an_impossible_intervention_raises_an_error_with_the_reason(history, intervention, said):
    with pytest.raises(EnvcfgError, match=said):
        intervened(history, intervention)


def test_a_history_with_an_intervention_is_complete(history):
    for intervention in ("drop:1", "revert:1", "shift:1:+1", "set:1:size=40"):
        other = intervened(history, intervention)
        assert (other.mixes, other.requests, other.run) == ((), (), "r")
        for adoption in other.adoptions:
            assert digest(other.config(adoption.record.config)) == adoption.record.config
    assert history.mixes
    assert [config["size"] for _, config in ran(history, 0)] == [1, 2, 2]


keys = st.text("abc._/", min_size=1).filter(lambda key: "=" not in key and not key.lstrip("+-").isdecimal())


@given(
    st.builds(Intervention, st.just("drop"), st.integers(0, 999))
    | st.builds(Intervention, st.just("revert"), st.integers(0, 999), key=st.none() | keys)
    | st.builds(Intervention, st.just("shift"), st.integers(0, 999), st.integers(-(10**9), 10**9))
    | st.builds(
        Intervention,
        st.just("set"),
        st.integers(0, 999),
        key=keys,
        value=st.none() | st.booleans() | st.integers(-(10**6), 10**6) | st.lists(st.integers(0, 9)),
    )
)
def test_an_intervention_parses_to_what_it_prints(intervention):
    assert Intervention.parse(str(intervention)) == intervention


@given(trees)
def test_a_value_of_any_type_parses_to_what_it_prints(value):
    assert same(Intervention.parse(str(Intervention("set", 1, key="a", value=value))).value, value)


@pytest.mark.parametrize("text", ["2026-11-23", ".nan", "!!binary YS9i", "!!set {a, b}", "{a: [.inf, 2026-11-23]}"])
def test_a_yaml_value_reaches_a_rerun_unchanged(text):
    intervention = Intervention.parse(f"set:1:a={text}")
    assert same(Intervention.parse(str(intervention)).value, intervention.value)
    assert same(intervention.value, normal({"a": yaml.safe_load(text)})["a"])


@pytest.mark.parametrize(
    "text", ["2026-13-45", "[" * 2_000, "{1: a, '1': b}", "&a [*a]", "0x" + "f" * 4_000, "!!python/none x"]
)
def test_an_invalid_value_raises_a_clear_error(text):
    with pytest.raises(SourceError, match="is not a value in YAML: ") as refused:
        Intervention.parse(f"set:1:a={text}")
    assert len(str(refused.value)) < 500
