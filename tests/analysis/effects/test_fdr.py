import pytest
from hypothesis import given
from hypothesis import strategies as st

from envcfg.analysis.effects.fdr import q_values

PUBLISHED = [
    *(0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459),
    *(0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000),
]
"""Benjamini and Hochberg 1995, section 4: fifteen tests of a thrombolysis trial."""


def test_of_their_fifteen_tests_four_are_rejected_where_bonferroni_rejects_three():
    assert sum(q <= 0.05 for q in q_values(PUBLISHED)) == 4
    assert sum(p <= 0.05 / 15 for p in PUBLISHED) == 3


@given(st.lists(st.floats(0, 1), max_size=20), st.floats(0.001, 0.5))
def test_q_rejects_what_the_step_up_procedure_rejects(p_values, level):
    ordered = sorted(p_values)
    steps = [rank for rank, p in enumerate(ordered, start=1) if p <= level * rank / len(ordered)]
    last = ordered[max(steps) - 1] if steps else -1.0
    rejected = [p <= last for p in p_values]
    close = any(q == pytest.approx(level) for q in q_values(p_values))
    assert close or [q <= level for q in q_values(p_values)] == rejected
