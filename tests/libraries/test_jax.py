"""JAX: a compiled program records configs, whose values are JAX arrays."""

import chex
import flax
import gymnax
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.experimental import io_callback

from envcfg import Tracker, load
from envcfg.core.errors import ConfigError
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


@flax.struct.dataclass
class FlaxParams:
    length: jax.Array
    horizon: int = flax.struct.field(pytree_node=False, default=200)


@chex.dataclass
class ChexParams:
    length: jax.Array
    horizon: int = 200


@jax.tree_util.register_pytree_with_keys_class
class OwnParams:
    def __init__(self, length):
        self.length = length

    def tree_flatten_with_keys(self):
        return [(jax.tree_util.GetAttrKey("length"), self.length)], None

    @classmethod
    def tree_unflatten(cls, _, children):
        return cls(*children)


@pytest.mark.parametrize("make", [FlaxParams, lambda length: ChexParams(length=length), OwnParams])
def test_a_pytree_with_a_random_key_is_recorded_without_the_key(tmp_path, capsys, make):
    keys = jax.random.split(jax.random.key(0), 3)
    with Tracker(tmp_path, run="r", strict=True) as tracker:
        for step in range(2):
            tracker.record_slots({"params": make(jnp.arange(3.0) + step), "rng": keys}, step=step)
    found = adopted(tmp_path)
    assert [config["params"]["length"] for _, config in found] == [0.0, 1.0, 2.0, 1.0, 2.0, 3.0]
    assert "rng" not in found[0][1]
    assert capsys.readouterr().err.count("rng is a random key of JAX, and is not recorded (shown once)") == 1


def test_a_traced_array_is_refused_with_what_to_write(tmp_path):
    tracker = Tracker(tmp_path, run="r", strict=True)
    record = jax.jit(lambda length: tracker.record_slots({"length": length}, step=0))
    with pytest.raises(ConfigError, match=r"length has no value while JAX compiles.*io_callback"):
        record(jnp.arange(3.0))


SLOTS, STEPS, CHUNKS = 64, 32, 6


def gymnax_scan():
    """A compiled scan over gymnax's cart-pole as in purejaxrl, with a length that is drawn anew at each reset."""
    env, params = gymnax.make("CartPole-v1")

    def drawn(key):
        return jax.random.uniform(key, (SLOTS,), minval=0.3, maxval=0.7)

    def one(key, state, action, length):
        return env.step(key, state, action, params.replace(length=length))

    def body(carry, _):
        key, state, length = carry
        key, act, step, draw = jax.random.split(key, 4)
        actions = jax.random.randint(act, (SLOTS,), 0, 2)
        _, state, _, done, _ = jax.vmap(one)(jax.random.split(step, SLOTS), state, actions, length)
        length = jnp.where(done, drawn(draw), length)
        return (key, state, length), (length, done)

    key, first, reset = jax.random.split(jax.random.key(1), 3)
    _, state = jax.vmap(env.reset, in_axes=(0, None))(jax.random.split(reset, SLOTS), params)
    return params, (key, state, drawn(first)), jax.jit(lambda carry: jax.lax.scan(body, carry, None, STEPS))


def test_a_scan_over_gymnax_is_recorded_as_it_was_drawn(tmp_path):
    params, carry, scan = gymnax_scan()
    book = np.asarray(carry[2]).tolist()
    with Tracker(tmp_path, run="r", strict=True) as tracker:
        tracker.record_draws(params.replace(length=carry[2]), step=0, epoch=0)
        for chunk in range(CHUNKS):
            carry, results = scan(carry)
            lengths, dones = np.asarray(results[0]), np.asarray(results[1]).astype(bool)
            for row in range(STEPS):
                at = (chunk * STEPS + row) * SLOTS
                tracker.record_draws(params.replace(length=lengths[row]), resets=dones[row], step=at, epoch=chunk)
            book += lengths[dones].tolist()
            tracker.end_epoch(step=(chunk + 1) * STEPS * SLOTS, epoch=chunk)
    history = load(tmp_path)
    found = history.draws("length").pooled
    assert found.count == len(book) > SLOTS * 4
    assert [np.float32(end) for end in (found.low, found.high)] == [np.float32(min(book)), np.float32(max(book))]
    assert found.mean == pytest.approx(np.mean(book), rel=1e-5)
    assert history.at("last")["gravity"] == pytest.approx(9.8)
