"""Every function that takes the name of a metric also takes a `Series`, or for several runs a function."""

import pytest

from envcfg import correlations, effects, figures, load, load_sweep, sample, tables
from envcfg.core.errors import SourceError
from envcfg.sources import Series, metric

OF_A_RUN = {
    "timeline": lambda run, given: figures.timeline(run, metric_name=given).to_json(),
    "effects": lambda run, given: figures.effect_intervals(run, given).to_json(),
    "cards": lambda run, given: figures.effect_cards(run, given).html,
    "explore": lambda run, given: figures.explore(run, metric_name=given).figure.to_json(),
    "table of effects": lambda run, given: str(tables.effect_estimates(run, given).to_dicts()),
    "table of metrics": lambda run, given: str(tables.metrics(run, [given]).to_dicts()),
    "correlations": lambda run, given: str(correlations(run, given)),
    "effects in Python": lambda run, given: str(effects(run, given)),
}
OF_SEVERAL = {
    "event study": lambda runs, given: figures.event_study(runs, metric_name=given).to_json(),
    "multiples": lambda runs, given: figures.multiples(runs, metric_name=given).to_json(),
    "parameter": lambda runs, given: figures.parameter(runs, metric_name=given).to_json(),
    "performance_profiles": lambda runs, given: figures.performance_profiles(runs, metric_name=given).to_json(),
    "trajectories": lambda runs, given: figures.trajectories(runs, metric_name=given).to_json(),
    "pooled cards": lambda runs, given: figures.pooled_cards(runs, given).html,
    "report": lambda runs, given: figures.report(runs, metric_name=given),
}


def doubled(run):
    found = metric(run)
    return Series.of("twice", found.steps, [2 * value for value in found.values], epochs=found.epochs)


@pytest.mark.parametrize("draw", OF_A_RUN.values(), ids=OF_A_RUN.keys())
def test_a_series_can_be_drawn_instead_of_a_logged_metric(draw):
    run = load(sample("sweep") / "schedule-1")
    assert "twice" in draw(run, doubled(run))


@pytest.mark.parametrize("draw", OF_SEVERAL.values(), ids=OF_SEVERAL.keys())
def test_a_function_gives_the_series_of_each_of_several_runs(draw):
    assert "twice" in draw(load_sweep(sample("sweep")), doubled)


@pytest.mark.parametrize("draw", OF_SEVERAL.values(), ids=OF_SEVERAL.keys())
def test_one_series_is_refused_for_several_runs(draw):
    runs = load_sweep(sample("sweep"))
    with pytest.raises(SourceError, match="the series twice belongs to one run, and there are 5: give a function"):
        draw(runs, doubled(runs[0].history))
