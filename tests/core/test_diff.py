import pytest
from hypothesis import given
from strategies import configs

from envcfg.core.diff import ABSENT, Edit, apply, diff, same, undo
from envcfg.core.encoding import encode
from envcfg.core.errors import ConfigError


@given(configs, configs)
def test_applying_a_diff_gives_the_later_config(before, after):
    assert encode(apply(diff(before, after), before)) == encode(after)


@given(configs, configs)
def test_undoing_a_diff_gives_the_earlier_config(before, after):
    assert encode(undo(diff(before, after), after)) == encode(before)


@given(configs)
def test_a_config_does_not_differ_from_itself(config):
    assert diff(config, config) == ()


@given(configs, configs)
def test_an_empty_diff_means_equal_digests(before, after):
    assert (diff(before, after) == ()) == same(before, after)


@given(configs, configs)
def test_applying_edits_does_not_modify_the_config(before, after):
    written = encode(before)
    apply(diff(before, after), before)
    assert encode(before) == written


def test_types_are_part_of_a_value():
    assert diff({"a": 1, "b": 1}, {"a": True, "b": 1.0}) == (Edit(("a",), 1, True), Edit(("b",), 1, 1.0))


def test_setting_a_key_to_null_does_not_remove_it():
    assert diff({"a": 1}, {"a": None}) == (Edit(("a",), 1, None),)
    assert diff({"a": 1}, {}) == (Edit(("a",), 1, ABSENT),)


def test_lists_of_equal_length_are_compared_item_by_item_and_others_as_a_whole():
    assert diff({"a": [1, {"b": 2}]}, {"a": [1, {"b": 3}]}) == (Edit(("a", 1, "b"), 2, 3),)
    assert diff({"a": [1]}, {"a": [1, 2]}) == (Edit(("a",), [1], [1, 2]),)


@pytest.mark.parametrize(
    "change",
    [Edit(("a",), 2, 3), Edit(("b", "c"), 1, 2), Edit(("a",), ABSENT, 1), Edit(("l", 5), 1, 2)],
)
def test_an_edit_that_does_not_fit_raises_an_error_with_its_path(change):
    with pytest.raises(ConfigError, match=str(change.path[0])):
        apply([change], {"a": 1, "l": [1]})
