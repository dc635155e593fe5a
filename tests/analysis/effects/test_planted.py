"""A small part of `benchmarks/planted.py`: real training, a change in name only, and a step of known size."""

import runpy
from functools import partial
from pathlib import Path

import pytest

pytest.importorskip("mettagrid")
pytestmark = pytest.mark.slow
BENCHMARK = Path(__file__).parents[3] / "benchmarks" / "planted.py"


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    """The card of a change after which the reward of a real training moves by a given step."""
    benchmark = runpy.run_path(str(BENCHMARK))  # here, since it imports torch: the quick tests collect this file, too
    folder = tmp_path_factory.mktemp("planted") / "journal"
    return partial(benchmark["planted"], *benchmark["trained"](folder, 1, epochs=70, change=40))


def test_a_step_planted_in_a_real_training_is_found_with_its_size(planted):
    found = planted(-0.3)
    assert found.estimate.low < -0.3 < found.estimate.high
    assert found.q < 0.05


def test_a_change_of_the_name_only_has_an_interval_around_zero(planted):
    card = planted(0.0)
    assert {edit.path for edit in card.edits} == {("label",)}
    assert card.estimate.low < 0 < card.estimate.high
