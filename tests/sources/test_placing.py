"""Rows that nobody marked: what they say of themselves counts only if it agrees with the run clock."""

import shutil
from pathlib import Path

import pytest
from command_line import envcfg

from envcfg import Tracker, effects, load
from envcfg.analysis.run.timeline import timeline
from envcfg.core.errors import SourceError
from envcfg.core.record import Link
from envcfg.sources.logged import rows
from envcfg.sources.metrics import metric
from envcfg.sources.placing import disagreements
from envcfg.sources.wandb.metric_rows import FILE, packed_rows

BEGIN, EPOCHS, STEPS = 1_800_000_000.0, 20, 1000
CHANGE = 10 * STEPS
GOLDEN = Path(__file__).parent.parent / "golden"


def trained(folder, *, epochs=True, metric_step=None, marked=False):
    """A run whose epochs take 100 seconds each; the config changes at the beginning of epoch 10."""
    now = [BEGIN]
    with Tracker(folder / "envcfg", run="r", clock=lambda: now[0], metric_step=metric_step) as tracker:
        if marked:
            tracker._out.append(Link(BEGIN, "wandb", "abc", marked=True))
        for epoch in range(EPOCHS if epochs else 1):
            now[0] += 50
            tracker.record({"level": epoch >= 10}, step=epoch * STEPS, epoch=epoch if epochs else None)
            now[0] += 50
            if epochs:
                tracker.end_epoch(step=(epoch + 1) * STEPS - 1, epoch=epoch)
    return folder


def logged(folder, row_of, *, late=1.0):
    """One row for each epoch, some seconds after its end. *row_of* gives what the row says of itself."""
    found = [
        {"_step": epoch, "_timestamp": BEGIN + 100 * (epoch + 1) + late, "reward": float(epoch < 10), **row_of(epoch)}
        for epoch in range(EPOCHS)
    ]
    (folder / FILE).write_bytes(packed_rows(found))
    return load(folder)


def fall(series):
    return next(step for step, value in zip(series.steps, series.values, strict=True) if not value)


AT_THE_END = 11 * STEPS - 1
SAID = {
    "nothing": (lambda _: {}, "_step, as epochs"),
    "the step": (lambda epoch: {"global_step": (epoch + 1) * STEPS - 1}, "global_step"),
    "Lightning's step": (lambda epoch: {"trainer/global_step": (epoch + 1) * STEPS - 1}, "trainer/global_step"),
    "the epoch": (lambda epoch: {"epoch": epoch, "_step": 7 * epoch}, "epoch, as epochs"),
    "updates": (lambda epoch: {"global_step": epoch * 4, "_step": 3 * epoch + 100}, "run clock"),
    "a step a row of W&B": (lambda epoch: {"_step": (epoch + 1) * STEPS - 1}, "_step"),
    "a step that stands still": (lambda epoch: {"global_step": 0, "_step": 2 * epoch + 50}, "run clock"),
    "steps of another unit": (lambda epoch: {"step": epoch, "_step": 5 * epoch + 9}, "run clock"),
}


@pytest.mark.parametrize("said", SAID)
def test_a_row_is_placed_where_the_clock_was_or_where_it_says_and_the_clock_agrees(tmp_path, said):
    row_of, axis = SAID[said]
    series = metric(logged(trained(tmp_path), row_of))
    assert (series.axis, fall(series)) == (axis, AT_THE_END)


def test_units_are_never_mixed(tmp_path):
    def row_of(epoch):
        return {"_step": 50 + 9 * epoch, **({"global_step": (epoch + 1) * STEPS - 1} if epoch % 2 else {})}

    history = logged(trained(tmp_path), row_of)
    series = metric(history)
    assert series.axis == "run clock"
    assert series.steps == tuple((epoch + 1) * STEPS - 1 for epoch in range(EPOCHS))


def test_rows_that_were_logged_before_the_mark_are_placed_by_their_time(tmp_path):
    history = logged(
        trained(tmp_path, marked=True), lambda e: {} if e < 3 else {"env_config/step": (e + 1) * STEPS - 1}
    )
    series = metric(history)
    assert series.axis == "env_config/step"
    assert series.steps == tuple((epoch + 1) * STEPS - 1 for epoch in range(EPOCHS))


def test_an_axis_that_cannot_be_checked_is_refused_with_what_to_write(tmp_path):
    history = logged(trained(tmp_path, epochs=False), lambda epoch: {"global_step": epoch * STEPS})
    with pytest.raises(SourceError, match=r"hydra\.callbacks\.env_config\.metric_step=global_step"):
        metric(history)


def unended(folder):
    """A run with a change every other epoch, and no ends of epochs."""
    now = [BEGIN]
    with Tracker(folder / "envcfg", run="r", clock=lambda: now[0]) as tracker:
        for epoch in range(EPOCHS):
            now[0] += 50
            if epoch % 2 == 0:
                tracker.record({"level": epoch // 10, "at": epoch // 2}, step=epoch * STEPS)
            now[0] += 50
    return folder


def test_without_ends_of_epochs_a_step_that_lies_between_the_changes_around_it_is_believed(tmp_path):
    history = logged(unended(tmp_path), lambda epoch: {"global_step": (epoch + 1) * STEPS - 1, "step": epoch})
    series = metric(history)
    assert (series.axis, fall(series), series.doubt) == ("global_step", AT_THE_END, None)


def test_without_ends_of_epochs_an_axis_that_no_change_confirms_is_named_with_what_to_write(tmp_path):
    history = logged(unended(tmp_path), lambda epoch: {"global_step": epoch * 4})
    series = metric(history)
    assert 10 * STEPS <= fall(series) <= 12 * STEPS
    assert series.axis == "run clock"
    for wanted in ("reward is placed by run clock", "tracker.end_epoch(step=...)", "metric_step=KEY"):
        assert wanted in series.doubt
        assert wanted in " ".join(timeline(history, metric=series).notes)
    cautions = {caution.kind for effect in effects(history, series) for caution in effect.cautions}
    assert "unchecked axis" in cautions
    printed = envcfg("doctor", tmp_path).stdout
    assert "nothing in this recording shows that these are environment steps" in printed
    assert "call tracker.end_epoch(step=...)" in printed


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_an_old_journal_says_that_it_cannot_check_the_axis_of_a_metric(tmp_path, version):
    shutil.copytree(GOLDEN / version, tmp_path / "envcfg")
    times = [adoption.record.time for adoption in load(tmp_path).adoptions]
    found = [{"_step": n, "_timestamp": time + 0.5, "reward": n / 10} for n, time in enumerate(times)]
    (tmp_path / FILE).write_bytes(packed_rows(found))
    series = metric(load(tmp_path))
    assert "nothing in this recording shows that these are environment steps" in series.doubt
    assert set(series.steps) <= {adoption.record.step for adoption in load(tmp_path).adoptions}


def test_rows_without_a_time_are_not_checked(tmp_path):
    history = logged(trained(tmp_path), lambda _: {})
    rows_without = [{key: value for key, value in row.items() if key != "_timestamp"} for row in rows(history)]
    (tmp_path / FILE).write_bytes(packed_rows(rows_without))
    assert "reward is placed by _step" in metric(load(tmp_path)).doubt


def test_an_axis_that_the_trainer_states_is_used(tmp_path):
    history = logged(
        trained(tmp_path, epochs=False, metric_step="frames"), lambda epoch: {"frames": (epoch + 1) * STEPS - 1}
    )
    series = metric(history)
    assert (series.axis, fall(series)) == ("frames", AT_THE_END)


def test_a_step_that_disagrees_with_the_clock_is_named(tmp_path):
    history = logged(trained(tmp_path), lambda epoch: {"global_step": epoch * 4})
    assert list(disagreements(history, list(rows(history)))) == ["global_step is 76 where the run is at step 19,999"]


def test_rows_of_a_part_that_a_rollback_replaced_do_not_count(tmp_path):
    now = [BEGIN]
    for first, last in ((0, 6), (3, 8)):
        with Tracker(tmp_path / "envcfg", run="r", clock=lambda: now[0]) as tracker:
            if not first:
                tracker._out.append(Link(BEGIN, "wandb", "abc", marked=True))
            for epoch in range(first, last):
                tracker.record({"level": epoch}, step=epoch * STEPS, epoch=epoch)
                now[0] += 100
                tracker.end_epoch(step=(epoch + 1) * STEPS - 1, epoch=epoch)
    epochs = [*range(6), *range(3, 8)]
    found = [
        {"_step": n, "_timestamp": BEGIN + 100 * n + 99, "reward": float(n), "env_config/step": e * STEPS + 999}
        for n, e in enumerate(epochs)
    ]
    (tmp_path / FILE).write_bytes(packed_rows(found))
    series = metric(load(tmp_path))
    assert series.steps == tuple(epoch * STEPS + 999 for epoch in range(8))
    assert series.values == (0, 1, 2, 6, 7, 8, 9, 10)
