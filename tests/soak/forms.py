"""Extreme values in every field: an open journal and its sealed form give the same history."""

import contextlib
import io
import math
import random

from envcfg import Cause, Tracker, load

CLOCKS = (0.0, 1.0, 1.8e9, 253_402_300_798.0)
RUNS = ("r", "", "\0", "é" * 300)
TASKS = (None, "", "t", "\0", "\ud800", "é" * 500, "[/x]")
DEEP = {"$a": {"$b": {"$$c": 1}}}


def number(draw, most):
    return draw.choice([0, 1, 2, 63, 64, 4_095, 4_096, most, most - 1, most // 2, draw.randrange(most + 1), None])


def config(draw, index):
    odd = draw.choice([math.nan, math.inf, -0.0, 1e-320, 2**64, -(2**200), 10**4_199])
    return draw.choice(
        [
            {"a": draw.random()},
            {"a": odd, "b": [1] * draw.randrange(4)},
            DEEP,
            {"": {"": ""}},
            {"x": {"$path": 1}},
            {"x": "\ud800\U0001f600\0"},
            {},
            {"l": [[], {}, [{}]]},
            {"a": {"b": {str(index): index}}},
            {f"k{index % 3}": None},
            {"a/b~c": 1, "~1": 2},
        ]
    )


def cause(draw):
    value, delay = draw.choice([math.nan, math.inf, 1.5, None]), draw.choice([None, 0, 2**63 - 1])
    return draw.choice([None, Cause("curriculum", "m", value, 0.5, note="n", delay=delay, propensity=0.2)])


def trial(found, folder, seed):
    draw = random.Random(seed)
    options = {"clock": lambda: draw.choice([*CLOCKS, draw.random() * 2e9])} if seed % 3 == 0 else {}
    with contextlib.redirect_stderr(io.StringIO()):
        tracker = Tracker(folder, run=draw.choice(RUNS), segment_bytes=draw.choice([10**9, 2_000, 500]), **options)
        promised = [_turn(draw, tracker, index) for index in range(draw.randrange(1, 80))]
        opened = view(load(folder))
        tracker.close()
    history = load(folder)
    sealed = view(history)
    found.trials += 1
    kept = {adoption.record.config for adoption in (*history.adoptions, *history.abandoned)}
    kept_or_none = [digest for digest in promised if digest]
    found.acknowledged += len(kept_or_none)
    found.loses(sum(digest not in kept for digest in kept_or_none), f"seed {seed}")
    for part, before in opened.items():
        if before != sealed[part][: len(before)]:
            found.lies(f"seed {seed}: the {part} of the sealed journal differ")
    if history.losses:
        found.lies(f"seed {seed}: nothing was damaged, and it says {history.losses[:1]}")


def _turn(draw, tracker, index):
    step, slot = number(draw, 2**63 - 1) or 0, number(draw, 2**24 - 1) or 0
    when = {"step": step, "epoch": number(draw, 2**31 - 1), "episode": number(draw, 2**31 - 1), "slot": slot}
    why = {"requested_at": number(draw, 2**63 - 1), "task": draw.choice(TASKS), "cause": cause(draw)}
    tracker.record(config(draw, index), **when, **why)
    if draw.random() < 0.1:
        tracker.mix({"a": draw.choice([0.0, 1e308, 1e-320, 5.0]), "b": 1.0}, step=step)
        tracker.end_epoch(step=step, epoch=draw.randrange(2**31), rewards={"a": [1e308, -1e308], "b": [draw.random()]})
    if draw.random() < 0.1:
        tracker.request({"q": 1}, slot=draw.choice([None, 0, [1, 2]]), step=step)
    return tracker.digest(slot)


def view(history):
    """The parts of a history as texts, in which NaN equals NaN."""
    return {
        "adoptions": [repr(adoption.record) for adoption in history.adoptions],
        "abandoned records": [repr(adoption.record) for adoption in history.abandoned],
        "requests": [repr(request) for request in history.requests],
        "configs": sorted(f"{key} {value!r}" for key, value in history.configs.items()),
    }
