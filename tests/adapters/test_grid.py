"""A part of the grid: a native vector environment in each mode, and wrappers inside and outside.

`make test-libraries` runs the whole grid; tests/adapters/test_gymnasium.py has synchronous and asynchronous ones.
"""

import pytest

pytest.importorskip("gymnasium", "1.1", reason="the autoreset modes")

import grid

MODES = ("NEXT_STEP", "SAME_STEP", "DISABLED")
CELLS = [(kind, mode, wrappers) for kind, wrappers in (("native", "outside"), ("sync", "both")) for mode in MODES]


@pytest.mark.parametrize(("kind", "mode", "wrappers"), CELLS)
def test_a_cell_learns_the_same_and_is_recorded_reset_by_reset(kind, mode, wrappers, tmp_path):
    grid.check(kind, mode, wrappers, tmp_path)
