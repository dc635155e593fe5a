from hypothesis import given
from hypothesis import strategies as st
from strategies import configs

from envcfg.core.diff import ABSENT
from envcfg.core.encoding import encode
from envcfg.core.tree import leaves
from envcfg.core.variation import variations


def written(value):
    return None if value is ABSENT else encode(value)


@given(st.lists(configs, max_size=5))
def test_variations_are_the_leaves_whose_encodings_differ(several):
    held = [{path: value for path, value in leaves(config) if path} for config in several]
    found = {variation.path: variation for variation in variations(several)}
    for path in {path for config in held for path in config}:
        texts = [written(config.get(path, ABSENT)) for config in held]
        assert (path in found) == (len(set(texts)) > 1)
        if path in found:
            assert [written(found[path].values[position]) for position in found[path].index] == texts
            assert len({written(value) for value in found[path].values}) == len(found[path].values)


def test_ignored_keys_are_left_out():
    several = [
        {"seed": 1, "env": {"map": {"width": 5}, "level": 1}},
        {"seed": 2, "env": {"map": {"width": 6}, "level": 2}},
    ]
    assert [variation.path for variation in variations(several, ignore=["seed", "env.map.*"])] == [("env", "level")]


@given(st.lists(configs, max_size=5))
def test_variations_are_in_the_order_in_which_their_leaves_appear_config_after_config(several):
    order = dict.fromkeys(path for config in several for path, _ in leaves(config))
    found = [variation.path for variation in variations(several)]
    assert found == [path for path in order if path in set(found)]
