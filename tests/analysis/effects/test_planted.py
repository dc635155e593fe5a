"""A small part of `benchmarks/planted.py`: real training, a change in name only, and a step of known size."""

import runpy
from pathlib import Path

import pytest

pytest.importorskip("mettagrid")
pytestmark = pytest.mark.slow
BENCHMARK = runpy.run_path(str(Path(__file__).parents[3] / "benchmarks" / "planted.py"))
trained, planted = BENCHMARK["trained"], BENCHMARK["planted"]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return trained(tmp_path_factory.mktemp("planted") / "journal", 1, epochs=70, change=40)


def test_a_step_planted_in_a_real_training_is_found_with_its_size(run):
    found = planted(*run, -0.3)
    assert found.estimate.low < -0.3 < found.estimate.high
    assert found.q < 0.05


def test_a_change_of_the_name_only_has_an_interval_around_zero(run):
    card = planted(*run, 0.0)
    assert {edit.path for edit in card.edits} == {("label",)}
    assert card.estimate.low < 0 < card.estimate.high
