"""Arrays on a device: only the rows of reset slots come to the host, in one transfer for a call.

No GPU is needed: tensors of torch in the memory of the host are treated as if they were on one.
"""

from collections import Counter

import numpy as np
import pytest
import torch
from torch.overrides import TorchFunctionMode

from envcfg import Tracker, load
from envcfg.adapters import recorded_tensors, tensor_returns
from envcfg.core.distribution import pooled
from envcfg.core.errors import ConfigError
from envcfg.tracking.capture import device_rows

SLOTS = 512
TRANSFERS = {"cpu", "tolist", "item", "__bool__", "__array__", "to"}


class Transfers(TorchFunctionMode):
    """Counts what would copy from a device, and the values that were copied."""

    def __init__(self):
        super().__init__()
        self.calls, self.bytes = Counter(), 0

    def __torch_function__(self, function, types, args=(), kwargs=None):  # torch passes types
        name = getattr(function, "__name__", "")
        is_copy = name in TRANSFERS and not (name == "to" and args[1] == args[0].device)
        if is_copy:
            self.calls[name] += 1
            self.bytes += args[0].nbytes
        return function(*args, **(kwargs or {}))


@pytest.fixture(autouse=True)
def on_a_device(monkeypatch):
    for module in (device_rows, tensor_returns):
        monkeypatch.setattr(module, "is_distant", lambda value: isinstance(value, torch.Tensor))


def columns():
    generator = torch.Generator().manual_seed(0)
    return {
        "friction": torch.rand(SLOTS, generator=generator),
        "mass": torch.rand(SLOTS, generator=generator, dtype=torch.float64),
        "push": torch.rand((SLOTS, 3), generator=generator).bfloat16(),
        "level": torch.arange(SLOTS, dtype=torch.int16),
        "is_rough": torch.arange(SLOTS) % 3 == 0,
    }


@pytest.mark.parametrize("form", ["mask", "numbers", "list", "all", "none"])
def test_the_rows_are_those_of_the_reset_slots(form):
    mask = torch.rand(SLOTS, generator=torch.Generator().manual_seed(1)) < 0.1
    numbers = mask.nonzero().flatten()
    given = {"mask": mask, "numbers": numbers, "list": numbers.tolist(), "all": None, "none": mask & ~mask}[form]
    chosen = {"all": np.arange(SLOTS), "none": np.arange(0)}.get(form, numbers.numpy())
    found = device_rows.fetched([*columns().values()], given, np)
    assert found.slots.tolist() == chosen.tolist()
    for rows, whole in zip(found.rows, columns().values(), strict=True):
        truth = (whole.float() if whole.dtype == torch.bfloat16 else whole).numpy()[chosen]
        assert (rows.dtype, rows.tolist()) == (truth.dtype, truth.tolist())


@pytest.mark.parametrize("wrong", [torch.ones(SLOTS + 1, dtype=torch.bool), torch.tensor([0, SLOTS]), [-1]])
def test_resets_that_do_not_fit_are_refused(wrong):
    with pytest.raises(ConfigError, match=f"expected a mask of {SLOTS} slots, or slot numbers from 0 to {SLOTS - 1}"):
        device_rows.fetched([*columns().values()], wrong, np)


@pytest.mark.parametrize("draws", [None, False])
def test_a_call_takes_one_transfer_of_the_reset_rows(journal, draws):
    generator, given = torch.Generator().manual_seed(2), columns()
    with Tracker(journal, strict=True) as tracker:
        for step in range(20):
            mask = torch.rand(SLOTS, generator=generator) < (0.05 if step else 2)
            given["friction"][mask] = torch.rand(int(mask.sum()), generator=generator)
            rows = int(mask.sum())
            with Transfers() as transfers:
                tracker.record_slots(given, step=step, resets=mask, draws=draws)
            assert transfers.calls == {"cpu": 1}
            assert transfers.bytes == rows * (8 + 4 + 8 + 12 + 2 + 1)
        truth = given["friction"].tolist()
    history = load(journal)
    if draws is None:
        assert pooled(entry.drawn["/friction"] for entry in history.drawn).count > SLOTS
    else:
        last = {adoption.place.slot: history.config(adoption.record.config) for adoption in history.adoptions}
        assert [last[slot]["friction"] for slot in range(SLOTS)] == truth


class World:
    """An environment as in rsl-rl."""

    num_envs = SLOTS

    def __init__(self):
        self.friction, self.generator = torch.rand(SLOTS), torch.Generator().manual_seed(3)

    def step(self, _actions):
        over = torch.rand(SLOTS, generator=self.generator) < 0.05
        self.friction[over] = torch.rand(int(over.sum()), generator=self.generator)
        return None, torch.ones(SLOTS), over, {}


def test_a_step_of_an_environment_takes_one_transfer_more_for_its_returns(journal):
    plain, ended = World(), 0
    with Tracker(journal, strict=True) as tracker:
        env = recorded_tensors(World(), tracker, attributes=["friction"], iteration=8)
        env.step(None)  # the first step also records all slots
        plain.step(None)
        for _ in range(7):
            ended += int(plain.step(None)[2].sum())
            before = Transfers()
            with before:
                World().step(None)
            with Transfers() as transfers:
                env.step(None)
            assert transfers.calls["cpu"] - before.calls["cpu"] == 2
            assert transfers.calls.keys() <= {"cpu", "item", "__bool__", *before.calls}
    assert load(journal).epochs
    assert ended
