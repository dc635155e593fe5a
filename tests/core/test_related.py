"""Laws for configs that are derived from each other. Independently drawn configs differ in everything."""

from collections import Counter
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from related import LOOKALIKES, pairs, sequences, values

from envcfg.core.diff import ABSENT, Edit, apply, diff, identity, same, undo
from envcfg.core.encoding import digest, encode
from envcfg.core.requested import agrees, unmet
from envcfg.core.sharing import shared
from envcfg.core.tree import leaves, lookup
from envcfg.core.variation import variations


def held(config):
    return {path: encode(value) for path, value in leaves(config) if path}


@given(pairs)
def test_edits_lead_from_one_related_config_to_the_other_and_back(pair):
    before, after = pair
    changes = diff(before, after)
    assert encode(apply(changes, before)) == encode(after)
    assert encode(undo(changes, after)) == encode(before)


@given(pairs)
def test_a_diff_names_each_differing_path_and_no_other(pair):
    before, after = pair
    changes = diff(before, after)
    assert (changes == ()) == (digest(before) == digest(after))
    for change in changes:
        sides = lookup(before, change.path, ABSENT), lookup(after, change.path, ABSENT)
        assert identity(sides[0]) != identity(sides[1])
        assert change == Edit(change.path, *sides)


@given(sequences())
def test_variations_are_the_leaves_whose_encodings_differ(configs):
    several = [held(config) for config in configs]
    found = {variation.path: variation for variation in variations(configs)}
    assert found.keys() == {path for path in set().union(*several) if len({config.get(path) for config in several}) > 1}
    for path, variation in found.items():
        texts = [config.get(path) for config in several]
        assert [identity(variation.values[position]) for position in variation.index] == texts
        assert Counter(map(identity, variation.values)) == dict.fromkeys(texts, 1)


@given(sequences())
def test_shared_copies_have_equal_encodings_and_one_object_for_each_value(configs):
    copies = shared(configs)
    assert list(map(encode, copies)) == list(map(encode, configs))
    objects = {}
    for copy in copies:
        for _, value in leaves(copy):
            assert objects.setdefault(encode(value), value) is value


def test_an_object_that_lost_its_last_key_varies_as_a_leaf():
    (inner, outer) = variations([{"a": {"b": 1}}, {"a": {}}])
    assert (inner.path, inner.values) == (("a", "b"), (1, ABSENT))
    assert (outer.path, outer.values) == (("a",), (ABSENT, {}))


@given(values | st.just(ABSENT), values | st.just(ABSENT))
def test_values_have_equal_identities_exactly_if_they_are_the_same(one, other):
    are_same = one is other if ABSENT in (one, other) else same(one, other)
    assert (identity(one) == identity(other)) == are_same
    assert (Edit(("a",), one, other) == Edit(("a",), other, one)) == are_same
    assert len({Edit(("a",), one, None), Edit(("a",), other, None)}) == 2 - are_same


@pytest.mark.parametrize("family", LOOKALIKES)
def test_values_that_only_look_equal_are_not_the_same(family):
    for one, other in combinations(family, 2):
        assert not same(one, other)
        assert diff({"k": one}, {"k": other})
        assert variations([{"k": one}, {"k": other}])


@given(pairs)
def test_a_request_is_met_by_an_equal_config_and_not_by_values_of_another_kind(pair):
    asked, other = pair
    assert not unmet(asked, asked)
    for path, value in leaves(asked):
        if path and not isinstance(value, int | float):
            kept = lookup(other, path, ABSENT)
            assert agrees(value, kept) == (identity(value) == identity(kept))


def test_a_whole_number_beyond_the_float_range_is_close_to_no_other():
    assert not agrees(10**400, 1.0)
    assert not agrees(1e308, 10**400)
    assert agrees(10**400, 10**400)
