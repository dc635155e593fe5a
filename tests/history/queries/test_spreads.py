"""What is in force at a moment: the values in common, and how the others are spread over the living slots."""

from command_line import envcfg
from hypothesis import given
from hypothesis import strategies as st
from related import fewer, sequences

from envcfg import Tracker, load
from envcfg.analysis.spread_text import spread_text
from envcfg.core.diff import ABSENT, Edit, identity
from envcfg.core.tree import leaves
from envcfg.history.adoptions import Place
from envcfg.history.queries.spreads import SpreadEdit


@fewer(4)
@given(sequences(most=4), st.data())
def test_each_leaf_has_the_value_of_each_slot(tmp_path_factory, configs, draw):
    slots = [draw.draw(st.sampled_from(configs)) for _ in range(3)]
    folder = tmp_path_factory.mktemp("journal")
    with Tracker(folder, run="r") as tracker:
        for slot, config in enumerate(slots):
            tracker.record(config, step=slot, slot=slot)
    history = load(folder)
    found = history.spreads("last")
    for path in {path for config in slots for path, _ in leaves(config) if path}:
        truth = sorted(str(identity(dict(leaves(config)).get(path, ABSENT))) for config in slots)
        spread = found.values[path]
        held = [str(identity(v)) for v, n in zip(spread.values, spread.weights, strict=True) for _ in range(int(n))]
        assert sorted(held) == truth
        assert spread.is_one == (path not in found.differing)
    for place in (Place(0, 0, slot) for slot in range(3)):
        assert history.spreads("last", place).configs == (history.at("last", place),)


def levels(journal):
    """Eight slots of two types; their levels move, and each keeps its type."""
    with Tracker(journal, run="terrain") as tracker:
        for step in range(3):
            for slot in range(8):
                config = {"level": slot * step, "type": slot % 2, "size": {"x": 5 + step, "y": 1}}
                tracker.record(config, step=step, slot=slot, task="ab"[slot % 2])
    return journal


def test_a_parameter_that_is_constant_in_every_slot_differs_between_no_two_moments(journal):
    history = load(levels(journal))
    edits = history.diff("first", "last")
    assert [edit.path for edit in edits] == [("level",), ("size", "x")]
    assert isinstance(edits[0], SpreadEdit)
    assert spread_text(edits[0].after) == "0..14, median 6, in 8 slots"
    assert edits[1] == Edit(("size", "x"), 5, 7)


def test_show_prints_the_values_in_common_and_the_spread_of_the_others(journal):
    assert envcfg("show", levels(journal), "2").stdout.splitlines() == [
        "# run terrain at step 2: 8 slots, task a (4 of 8), b (4 of 8)",
        "# 2 keys differ between slots (--slot N prints the config of one slot):",
        "#   level: 0..14, median 6, in 8 slots",
        "#   type: 0 (4 of 8), 1 (4 of 8)",
        "# all slots have:",
        "size:",
        "  x: 7",
        "  y: 1",
    ]
