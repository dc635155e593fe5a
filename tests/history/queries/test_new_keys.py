"""Keys that a change added and that no earlier config had."""

from command_line import envcfg
from hypothesis import given
from hypothesis import strategies as st

from envcfg import Tracker, load
from envcfg.figures.pages.report import report
from envcfg.figures.run.timeline import timeline
from envcfg.sources.sweep import load_sweep


def new_keys(folder, configs):
    with Tracker(folder, run="r") as tracker:
        for step, config in enumerate(configs):
            tracker.record(config, step=step)
    return [(".".join(new.path), new.step, new.meant and ".".join(new.meant)) for new in load(folder).new_keys()]


def test_a_key_that_is_spelt_like_another_one_names_it(journal):
    game = {"max_steps": 100, "agents": [{"hp": 1}], "agent_1": 0}
    configs = [
        {"game": game},
        {"game": {**game, "max_stepz": 200}},
        {"game": {**game, "agents": [{"hp": 1}, {"hp": 2, "hq": {"x": 1}}]}},
        {"game": {**game, "agent_2": 0}},
        {"game": {**game, "max_stepz": 300}},
    ]
    assert new_keys(journal, configs) == [
        ("game.max_stepz", 1, "game.max_steps"),
        ("game.agents.hq", 2, None),
        ("game.agent_2", 3, None),
    ]


def test_new_keys_appear_in_doctor_on_the_timeline_and_in_the_report(journal):
    new_keys(journal, [{"gravity": 1.0}, {"gravity": 1.0, "gravty": 2.0}])
    said = envcfg("doctor", journal, WANDB_MODE="offline").stdout
    assert "note   New key: gravty is new to every config at step 1 (change 1); did you mean gravity?" in said
    hint = "(absent) → 2.0 (new to every config; did you mean gravity?)"
    assert hint in "".join(text for trace in timeline(load(journal)).data for text in trace.customdata or ())
    assert hint in report(load_sweep([journal]))


def keys(tree, at=()):
    for key, value in tree.items():
        yield (*at, key)
        if isinstance(value, dict):
            yield from keys(value, (*at, key))


trees = st.recursive(st.just(0), lambda inner: st.dictionaries(st.sampled_from("abc"), inner, max_size=3), max_leaves=6)


@given(st.lists(st.dictionaries(st.sampled_from("abc"), trees, min_size=1, max_size=3), min_size=1, max_size=6))
def test_every_new_key_is_found_once_at_its_first_step_unless_in_a_new_object(tmp_path_factory, configs):
    expected, known = {}, set(keys(configs[0]))
    for step, config in enumerate(configs):
        new = set(keys(config)) - known
        expected |= {".".join(path): step for path in new if path[:-1] not in new}
        known |= new
    found = new_keys(tmp_path_factory.mktemp("journal"), configs)
    assert {path: step for path, step, _ in found} == expected
    assert len(found) == len(expected)
