"""How often an effect is found where there is none: on learning curves, after adaptive promotions, and over seeds.

    python benchmarks/inference.py [SERIES] [curves | power | pooled | adaptive | compare]

Each number is a rate over SERIES simulations (400). The runs have 120 points; nothing happens at the change. A refused
test finds nothing. The rate of refused tests follows in brackets. `PASS` and `MISS` compare with the bar: at most .07
false positives.
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from math import sqrt
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from envcfg.analysis.effects.bends import CLEARLY, WIDTHS
from envcfg.analysis.effects.cautions import BOUND
from envcfg.analysis.effects.estimate import LEAST_EFFECTIVE
from envcfg.analysis.effects.pooling import LEAST
from envcfg.analysis.effects.reml import Design, Fit, p_value, ramp_design, step_design
from envcfg.analysis.effects.rule import Rule
from envcfg.analysis.effects.selection import DOUBT, selections
from envcfg.analysis.effects.windows import REACH
from envcfg.analysis.sweep.outcomes import iqm, outcomes

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

COUNT: Final = 120
LONG: Final = 300
"""The points of a run with an adaptive curriculum."""
RHO: Final = 0.3
PLACES: Final = (8, 12, 30, 60, 90)
SEEDS: Final = (3, 5, 10, 20)
GROUPS: Final = (2, 4, 16)
BAR: Final = 0.07
WIDTH: Final = 10
"""The points whose mean an adaptive curriculum looks at."""


def noise(rows: int, count: int, rng: np.random.Generator, *, rho: float = RHO) -> Floats:
    """AR(1) noise of variance one."""
    found = rng.standard_normal((rows, count))
    for point in range(1, count):
        found[:, point] = rho * found[:, point - 1] + sqrt(1 - rho * rho) * found[:, point]
    return found


def flat(rows: int, count: int, rng: np.random.Generator) -> Floats:
    return noise(rows, count, rng)


def exponential(rows: int, count: int, rng: np.random.Generator) -> Floats:
    return 8 * (1 - np.exp(-np.arange(count) / 20)) + noise(rows, count, rng)


def sigmoid(rows: int, count: int, rng: np.random.Generator) -> Floats:
    """From 10 to 90 % in 10 bins, in the middle of a run of 120."""
    return 8 / (1 + np.exp(-(np.arange(count) - 60) / 2.28)) + noise(rows, count, rng)


def plateau(rows: int, count: int, rng: np.random.Generator) -> Floats:
    """A straight rise that ends at once, in the middle of a run of 120."""
    return 8 * np.minimum(np.arange(count) / 60, 1) + noise(rows, count, rng)


def ceiling(rows: int, count: int, rng: np.random.Generator) -> Floats:
    """At its maximum, with bursts that fall and recover, like the return of CartPole."""
    found, level = np.zeros((rows, count)), np.zeros(rows)
    for point in range(count):
        level = 0.6 * level - np.where(rng.random(rows) < 0.05, rng.uniform(0.3, 1.0, rows), 0.0)
        found[:, point] = np.where(level > -0.02, 0.0, level)
    return found


Curve = Callable[[int, int, np.random.Generator], Floats]
CURVES: Final[Mapping[str, Curve]] = {
    "flat": flat,
    "exponential": exponential,
    "sigmoid": sigmoid,
    "plateau": plateau,
    "ceiling": ceiling,
}


class Tests(NamedTuple):
    """Many tests: their p values, NaN for a refused one."""

    p: Floats

    @property
    def found(self) -> float:
        return float(np.mean(self.p < 0.05))

    def __str__(self) -> str:
        return f"{self.found:.3f} ({np.mean(np.isnan(self.p)):.2f})"


def verdict(tests: Sequence[Tests]) -> str:
    return "PASS" if max(each.found for each in tests) <= BAR else "MISS"


class Cards(NamedTuple):
    """The cards of many runs whose windows have the same shape."""

    bins: Ints
    rows: Floats
    """(runs, points)"""
    correction: Floats
    """What the rule of each adaptive change produces; 0 for a scheduled one."""
    fit: Fit
    is_tested: NDArray[np.bool_]
    is_pooled: NDArray[np.bool_]
    """Whether it is tested and not at a bound."""

    @property
    def tests(self) -> Tests:
        se = np.sqrt(self.fit.se**2 + np.square(DOUBT * self.correction))
        return Tests(np.where(self.is_tested, p_value(self.fit.value / se, self.fit.df), np.nan))


def around(change: int, count: int = COUNT) -> Ints:
    """The bins of a window, from the change on."""
    return np.arange(max(0, change - REACH), min(count, change + REACH)) - change


def cards(rows: Floats, bins: Ints, bias: Floats | None = None) -> Cards:
    """What `estimate` does for each row, at once. Placebos are left out: they can only widen an interval."""
    design = step_design(bins, 0)
    rests = rows if bias is None else rows - np.nan_to_num(bias)
    fit = design.fit(rests)
    known = np.ptp(rows, axis=1) > 0 if bias is None else np.isfinite(bias).all(axis=1)
    is_tested = known & (fit.points >= LEAST_EFFECTIVE) & ~are_slopes(bins, rests, fit)
    correction = np.zeros(len(rows)) if bias is None else design.apply(np.nan_to_num(bias), fit.choice)
    is_tested &= fit.sd > 1e-9
    return Cards(bins, rests, correction, fit, is_tested, is_tested & ~are_at_bound(rows))


def are_slopes(bins: Ints, rows: Floats, fit: Fit) -> NDArray[np.bool_]:
    likelihoods = [ramp_design(bins, 0, width).fit(rows).likelihood for width in WIDTHS]
    found: NDArray[np.bool_] = np.max(likelihoods, axis=0) - fit.likelihood > CLEARLY
    return found


def are_at_bound(rows: Floats) -> NDArray[np.bool_]:
    """Whether a metric is often at its highest or lowest value: such runs are not pooled."""
    edges = (rows.max(axis=1, keepdims=True), rows.min(axis=1, keepdims=True))
    found: NDArray[np.bool_] = np.max([(rows == edge).mean(axis=1) for edge in edges], axis=0) >= BOUND
    return found


def pooled(found: Cards, *, seeds: int, sweeps: int) -> tuple[Tests, Floats]:
    """What `together` does for each sweep of so many seeds: its tests, and its standard errors.

    If there are too few runs for separate sweeps, each sweep draws its runs from all of them.
    """
    design = step_design(found.bins, 0)
    draw = np.random.default_rng(seeds)
    is_enough = sweeps * seeds <= len(found.rows)
    chosen = (
        np.arange(sweeps * seeds).reshape(sweeps, seeds)
        if is_enough
        else np.stack([draw.choice(len(found.rows), seeds, replace=False) for _ in range(sweeps)])
    )
    is_tested = found.is_pooled[chosen]
    count = is_tested.sum(axis=1)
    weights = is_tested / np.maximum(count, 1)[:, None]
    means = np.einsum("sk,skn->sn", weights, found.rows[chosen])
    fit = design.fit(means)
    jumps = design.apply(found.rows[chosen].reshape(sweeps * seeds, -1), np.repeat(fit.choice, seeds))
    jumps = jumps.reshape(sweeps, seeds)
    value = (weights * jumps).sum(axis=1)
    variance = (is_tested * np.square(jumps - value[:, None])).sum(axis=1) / np.maximum(count - 1, 1)
    doubt = DOUBT * (weights * found.correction[chosen]).sum(axis=1)
    se = np.sqrt(variance / np.maximum(count, 1) + fit.bend**2 + doubt**2)
    refused = (count < max(LEAST, seeds / 2)) | are_slopes(found.bins, means, fit)
    return Tests(np.where(refused, np.nan, p_value(value / se, np.maximum(count - 1.0, 1.0)))), se


def curves(series: int) -> None:
    print(f"\nSingle cards at 5 %: found where nothing happens (refused); {4 * series} series each")
    print(f"{'curve':<12} " + " ".join(f"{f'at {place}':>14}" for place in PLACES))
    for name, curve in CURVES.items():
        rng = np.random.default_rng([1, len(name)])
        found = []
        for place in PLACES:
            bins = around(place)
            found.append(cards(curve(4 * series, COUNT, rng)[:, bins + place], bins).tests)
        print(f"{name:<12} " + " ".join(f"{each!s:>14}" for each in found) + f"  {verdict(found)}", flush=True)


def sweeps(series: int) -> None:
    print(
        f"\nPooled at 5 %, scheduled: found where nothing happens (refused); {series} sweeps of {5 * series} runs each"
    )
    print(f"{'curve':<12} {'at':>4} " + " ".join(f"{f'{seeds} seeds':>14}" for seeds in SEEDS))
    for name, curve in CURVES.items():
        for place in PLACES:
            rng = np.random.default_rng([4, len(name), place])
            bins = around(place)
            single = cards(curve(5 * series, COUNT, rng)[:, bins + place], bins)
            found = [pooled(single, seeds=seeds, sweeps=series)[0] for seeds in SEEDS]
            line = " ".join(f"{each!s:>14}" for each in found)
            print(f"{name:<12} {place:>4} {line}  {verdict(found)}", flush=True)


def power(series: int) -> None:
    print(f"\nPower on flat noise, at 1 and 2 sd (refused); {series} series or sweeps each")
    print("Beside it that of the version before: one straight trend, no bend; and Student's t over runs of such cards")
    for place in PLACES:
        bins, rng = around(place), np.random.default_rng([2, place])
        rows = flat(series, COUNT, rng)[:, bins + place]
        cells = []
        for size in (1, 2):
            stepped = rows + size * (bins >= 0)
            cells.append(f"{cards(stepped, bins).tests!s:>14}, before {before(stepped, bins).found:.3f}")
        print(f"single card at {place:<3} " + "   ".join(cells), flush=True)
    for place in (12, 60):
        bins = around(place)
        for seeds in SEEDS:
            rows = flat(series * seeds, COUNT, np.random.default_rng([3, seeds]))[:, bins + place]
            tests, errors = pooled(cards(rows, bins), seeds=seeds, sweeps=series)
            usual = student(rows, bins, seeds)[1]
            cells = [f"width / plain t {np.nanmedian(errors / usual):.2f}"]
            for size in (1, 2):
                stepped = rows + size * (bins >= 0)
                tests, _ = pooled(cards(stepped, bins), seeds=seeds, sweeps=series)
                cells.append(f"{tests!s:>14}, plain t {student(stepped, bins, seeds)[0].found:.3f}")
            print(f"{seeds:>2} seeds, at {place:<3} " + "   ".join(cells), flush=True)


def before(rows: Floats, bins: Ints) -> Tests:
    fit = straight(bins).fit(rows)
    return Tests(np.where(fit.points >= LEAST_EFFECTIVE, fit.p, np.nan))


def straight(bins: Ints) -> Design:
    columns = np.stack([np.ones(len(bins)), bins / len(bins), bins >= 0], axis=1)
    return Design(columns.astype(float), bins, of=2)


def student(rows: Floats, bins: Ints, seeds: int) -> tuple[Tests, Floats]:
    """Student's t over the effects of single runs."""
    values = straight(bins).fit(rows).value.reshape(-1, seeds)
    se = values.std(axis=1, ddof=1) / sqrt(seeds)
    return Tests(p_value(values.mean(axis=1) / se, seeds - 1.0)), se


def promoted(curve: Curve, wanted: int, *, is_own: bool, rng: np.random.Generator) -> tuple[Floats, Floats, list[Rule]]:
    """Runs whose curriculum promotes when the mean of ten points of a metric is high: the windows of both metrics."""
    rows: list[Floats] = []
    triggers: list[Floats] = []
    rules: list[Rule] = []
    while len(rows) < wanted:
        own = curve(500, LONG, rng)
        shape = own.mean(axis=0)
        rest = own - shape
        other = own if is_own else shape + 0.5 * rest + sqrt(0.75) * noise(500, LONG, rng) * rest.std()
        level = threshold(other, shape)
        sums = np.cumsum(np.pad(other, ((0, 0), (1, 0))), axis=1)
        is_high = (sums[:, WIDTH:] - sums[:, :-WIDTH]) / WIDTH >= level
        changes = np.where(is_high.any(axis=1), is_high.argmax(axis=1) + WIDTH, 0)
        for place in np.flatnonzero((changes >= REACH) & (changes <= LONG - REACH)):
            change = int(changes[place])
            rows.append(own[place, change - REACH : change + REACH])
            triggers.append(other[place, change - REACH : change + REACH])
            rules.append(Rule("score", is_own, other[place], level, WIDTH, 0, change, is_rise=True))
    return np.array(rows[:wanted]), np.array(triggers[:wanted]), rules[:wanted]


def threshold(rows: Floats, shape: Floats) -> float:
    """A threshold: within the rise of a curve, or within the noise of a flat one."""
    rise = float(shape[-20:].mean() - shape[:5].mean())
    scatter = float(np.std(rows - shape)) * sqrt((1 + RHO) / (1 - RHO) / WIDTH)
    return float(shape[:5].mean()) + 0.7 * rise if rise > 3 * scatter else float(shape.mean()) + 0.8 * scatter


def adaptive(series: int) -> None:
    print(f"\nAdaptive promotions that do nothing, found at 5 % (refused); {series} sweeps of {2 * series} runs")
    head = " ".join(f"{f'{seeds} seeds':>14}" for seeds in SEEDS)
    print(f"{'curve':<12} {'rule on':<7} {'raw, sd':>8} {'bias, sd':>8} {'1 run':>14} {head}")
    bins = np.arange(-REACH, REACH)
    for name, curve in CURVES.items():
        for is_own in (True, False):
            rng = np.random.default_rng([5, len(name), is_own])
            rows, triggers, rules = promoted(curve, 2 * series, is_own=is_own, rng=rng)
            bias = selections(rules, bins, rows, triggers, step_design(bins, 0))
            single = cards(rows, bins, bias)
            raw = np.median(cards(rows, bins).fit.value / single.fit.sd)
            rest = np.mean((single.fit.value / single.fit.sd)[single.is_tested])
            found = [single.tests, *(pooled(single, seeds=seeds, sweeps=series)[0] for seeds in SEEDS)]
            line = " ".join(f"{each!s:>14}" for each in found)
            kind = "own" if is_own else "other"
            print(f"{name:<12} {kind:<7} {raw:>+8.3f} {rest:>+8.3f} {line}  {verdict(found)}", flush=True)


def compare(series: int) -> None:
    print(f"\nCoverage of the 95 % intervals of compare, over {series} groups (bar .93)")
    print("False winners among equal groups, over as many sweeps (bar .07)")
    draws: Mapping[str, Callable[[np.random.Generator, int], Floats]] = {
        "normal": lambda rng, size: rng.standard_normal(size),
        "exponential": lambda rng, size: rng.exponential(size=size),
        "lognormal": lambda rng, size: rng.lognormal(size=size),
    }
    print(f"{'outcomes':<12} {'seeds':>6} {'coverage':>9} " + " ".join(f"{f'{g} groups':>10}" for g in GROUPS))
    for name, draw in draws.items():
        true = iqm(draw(np.random.default_rng(0), 1_000_000))
        for seeds in SEEDS:
            rng = np.random.default_rng([6, seeds])
            rows = [outcomes({"a": draw(rng, seeds).tolist()})[0].interval for _ in range(4 * series)]
            held = np.mean([row is not None and row[0] <= true <= row[1] for row in rows])
            won = [np.mean([is_won(draw, rng, seeds, groups) for _ in range(series)]) for groups in GROUPS]
            verdict = "PASS" if held >= 0.93 and max(won) <= BAR else "MISS"
            print(
                f"{name:<12} {seeds:>6} {held:>9.3f} " + " ".join(f"{one:>10.3f}" for one in won), verdict, flush=True
            )


def is_won(
    draw: Callable[[np.random.Generator, int], Floats], rng: np.random.Generator, seeds: int, groups: int
) -> bool:
    rows = outcomes({str(group): draw(rng, seeds).tolist() for group in range(groups)})
    return any(row.behind_interval is not None and row.behind_interval[0] > 0 for row in rows[1:])


TABLES: Final[Mapping[str, Callable[[int], None]]] = {
    "curves": curves,
    "power": power,
    "pooled": sweeps,
    "adaptive": adaptive,
    "compare": compare,
}


def main() -> None:
    series = next((int(text) for text in sys.argv[1:] if text.isdigit()), 400)
    asked = [text for text in sys.argv[1:] if text in TABLES] or list(TABLES)
    for name in asked:
        TABLES[name](series)


if __name__ == "__main__":
    main()
