from hypothesis import given
from hypothesis import strategies as st
from strategies import configs, trees

from envcfg.core.encoding import encode
from envcfg.core.rewriting import rewritten, written
from envcfg.core.tree import leaves


def places(tree, at=()):
    """Every place in objects, the innermost ones last."""
    if isinstance(tree, dict):
        for name, value in tree.items():
            yield (*at, name)
            yield from places(value, (*at, name))


def put(tree, path, value):
    """A copy with another value at *path* that shares the rest."""
    name, *rest = path
    return {**tree, name: put(tree[name], rest, value) if rest else value}


@given(configs, st.data())
def test_what_is_rewritten_change_by_change_is_what_would_be_written(config, data):
    known = written(config)
    for _ in range(3):
        found = list(places(config)) or [("new",)]
        changed = put(config, data.draw(st.sampled_from(found)), data.draw(trees))
        known = rewritten(known, config, changed)
        config = changed
        assert known.text.encode("ascii") == encode(config)


@given(configs, configs)
def test_configs_that_share_nothing_are_rewritten_too(before, after):
    assert rewritten(written(before), before, after).text.encode("ascii") == encode(after)


def test_a_member_that_stays_is_not_encoded_again(monkeypatch):
    config = {"a": {"x": 1, "y": 2}, "b": {f"k{key}": key for key in range(50)}}
    known = rewritten(written(config), config, put(config, ("a", "x"), 5))
    config, encoded = put(config, ("a", "x"), 5), []
    monkeypatch.setattr("envcfg.core.rewriting.encode", lambda tree: encoded.append(tree) or encode(tree))
    rewritten(known, config, put(config, ("a", "x"), 7))
    assert [len(list(leaves(tree))) for tree in encoded] == [1]
