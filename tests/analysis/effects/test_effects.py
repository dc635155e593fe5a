import itertools
import math
import subprocess
import sys
from dataclasses import replace

import pytest
from noise import BIN, autoregressive, run, series

import envcfg
from envcfg import Cause
from envcfg.analysis.effects.formatting import card
from envcfg.core.errors import SourceError

PLAIN = {0: {"wall": 1}, 60: {"wall": 2}}


def kinds(effect):
    return {caution.kind for caution in effect.cautions}


def stepped(size, *, at=60, count=120, rho=0.0, seed=1):
    return [value + size * (index >= at) for index, value in enumerate(autoregressive(count, rho=rho, seed=seed))]


def test_a_planted_step_is_found_where_it_is_and_as_large_as_it_is(journal):
    (effect,) = envcfg.effects(
        run(journal, {0: {"wall": 1}, 120: {"wall": 2}}), series(stepped(3.0, at=120, count=240))
    )
    found = effect.estimate
    assert effect.numbers == (1,)
    assert found.low < 3.0 < found.high
    assert found.points == (30, 30)
    assert found.sd == pytest.approx(3.0, abs=1.0)
    assert effect.q == found.p < 0.001
    assert kinds(effect) == set()


def test_a_metric_that_the_change_redefines_is_not_tested_unless_it_is_invariant(journal):
    history = run(journal, {0: {"rewards": {"heart": 1.0}}, 60: {"rewards": {"heart": 0.5}}})
    (refused,) = envcfg.effects(history, series(stepped(3.0)))
    assert (refused.estimate, refused.q) == (None, None)
    assert refused.refusal.startswith("metric not invariant: rewards.heart changed")
    assert kinds(refused) == {"metric not invariant"}
    assert envcfg.effects(history, series(stepped(3.0)), invariant=True)[0].estimate is not None
    assert envcfg.effects(history, series(stepped(3.0), "success_rate"))[0].estimate is not None


@pytest.mark.parametrize(
    "key",
    ["max_steps", "num_agents", "reward_scale", "max_episode_steps", "step_penalty", "episode_len", "max_frames"],
)
def test_what_redefines_a_return_is_known_by_its_name(journal, key):
    (effect,) = envcfg.effects(run(journal, {0: {"game": {key: 1}}, 60: {"game": {key: 2}}}), series(stepped(0.0)))
    assert f"game.{key} changed" in effect.refusal


@pytest.mark.parametrize("key", ["walls", "freeze_duration", "agents_hp", "max_walls", "bonus_level", "forward_speed"])
def test_what_redefines_no_return_is_tested(journal, key):
    (effect,) = envcfg.effects(run(journal, {0: {"game": {key: 1}}, 60: {"game": {key: 2}}}), series(stepped(0.0)))
    assert effect.refusal is None


def test_changes_that_are_close_together_are_one_group(journal):
    history = run(journal, {0: {"wall": 1}, 40: {"wall": 2}, 43: {"wall": 3}, 80: {"wall": 4}})
    close, alone = envcfg.effects(history, series(stepped(0.0)))
    assert (close.numbers, alone.numbers) == ((1, 2), (3,))
    assert "changes 1, 2 are too close together" in close.cautions[0].text
    assert "windows overlap" in kinds(close) & kinds(alone)


def test_the_refusal_for_constant_changes_says_what_to_use_instead(journal):
    history = run(journal, {index: {"wall": index % 5} for index in range(100)})
    (effect,) = envcfg.effects(history, series(stepped(0.0, count=100)))
    assert effect.refusal.startswith("the config changed all the time")
    assert len(effect.edits) == 5
    assert kinds(effect) == {"simultaneous"}


def test_windows_stop_at_the_neighbouring_change(journal):
    history = run(journal, {0: {"wall": 1}, 40: {"wall": 2}, 50: {"wall": 3}})
    first, second = envcfg.effects(history, series(stepped(0.0)))
    assert (first.estimate.points, second.estimate.points) == ((30, 10), (10, 30))


def promoted(values, *, width=10, threshold=0.4):
    """The bin before which a curriculum promotes: the mean of the last *width* values reached the threshold."""
    means = [sum(values[at - width : at]) / width for at in range(40, 200)]
    at = next(at for at, mean in enumerate(means, start=40) if mean >= threshold)
    return at, Cause("curriculum", metric="score", value=means[at - 40], threshold=threshold)


def test_the_rule_of_an_adaptive_change_is_simulated_and_its_bias_taken_off(journal):
    values = autoregressive(240, seed=3)
    at, cause = promoted(values)
    (effect,) = envcfg.effects(run(journal, {0: {"wall": 1}, at: {"wall": 2}}, cause=cause), series(values))
    found = effect.estimate
    assert found.rule == "the mean of the last 10 values of score reached 0.4"
    assert -0.8 < found.correction < -0.2
    assert found.p is not None
    assert "what this rule alone produces is subtracted" in " ".join(caution.text for caution in effect.cautions)


def test_the_rule_may_wait_for_a_fall(journal):
    values = autoregressive(240, seed=3)
    at, cause = promoted(values)
    lower = Cause("curriculum", metric="score", value=-cause.value, threshold=-cause.threshold)
    history = run(journal, {0: {"wall": 1}, at: {"wall": 2}}, cause=lower)
    (mirrored,) = envcfg.effects(history, series([-value for value in values]))
    assert mirrored.estimate.rule == "the mean of the last 10 values of score fell to -0.4"
    assert 0.2 < mirrored.estimate.correction < 0.8


@pytest.mark.parametrize(
    ("cause", "why"),
    [
        (Cause("curriculum"), "the cause has no metric, value and threshold"),
        (Cause("curriculum", metric="task_prob", value=0.2), "the cause has no metric, value and threshold"),
        (Cause("curriculum", metric="other", value=0.2, threshold=0.1), "other was not logged"),
        (Cause("curriculum", metric="score", value=9.0, threshold=8.0), "9 is not the mean of the last values"),
        (
            Cause("curriculum", metric="score", value=0.31, threshold=0.3, delay=2, propensity=0.2),
            "logged without epochs",
        ),
    ],
)
def test_an_adaptive_change_whose_rule_cannot_be_simulated_has_no_test(journal, cause, why):
    (effect,) = envcfg.effects(run(journal, PLAIN, cause=cause), series(stepped(3.0)))
    found = effect.estimate
    assert (found.p, found.low, found.high, found.correction, found.rule, effect.q) == (None,) * 6
    (said,) = [caution.text for caution in effect.cautions if caution.kind == "adaptive trigger"]
    assert why in said


def test_a_sharp_rise_around_the_change_is_no_jump(journal):
    noise = autoregressive(120, seed=6)
    curve = [8 / (1 + math.exp(-(index - 60) / 2.3)) for index in range(120)]
    (effect,) = envcfg.effects(run(journal, PLAIN), series([a + b for a, b in zip(curve, noise, strict=True)]))
    assert effect.estimate.is_slope
    assert (effect.estimate.p, effect.estimate.low, effect.q) == (None, None, None)
    assert "slope" in kinds(effect)
    assert not envcfg.effects(envcfg.load(journal), series(stepped(8.0)))[0].estimate.is_slope


def test_a_curve_that_bends_has_a_wider_interval_and_says_so(journal):
    noise = autoregressive(120, rho=0.3, seed=6)
    curve = [8 * (1 - math.exp(-index / 20)) for index in range(120)]
    history = run(journal, {0: {"wall": 1}, 12: {"wall": 2}})
    (bent,) = envcfg.effects(history, series([a + b for a, b in zip(curve, noise, strict=True)]))
    (flat,) = envcfg.effects(history, series(noise))
    assert bent.estimate.bend > flat.estimate.bend
    assert bent.estimate.se > flat.estimate.se
    assert "the curve bends" in card(bent).detail


def test_a_card_says_the_smallest_effect_that_it_could_have_seen(journal):
    (effect,) = envcfg.effects(run(journal, PLAIN), series(stepped(0.0)))
    found = effect.estimate
    assert found.detectable == pytest.approx(found.se * (2.0 + 0.85), rel=0.05)
    assert f"could have seen ±{found.detectable:.3g}" in card(effect).detail


def test_few_points_give_a_size_and_no_p_value(journal):
    (effect,) = envcfg.effects(run(journal, {0: {"wall": 1}, 5: {"wall": 2}}), series(stepped(5.0, at=5, count=10)))
    found = effect.estimate
    assert (found.p, found.low, effect.q) == (None, None, None)
    assert found.value == pytest.approx(5.0, abs=3.0)
    assert "few points" in kinds(effect)


def test_strongly_autocorrelated_points_have_no_test(journal):
    (effect,) = envcfg.effects(run(journal, PLAIN), series(list(itertools.accumulate(autoregressive(120)))))
    assert effect.estimate.p is None
    assert kinds(effect) & {"few points", "slope"}


def test_a_metric_at_its_bound_has_a_caution(journal):
    history = run(journal, PLAIN)
    (free,) = envcfg.effects(history, series(stepped(0.0)))
    (capped,) = envcfg.effects(history, series([min(0.3, value) for value in stepped(0.0)]))
    assert "at a bound" not in kinds(free)
    assert "% of the points are exactly 0.3" in next(c.text for c in capped.cautions if c.kind == "at a bound")


def test_a_smoothed_metric_has_a_caution(journal):
    raw = autoregressive(140, seed=5)
    smooth = [sum(raw[at : at + 20]) / 20 + 0.0 for at in range(120)]
    twice = [sum(smooth[at : at + 5]) / 5 for at in range(115)]
    assert "smoothed input" in kinds(envcfg.effects(run(journal, PLAIN), series(twice))[0])
    assert "smoothed input" in kinds(envcfg.effects(envcfg.load(journal), series(raw, "return_ema"))[0])
    assert "smoothed input" not in kinds(envcfg.effects(envcfg.load(journal), series(raw))[0])


def test_a_lag_between_the_slots_is_left_out_of_the_window(journal):
    with envcfg.Tracker(journal) as tracker:
        for slot in range(4):
            tracker.record({"wall": 1}, step=0, slot=slot)
        for slot in range(4):
            tracker.record({"wall": 2}, step=(50 + slot * 2) * BIN, slot=slot, requested_at=50 * BIN)
    values = autoregressive(120, seed=2)
    values[50:56] = [1e6] * 6
    (effect,) = envcfg.effects(envcfg.load(journal), series(values))
    assert abs(effect.estimate.value) < 5
    assert "lag" in kinds(effect)


def test_a_trend_before_the_change_has_a_caution(journal):
    history = run(journal, PLAIN)
    climbing = [0.2 * min(index, 60) + noise for index, noise in enumerate(autoregressive(120, seed=4))]
    assert "pre-trend" in kinds(envcfg.effects(history, series(climbing))[0])
    assert "pre-trend" not in kinds(envcfg.effects(history, series(autoregressive(120, seed=4)))[0])


def test_steps_that_a_resumed_run_logged_twice_have_a_caution(journal):
    for session in range(2):
        with envcfg.Tracker(journal, run="made") as tracker:
            tracker.record({"wall": 1}, step=session * 30 * BIN)
            tracker.record({"wall": 2}, step=60 * BIN) if session else None
    points = series(autoregressive(120))
    twice = replace(points, steps=(*points.steps[:80], *points.steps[40:80]))
    (effect,) = envcfg.effects(envcfg.load(journal), replace(twice, steps=tuple(sorted(twice.steps))))
    assert "40 steps were logged twice" in next(c.text for c in effect.cautions if c.kind == "resumed twice")
    assert "resumed twice" not in kinds(envcfg.effects(envcfg.load(journal), points)[0])


def test_a_history_with_the_size_of_a_wandb_sample_has_a_caution(journal):
    history = run(journal, PLAIN)
    assert "sampled history" in kinds(envcfg.effects(history, series(stepped(0.0, count=500)))[0])
    assert "sampled history" not in kinds(envcfg.effects(history, series(stepped(0.0, count=501)))[0])


def test_a_metric_without_environment_steps_has_a_caution(journal):
    points = replace(series(stepped(0.0)), axis="_step", is_checked=False)
    assert "unchecked axis" in kinds(envcfg.effects(run(journal, PLAIN), points)[0])
    assert "unchecked axis" not in kinds(envcfg.effects(run(journal, PLAIN), replace(points, is_checked=True))[0])


def test_bins_are_raw_means_of_equal_steps(journal):
    points = series([1.0, 2.0, 3.0, 4.0] * 8)
    history = run(journal, {0: {"wall": 1}, 16: {"wall": 2}})
    assert envcfg.effects(history, points)[0].estimate.means == (2.5, 2.5)


@pytest.mark.parametrize("value", [lambda _: 1.0, float, lambda index: 0.1 * index, lambda index: float(index >= 60)])
def test_a_metric_without_noise_is_refused(journal, value):
    (effect,) = envcfg.effects(run(journal, PLAIN), series([value(index) for index in range(120)]))
    assert effect.refusal == "score has no noise around this change to compare an effect with"


@pytest.mark.parametrize("scale", [1e-140, 1e-9, 1e9, 1e140])
def test_the_unit_of_a_metric_changes_nothing_but_the_unit(journal, scale):
    history = run(journal, PLAIN)
    (plain,) = envcfg.effects(history, series(stepped(1.0, rho=0.5)))
    (scaled,) = envcfg.effects(history, series([scale * value for value in stepped(1.0, rho=0.5)]))
    assert scaled.estimate.p == pytest.approx(plain.estimate.p)
    assert scaled.estimate.value == pytest.approx(scale * plain.estimate.value)


def test_a_run_without_changes_has_no_effects(journal):
    assert envcfg.effects(run(journal, {0: {"wall": 1}}), series(stepped(0.0))) == ()


def test_a_metric_of_one_point_is_an_error(journal):
    with pytest.raises(SourceError, match="was logged at one step only"):
        envcfg.effects(run(journal, PLAIN), series([1.0]))


def test_without_numpy_the_extra_is_named():
    script = """
import sys
sys.modules["numpy"] = None
import envcfg
try:
    envcfg.effects
except envcfg.EnvcfgError as error:
    print(error)
"""
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert "pip install 'envcfg[stats]'" in said
