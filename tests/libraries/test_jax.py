"""JAX: a compiled program records configs, whose values are JAX arrays."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.experimental import io_callback

from envcfg import Tracker, load

pytestmark = pytest.mark.filterwarnings("ignore")


def adopted(folder):
    history = load(folder)
    assert history.failures == ()
    return [(adoption.record.step, history.config(adoption.record.config)) for adoption in history.adoptions]


def test_a_compiled_program_records_through_a_callback(tmp_path):
    with Tracker(tmp_path, run="r", strict=True) as tracker:

        @jax.jit
        def train(level):
            io_callback(lambda config: tracker.record(config, step=0), None, {"level": level, "wind": jnp.arange(2.0)})
            return level + 1

        assert train(jnp.float32(2.5)) == 3.5
        jax.effects_barrier()
        assert tracker.digest() is not None
    assert adopted(tmp_path) == [(0, {"level": 2.5, "wind": [0.0, 1.0]})]


def test_a_scan_records_each_step_in_order(tmp_path):
    with Tracker(tmp_path, run="r", strict=True) as tracker:

        def record(step, config):
            tracker.record(config, step=int(step))

        def body(step, level):
            io_callback(record, None, step, {"level": level}, ordered=True)
            return step + 1, level

        jax.jit(lambda levels: jax.lax.scan(body, 0, levels))(jnp.array([3, 3, 4]))
        jax.effects_barrier()
    assert adopted(tmp_path) == [(0, {"level": 3}), (2, {"level": 4})]


def test_jax_arrays_are_recorded_like_numpy_arrays(tmp_path):
    with Tracker(tmp_path, run="r", strict=True) as tracker:
        tracker.record({"a": jnp.arange(3), "b": jnp.float32(0.5), "c": jnp.bool_(1)}, step=0)
        first = tracker.digest()
        tracker.record({"a": np.arange(3), "b": np.float32(0.5), "c": np.bool_(1)}, step=1)
        assert tracker.digest() == first
