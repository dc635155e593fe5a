"""Switches at random times, and the randomisation test over the moments at which they might have come."""

import json
import random
from dataclasses import replace
from itertools import product

import pytest
from command_line import envcfg
from noise import BIN, autoregressive, log, series

from envcfg import Cause, Tracker, load
from envcfg.analysis.effects.gate import meaning
from envcfg.analysis.effects.randomised import LEAST, REACH, randomised
from envcfg.figures.changes.cards import effect_cards

RULES = [40, 90, 140, 190]
"""Points at which the rule of each switch fires."""
POINTS = 240
CHOICES = 6


def jittered(folder, *, seed, choices=CHOICES, rules=RULES, told=True):
    """A run whose switches wait for 0 to 5 epochs, one point an epoch; and the point that each of them came at."""
    draw, came = random.Random(seed), []
    with Tracker(folder, run="r") as tracker:
        tracker.record({"level": 0}, step=0, epoch=0, task="0")
        for level, rule in enumerate(rules, start=1):
            delay = draw.randrange(choices)
            came.append(rule + delay)
            step = came[-1] * BIN
            drawn = {"delay": delay, "propensity": 1 / choices} if told else {}
            cause = Cause("curriculum", metric="outcome", value=0.9, threshold=0.9, **drawn)
            tracker.record(
                {"level": level}, step=step + 5, epoch=came[-1], task=str(level), requested_at=step, cause=cause
            )
    return load(folder), came


def by_epoch(values, name="score"):
    return replace(series(values, name), epochs=tuple(map(float, range(len(values)))))


def climbing(seed, *, came=(), planted=0.0, rho=0.6):
    """A learning curve with noise, and a step at each switch."""
    noise = autoregressive(POINTS, rho=rho, seed=seed)
    return [value + 0.02 * at + planted * sum(at > one for one in came) for at, value in enumerate(noise)]


def test_a_planted_step_is_distinguished_from_chance(journal):
    history, came = jittered(journal, seed=4)
    found = randomised(history, by_epoch(climbing(4, came=came, planted=4.0)))
    assert [switch.at for switch in found.switches] == came
    assert [switch.first for switch in found.switches] == RULES
    assert found.p < 0.05
    assert found.value > 0


def test_where_nothing_happened_seven_in_a_hundred_at_most_are_found(tmp_path):
    histories = [jittered(tmp_path / str(seed), seed=seed)[0] for seed in range(20)]
    found = [randomised(histories[seed % 20], by_epoch(climbing(seed))).p for seed in range(400)]
    assert sum(p <= 0.05 for p in found) / 400 <= 0.07
    assert sum(p <= 0.5 for p in found) / 400 == pytest.approx(0.5, abs=0.08)


def test_p_is_the_share_of_moments_that_are_as_extreme(journal):
    history, came = jittered(journal, seed=1, rules=RULES[:2])
    values = climbing(9)
    found = randomised(history, by_epoch(values))

    def step(at, rule, start, end):
        window = values[max(start, rule - REACH) : min(end, rule + CHOICES + REACH)]
        first = max(start, rule - REACH)
        before, after = window[: at - first], window[at - first + 1 :]
        return sum(after) / len(after) - sum(before) / len(before)

    bounds = [(0, RULES[1]), (RULES[0] + CHOICES, POINTS)]
    steps = [
        [step(rule + late, rule, *bound) for late in range(CHOICES)]
        for rule, bound in zip(RULES[:2], bounds, strict=True)
    ]
    centred = [[one - sum(each) / CHOICES for one in each] for each in steps]
    observed = sum(each[at - rule] for each, at, rule in zip(centred, came, RULES[:2], strict=True))
    extreme = [abs(sum(drawn)) >= abs(observed) - 1e-12 for drawn in product(*centred)]
    assert found.p == pytest.approx(sum(extreme) / len(extreme))
    assert found.value == pytest.approx(observed / 2)
    assert found.least_p == 1 / CHOICES**2


def test_many_moments_are_drawn_and_not_counted(journal):
    history, came = jittered(journal, seed=2, choices=20)
    found = randomised(history, by_epoch(climbing(2, came=came, planted=9.0, rho=0)))
    assert found.p < 0.05
    assert found == randomised(history, by_epoch(climbing(2, came=came, planted=9.0, rho=0)))


def test_a_switch_without_points_around_it_is_counted_and_left_out(journal):
    history, _ = jittered(journal, seed=3, rules=[LEAST - 1, 60, 120, 120 + CHOICES + LEAST - 1])
    found = randomised(history, by_epoch(climbing(3)))
    assert (len(found.switches), found.unused) == (1, 3)


def test_switches_that_redefine_the_metric_are_left_out_unless_it_is_invariant(journal, monkeypatch):
    history, _ = jittered(journal, seed=3)
    monkeypatch.setitem(meaning.__globals__, "redefining", lambda _, changes: [c for c in changes if c.after == 2])
    left = randomised(history, by_epoch(climbing(3)))
    assert ([switch.number for switch in left.switches], left.unused) == ([1, 3, 4], 1)
    assert len(randomised(history, by_epoch(climbing(3)), invariant=True).switches) == 4


def test_there_is_no_test_without_delays_or_epochs(tmp_path):
    assert randomised(jittered(tmp_path / "a", seed=1, told=False)[0], by_epoch(climbing(1))) is None
    assert randomised(jittered(tmp_path / "b", seed=1)[0], series(climbing(1))) is None


def test_the_command_line_prints_it(tmp_path):
    _, came = jittered(tmp_path / "envcfg", seed=4)
    values = by_epoch(climbing(4, came=came, planted=4.0), "reward")
    log(tmp_path, values, replace(values, name="epoch", values=values.epochs))
    said = envcfg("effects", tmp_path).stdout.splitlines()[-1]
    assert said.startswith("4 changes came at random times, each chosen from 6: reward jumped by +")
    assert "more than at the other possible times, caused by these changes (randomisation test: p " in said
    answer = json.loads(envcfg("effects", tmp_path, "--format", "json").stdout)["randomised"]
    assert [switch["at"] for switch in answer["switches"]] == came
    assert str(effect_cards(load(tmp_path))).count(said) == 1


def test_the_moments_begin_a_delay_before_the_step_at_which_the_slots_were_asked(journal):
    """`requested_at` is the step after the wait, as the format says and as the demo records it."""
    with Tracker(journal, run="r") as tracker:
        tracker.record({"level": 0}, step=0, epoch=0)
        cause = Cause("curriculum", metric="outcome", value=0.9, threshold=0.9, delay=4, propensity=1 / CHOICES)
        asked = (60 + 4) * BIN  # the rule was met at point 60, and the change waited for four epochs
        tracker.record({"level": 1}, step=asked + 5, epoch=64, requested_at=asked, cause=cause)
    (switch,) = randomised(load(journal), by_epoch(climbing(1))).switches
    assert (switch.first, switch.at, switch.choices) == (60, 64, CHOICES)
