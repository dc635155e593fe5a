from hypothesis import given
from hypothesis import strategies as st
from strategies import configs, places, put, trees

from envcfg.core.encoding import encode
from envcfg.core.grafting import grafted
from envcfg.core.rewriting import rewritten, written
from envcfg.core.tree import leaves


@given(configs.filter(bool), st.data())
def test_what_is_rewritten_change_by_change_is_what_would_be_written(config, data):
    known = written(config)
    for _ in range(3):
        changed = put(config, data.draw(st.sampled_from(list(places(config)))), data.draw(trees))
        config, delta = grafted(config, changed)
        known = rewritten(known, config, delta)
        assert known.text.encode("ascii") == encode(config)


def test_a_member_that_stays_is_not_encoded_again(monkeypatch):
    config = {"a": {"x": 1, "y": 2}, "b": {f"k{key}": key for key in range(50)}}
    config, delta = grafted(config, put(config, ("a", "x"), 5))
    known, encoded = rewritten(written(config), config, delta), []
    config, delta = grafted(config, put(config, ("a", "x"), 7))
    monkeypatch.setattr("envcfg.core.rewriting.encode", lambda tree: encoded.append(tree) or encode(tree))
    rewritten(known, config, delta)
    assert [len(list(leaves(tree))) for tree in encoded] == [1]
