"""JAX: a compiled program records configs, whose values are JAX arrays."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.experimental import io_callback

from envcfg import Tracker, load
from envcfg.tracking.capture import device_rows

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


@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 1.0])
@pytest.mark.parametrize("is_mask", [True, False])
def test_the_rows_of_reset_slots_leave_a_device_as_they_are(share, is_mask):
    rng, slots = np.random.default_rng(0), 400
    mask = rng.random(slots) < share
    columns = [
        rng.random(slots, np.float32),
        rng.integers(0, 9, (slots, 2, 3), np.int32),
        rng.random(slots) < 0.5,
        rng.random((slots, 2)).astype(np.float16),
    ]
    resets = jnp.asarray(mask) if is_mask else np.flatnonzero(mask)
    found = device_rows.fetched([jnp.asarray(column) for column in columns], resets, np)
    assert found.slots.tolist() == np.flatnonzero(mask).tolist()
    for rows, column in zip(found.rows, columns, strict=True):
        assert (rows.dtype, rows.tolist()) == (column.dtype, column[mask].tolist())


def test_arrays_on_a_device_are_recorded_like_those_of_the_host(tmp_path, monkeypatch):
    monkeypatch.setattr(device_rows, "is_distant", lambda value: isinstance(value, jax.Array))
    rng, books = np.random.default_rng(0), []
    for name, form in (("host", np.asarray), ("device", jnp.asarray)):
        rng = np.random.default_rng(0)
        with Tracker(tmp_path / name, run="r", strict=True) as tracker:
            for step in range(6):
                columns = {"friction": rng.random(64, np.float32), "level": rng.integers(0, 3, 64, np.int32)}
                mask = rng.random(64) < (0.3 if step else 2)
                given = {key: form(column) for key, column in columns.items()}
                tracker.record_slots(given, step=step, resets=form(mask), draws=False)
        books.append([(a.place.slot, a.record.step, a.record.config) for a in load(tmp_path / name).adoptions])
    assert books[0] == books[1]
    assert len(books[0]) > 64
