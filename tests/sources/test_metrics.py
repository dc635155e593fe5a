"""The choice of the run's reward, for any names of tasks and metrics."""

import pytest

from envcfg import Tracker, load
from envcfg.core.errors import SourceError
from envcfg.sources.metrics import metric, metric_names
from envcfg.sources.wandb.metric_rows import FILE, packed_rows


def logged(folder, *names, tasks=("a",)):
    with Tracker(folder / "envcfg", run="r") as tracker:
        for step, task in enumerate(tasks):
            tracker.record({"size": step}, step=step, task=task)
    rows = [{"step": step, **dict.fromkeys(names, 1.0)} for step in range(3)]
    (folder / FILE).write_bytes(packed_rows(rows))
    return load(folder)


@pytest.mark.parametrize("name", ["reward", "train/reward", "charts/meanReward", "rollout/ep_rew_mean", "ep_rew_mean"])
@pytest.mark.parametrize("task", ["a", "e", "re", "ward", "reward", "mean", "ep", "rollout", "nav/easy"])
def test_a_task_name_inside_the_reward_does_not_hide_the_reward(tmp_path, name, task):
    assert metric(logged(tmp_path, "loss", name, tasks=[task])).name == name


@pytest.mark.parametrize("alike", ["reward/{}", "{}/reward", "reward_{}", "{}.return.mean"])
def test_the_reward_of_one_task_is_not_the_reward_of_the_run(tmp_path, alike):
    tasks = ("nav/easy", "nav/hard")
    names = [alike.format(task) for task in tasks]
    assert metric(logged(tmp_path, *names, "deep/down/below/episode_reward", tasks=tasks)).name.startswith("deep")
    (tmp_path / FILE).unlink()
    only = logged(tmp_path, *names, tasks=tasks)
    with pytest.raises(SourceError, match="logged rewards of single tasks only") as refused:
        metric(only)
    assert all(name in str(refused.value) for name in names)


@pytest.mark.parametrize("name", ["returned_early", "unrewarding", "successor_loss"])
def test_a_word_that_only_contains_reward_is_not_a_reward(tmp_path, name):
    with pytest.raises(SourceError, match=rf"logged nothing that looks like a reward; it logged .*{name}"):
        metric(logged(tmp_path, name))


def test_the_error_for_a_missing_metric_has_the_nearest_names(tmp_path):
    with pytest.raises(SourceError, match="run r has no metric rewrad; the nearest name is reward"):
        metric(logged(tmp_path, "reward", "loss"), "rewrad")


def test_a_trainers_metric_with_a_name_like_ours_is_kept(tmp_path):
    own, ours = ["curriculum/task_reward", "environment/size"], ["curriculum/task_prob/a", "env/size", "env_config/n"]
    history = logged(tmp_path, *own, *ours)
    assert metric_names(history) == ("step", *own)
    assert metric(history).name == own[0]


def test_if_the_run_names_our_series_a_trainers_metric_below_env_is_found(tmp_path):
    logged(tmp_path, "env/reward", "env/size")
    (tmp_path / "server.json").write_text('{"series": ["env/size"]}')
    assert metric(load(tmp_path)).name == "env/reward"
    assert metric_names(load(tmp_path)) == ("step", "env/reward")
