from collections import Counter

from hypothesis import given
from hypothesis import strategies as st
from strategies import trees

from envcfg import Tracker, load
from envcfg.analysis.run.dominant import differing, dominant
from envcfg.core.encoding import encode
from envcfg.core.tree import leaves


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2)), min_size=1, max_size=16))
def test_what_most_slots_run_is_what_history_says_is_in_force(tmp_path_factory, plan):
    folder = tmp_path_factory.mktemp("journal")
    with Tracker(folder) as tracker:
        for step, (slot, level) in enumerate(plan):
            tracker.record({"level": level}, step=step, slot=slot)
    history = load(folder)
    found = dominant(history.adoptions, lambda adopted: adopted.config)
    for step in range(len(plan)):
        (_, most), *others = Counter(dict(plan[: step + 1]).values()).most_common()
        if all(count < most for _, count in others):  # of two that are as frequent, either will do
            assert [digest for start, digest in found if start <= step][-1] == history.in_force(step).config


@given(trees, trees)
def test_the_leaves_that_differ_are_those_that_are_written_differently(before, after):
    one, other = ({(path, encode(value)) for path, value in leaves(tree)} for tree in (before, after))
    assert set(differing(before, after)) == {path for path, _ in one ^ other}
