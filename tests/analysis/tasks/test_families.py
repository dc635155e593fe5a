"""Families: many tasks in few groups."""

from hypothesis import given
from hypothesis import strategies as st

from envcfg.analysis.tasks.families import families, family_notes

names = st.lists(st.sampled_from(["a/x1", "a/x2", "a/y", "b/c/z1", "b/c/z2", "b/d", "e7", None]), unique=True)


def test_few_tasks_keep_their_names():
    assert families(["a/1", "a/2", None], most=3) == {"a/1": "a/1", "a/2": "a/2", None: None}


def test_many_tasks_lose_their_number_first_and_then_their_folders():
    tasks = [f"maze/{size}/level-{number}" for size in ("small", "big") for number in range(20)]
    assert set(families(tasks, most=10).values()) == {"maze/small/level-*", "maze/big/level-*"}
    assert set(families([*tasks, "open/1", "open/2"], most=2).values()) == {"maze/*", "open/*"}


def test_one_family_of_all_tasks_says_nothing_so_they_stay_alone():
    tasks = [f"level-{number}" for number in range(9)]
    assert list(families(tasks, most=2).values()) == tasks


def test_tasks_without_a_common_prefix_stay_alone():
    assert families(["one", "two", "three"], most=2) == {"one": "one", "two": "two", "three": "three"}


@given(names, st.integers(1, 8))
def test_each_task_has_a_family_whose_prefix_it_has_or_its_own_name(tasks, most):
    found = families(tasks, most=most)
    assert list(found) == tasks
    assert all(name == task or task.startswith(name.removesuffix("*")) for task, name in found.items())
    assert (family_notes(found) == []) == (set(found.values()) == set(tasks))
