"""Effects of changes from runs with and without them. Effects of known size are planted in the arms."""

import os

import pytest
from noise import BIN, autoregressive, log, series

from envcfg import EnvcfgError, Tracker, load, load_sweep
from envcfg.rerun.ablation import PLAN, RUNS, AblationPlan, arm_differences, caused, pairs, read_plan, write_plan
from envcfg.rerun.interventions import Intervention, intervened
from envcfg.rerun.windows import Arms

SCHEDULE = [(0, {"wall": 1, "rewards": 1}), (60, {"wall": 2, "rewards": 1}), (120, {"wall": 3, "rewards": 1})]
EDIT = "drop:1"


def arm(folder, *, seed, intervention=None, planted=0.0, schedule=SCHEDULE, late=0, complete=True):
    """A run of 180 points with the noise of its seed. *planted* is added to its score from the first change on."""
    job = {"config": {"seed": seed, "curriculum": {"kind": "replay", "intervention": intervention}}}
    tracker = Tracker(folder / "envcfg", run=folder.name, job=job)
    for index, config in schedule:
        for slot in range(2):
            step = index * BIN + (late if index else 0)
            tracker.record(config, step=step, slot=slot, task=f"walls/{config['wall']}")
    tracker.end_epoch(step=180 * BIN, epoch=180)
    tracker.close("completed" if complete else "failed")
    both = autoregressive(180, seed=seed)
    own = autoregressive(180, seed=seed + (100 if intervention else 0))
    values = [b + 0.1 * o + planted * (60 <= i < 120) for i, (b, o) in enumerate(zip(both, own, strict=True))]
    log(folder, series(values, "score"), series(values, "reward"))
    return folder


def without(schedule=SCHEDULE):
    return [schedule[0], *schedule[2:]]


@pytest.fixture
def planned(tmp_path):
    """Both arms of eight seeds. The first change adds 0.5 to the score while it is in force."""
    recorded = load(arm(tmp_path / "recorded", seed=0))
    for seed in range(8):
        arm(tmp_path / RUNS / f"{seed}", seed=seed, planted=0.5, late=3 * seed)
        arm(tmp_path / RUNS / f"{seed + 8}", seed=seed, intervention=EDIT, schedule=without(), late=5)
    plan = AblationPlan(str(tmp_path / "recorded"), EDIT, tuple(range(8)), ("train", "--multirun"))
    write_plan(plan, tmp_path)
    return recorded, tmp_path


def read(planned, metric="score", *, invariant=False):
    recorded, folder = planned
    plan = read_plan(folder)
    found = pairs(plan, load_sweep(folder / RUNS))
    return found, arm_differences(
        recorded, Intervention.parse(EDIT), list(found.both.values()), metric, invariant=invariant
    )


def test_a_planted_effect_is_found_in_its_window_only(planned):
    found, (name, (during, after)) = read(planned)
    assert (name, list(found.both), found.missing) == ("score", list(range(8)), ())
    assert (during.window.name, during.window.start, during.window.end) == ("until change 2", 6000, 12000)
    assert during.paired.low < 0.5 < during.paired.high
    assert during.paired.p < 0.001
    assert during.paired.flips_p == 2 / 2**8
    assert after.window.name == "from then to the end"
    assert 12000 < after.window.start <= 12000 + 3 * 7
    assert after.paired.low < 0 < after.paired.high


def test_a_change_caused_an_effect_only_if_both_tests_agree_over_all_windows(planned):
    _, (_, answers) = read(planned)
    assert caused(answers) == (True, False)
    (during, after) = answers
    weak = during._replace(paired=during.paired._replace(p=0.001, flips_p=0.06))
    assert caused([weak]) == (False,)
    half = during._replace(paired=during.paired._replace(p=0.03, flips_p=0.03))
    assert (caused([half]), caused([half, after])) == ((True,), (False, False))


def test_pairing_removes_the_differences_between_seeds(planned):
    _, (_, (during, _)) = read(planned)
    assert during.paired.high - during.paired.low < 0.1


def test_an_incomplete_arm_is_left_out_and_listed(planned):
    recorded, folder = planned
    for name in ("3", "12"):
        for path in sorted((folder / RUNS / name).rglob("*"), reverse=True):
            path.unlink() if path.is_file() else path.rmdir()
    (folder / RUNS / "12").rmdir()
    arm(folder / RUNS / "12", seed=4, intervention=EDIT, complete=False)
    found, (_, (during, _)) = read((recorded, folder))
    assert found.missing == (3, 4)
    assert during.paired.pairs == 6


def test_a_redefined_metric_is_refused_while_the_arms_differ(tmp_path):
    schedule = [(0, {"wall": 1, "rewards": 1}), (60, {"wall": 1, "rewards": 2}), (120, {"wall": 3, "rewards": 2})]
    recorded = load(arm(tmp_path / "recorded", seed=0, schedule=schedule))
    both = [
        Arms(
            load(arm(tmp_path / f"{seed}", seed=seed, schedule=schedule, late=7)),
            load(arm(tmp_path / f"{seed}-without", seed=seed, intervention=EDIT, schedule=without(schedule))),
        )
        for seed in range(3)
    ]
    _, (during, after) = arm_differences(recorded, Intervention.parse(EDIT), both, "reward", invariant=False)
    assert "metric not invariant: the arms differ in rewards there" in during.refusal
    assert after.paired.pairs == 3
    _, (during, _) = arm_differences(recorded, Intervention.parse(EDIT), both, "reward", invariant=True)
    assert during.paired.pairs == 3


def test_a_shift_is_compared_while_one_arm_has_it_and_after_that(planned):
    recorded, _ = planned
    shifted = intervened(recorded, "shift:1:-2000")
    found = arm_differences(
        recorded, Intervention.parse("shift:1:-2000"), [Arms(recorded, shifted)], "score", invariant=False
    )
    assert [answer.window for answer in found[1]] == [
        ("while one arm had it", 4000, 6000),
        ("from then to the end", 6000, 18000),
    ]


def test_the_last_change_is_compared_to_the_end(planned):
    recorded, _ = planned
    (only,) = arm_differences(recorded, Intervention.parse("drop:2"), [Arms(recorded, recorded)], None, invariant=True)[
        1
    ]
    assert only.window == ("to the end", 12000, 18000)
    assert only.paired.value == 0


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"{}", "is not a plan of an ablation"),
        (b"[1", "is not a plan of an ablation"),
        (b'{"run":"r","intervention":"drop:2","seeds":[1],"command":[],"version":9}', "is envcfg-ablation 9"),
        (b'{"run":"r","intervention":"drop:2","seeds":[1],"command":[],"more":1}', "is not a plan of an ablation"),
    ],
)
def test_another_file_is_not_a_plan(tmp_path, content, said):
    (tmp_path / PLAN).write_bytes(content)
    with pytest.raises(EnvcfgError, match=said):
        read_plan(tmp_path)


def test_a_plan_states_a_path_that_is_not_utf8(tmp_path):
    path = os.fsdecode(b"/runs/l\xe4uf")
    plan = AblationPlan(path, EDIT, (0,), ("train", f"curriculum.run={path}"))
    write_plan(plan, tmp_path)
    assert read_plan(tmp_path) == plan


def test_without_a_plan_the_error_says_to_make_one(tmp_path):
    with pytest.raises(EnvcfgError, match=r"has no ablation.json: plan the runs first, without --read"):
        read_plan(tmp_path)
