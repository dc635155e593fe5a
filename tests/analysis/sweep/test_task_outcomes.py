import pytest
from noise import BIN, log, series

from envcfg import Tracker, load_sweep
from envcfg.analysis.sweep.comparison import comparison

ENDS = 40


def swept(folder, *, share, skill, config=lambda _, task: {"level": task}):
    """Six runs of two groups. *share* gives the share of hard episodes by group, *skill* the return of a task."""
    for number in range(6):
        group, place = number % 2, folder / str(number)
        job = {"config": {"seed": number}, "overrides": (f"algo={group}", f"seed={number}")}
        with Tracker(place / "envcfg", run=f"s/{number}", job=job) as tracker:
            for slot, task in enumerate(("easy", "hard")):
                tracker.record(config(group, task), step=0, task=task, slot=slot)
            for epoch in range(1, ENDS + 1):
                hard = round(10 * share(group))
                rewards = {"easy": [skill(group, "easy") + number / 100] * (10 - hard)}
                rewards["hard"] = [skill(group, "hard") + number / 100] * hard
                played = {task: values for task, values in rewards.items() if values}
                tracker.end_epoch(step=epoch * BIN, epoch=epoch, rewards=played)
    return load_sweep(folder)


def test_a_group_that_plays_easy_tasks_is_best_in_all_and_not_in_any_task(tmp_path):
    found = comparison(
        swept(tmp_path, share=lambda g: 0.2 + 0.6 * g, skill=lambda g, task: 0.8 + 0.1 * g - (task == "hard"))
    )
    assert [row.name for row in found.outcomes] == ["algo=0", "algo=1"]  # its episodes are easy
    assert [(each.task, [row.name for row in each.outcomes]) for each in found.tasks] == [
        ("easy", ["algo=1", "algo=0"]),
        ("hard", ["algo=1", "algo=0"]),
    ]
    assert all(
        each.outcomes[1].behind == pytest.approx(0.11) for each in found.tasks
    )  # .1, and .01 of the run's number


def test_a_task_that_some_run_did_not_play_at_the_end_has_no_outcome(tmp_path):
    found = comparison(swept(tmp_path, share=lambda g: 0.5 * g, skill=lambda *_: 1.0))
    assert [each.task for each in found.tasks] == ["easy"]


def test_runs_of_one_task_have_no_outcomes_by_task(tmp_path):
    assert comparison(swept(tmp_path, share=lambda _: 0.0, skill=lambda *_: 1.0)).tasks == ()


def test_groups_whose_task_has_another_length_are_not_tested_against_each_other_in_it(tmp_path):
    def config(group, task):
        return {"level": task, "max_steps": 100 + 100 * group * (task == "hard")}

    found = comparison(swept(tmp_path, share=lambda _: 0.5, skill=lambda g, _: g, config=config))
    easy, hard = found.tasks
    assert (easy.differing, hard.differing) == ((), ("max_steps",))
    assert easy.outcomes[1].behind_interval is not None
    assert hard.outcomes[1].behind_interval is None


def evaluated(folder, *, logs, environments=None):
    """Six runs of two groups that log *logs*, evaluated in the environment that *environments* gives by group."""
    for number in range(6):
        place, group = folder / str(number), number % 2
        job = {"config": {"seed": number}, "overrides": (f"algo={group}", f"seed={number}")}
        with Tracker(place / "envcfg", run=f"s/{number}", job=job) as tracker:
            tracker.record({"level": group}, step=0)
            if environments is not None:
                tracker.record(environments(group), step=0, slot=tracker.begin_slot(role="eval"))
            tracker.end_epoch(step=ENDS * BIN, epoch=1)
        log(place, *(series([number + index for index in range(ENDS)], name) for name in logs(number)))
    return load_sweep(folder)


def test_runs_are_ranked_by_the_evaluation_that_all_of_them_logged(tmp_path):
    sweep = evaluated(tmp_path, logs=lambda _: ("reward", "eval/mean_reward", "eval/mean_ep_length"))
    assert comparison(sweep).metric == "eval/mean_reward"
    assert comparison(sweep, metric="reward").metric == "reward"


def test_an_evaluation_that_one_run_lacks_ranks_no_run(tmp_path):
    sweep = evaluated(tmp_path, logs=lambda n: ("reward", "eval/mean_reward") if n else ("reward",))
    assert comparison(sweep).metric == "reward"


@pytest.mark.parametrize(
    ("environments", "told"),
    [
        (None, {"evaluation not recorded"}),
        (lambda _: {"level": 9, "max_steps": 5}, set()),
        (lambda g: {"level": g}, {"other environment"}),
        (lambda g: {"level": 9, "max_steps": g}, {"metric not invariant"}),
    ],
)
def test_an_evaluation_is_fair_if_its_environments_were_equal_whatever_the_training_was(tmp_path, environments, told):
    found = comparison(evaluated(tmp_path, logs=lambda _: ("eval/mean_reward",), environments=environments))
    assert {caution.kind for caution in found.cautions} - {"smoothed input"} == told
