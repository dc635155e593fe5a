import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from envcfg.demo.ppo import advantages


def plain_advantages(rewards, values, ends, last, *, gamma, lam):
    """The definition, summed over the rest of the episode."""
    following = [*values[1:], last]
    deltas = [r + gamma * v * (1 - e) - now for r, v, e, now in zip(rewards, following, ends, values, strict=True)]
    gains = []
    for start in range(len(rewards)):
        gain, weight = 0.0, 1.0
        for t in range(start, len(rewards)):
            gain += weight * deltas[t]
            weight *= gamma * lam * (1 - ends[t])
        gains.append(gain)
    return gains


@given(
    st.lists(st.tuples(st.floats(-2, 2), st.floats(-2, 2), st.booleans()), min_size=1, max_size=12), st.floats(-2, 2)
)
def test_advantages_are_what_their_definition_says(steps, last):
    rewards, values, ends = (np.array(column, dtype=np.float32) for column in zip(*steps, strict=True))
    found = advantages(
        rewards[:, None], values[:, None], ends[:, None], np.array([last], np.float32), gamma=0.9, lam=0.8
    )
    assert found[:, 0] == pytest.approx(plain_advantages(rewards, values, ends, last, gamma=0.9, lam=0.8), abs=1e-4)
