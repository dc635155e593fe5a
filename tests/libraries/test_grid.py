"""The whole grid: kinds of vector environments, start methods, autoreset modes, and wrappers inside and outside."""

import grid
import pytest


@pytest.mark.parametrize("wrappers", grid.WRAPPERS)
@pytest.mark.parametrize("mode", ["NEXT_STEP", "SAME_STEP", "DISABLED"])
@pytest.mark.parametrize("kind", grid.KINDS)
def test_a_cell_learns_the_same_and_is_recorded_reset_by_reset(kind, mode, wrappers, tmp_path):
    grid.check(kind, mode, wrappers, tmp_path)
