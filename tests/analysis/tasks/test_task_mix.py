import pytest
from hypothesis import given
from hypothesis import strategies as st

from envcfg import Tracker, load, sample
from envcfg.analysis.tasks.task_mix import COLUMNS, MAX_SLOTS, MAX_TASKS, task_mix


@pytest.fixture(scope="module")
def drawn():
    return load(sample("sweep") / "learning_progress-1")


def test_the_shares_of_a_column_add_up_to_one(drawn):
    data = task_mix(drawn)
    assert {round(sum(column), 9) for column in zip(*data.adopted, strict=True)} == {1.0}
    assert {round(sum(column), 9) for column in zip(*data.stated[:], strict=True)} <= {0.0, 1.0}


def test_tasks_stand_in_the_order_in_which_the_curriculum_states_them(drawn):
    assert task_mix(drawn).tasks == tuple(
        f"forage/{name}" for name in ("clearing", "meadow", "grove", "thicket", "winter")
    )


def test_a_slot_shows_the_task_that_it_ran(drawn):
    data = task_mix(drawn)
    for slot, held in zip(data.slots, data.held, strict=True):
        for column in (0, 40, 159):
            middle = (data.bounds[column] + data.bounds[column + 1]) / 2
            ran = [a.record.task for a in drawn.adoptions if a.place == slot and a.record.step <= middle][-1]
            assert data.tasks[held[column]] == ran


def test_thousands_of_tasks_and_slots_become_few_rows_and_the_figure_says_so(journal):
    with Tracker(journal) as tracker:
        for slot in range(4096):
            tracker.record({"a": 1}, step=slot, slot=slot, task=f"task-{slot % 2000}")
        tracker.mix({f"task-{number}": 1 / 2000 for number in range(2000)}, step=4096)
    data = task_mix(load(journal))
    assert (len(data.tasks), data.others) == (MAX_TASKS - 1, 1991)
    assert len(data.slots) == len(data.held) == MAX_SLOTS
    assert data.notes == ("the 1,991 rarest tasks are shown together", "48 of 4,096 slots are shown, evenly spaced")
    assert len(data.adopted) == MAX_TASKS
    assert all(len(row) == COLUMNS for row in (*data.adopted, *data.held))


def test_a_run_that_recorded_nothing_has_an_empty_mix(journal):
    with Tracker(journal):
        pass
    data = task_mix(load(journal))
    assert (data.tasks, data.stated, data.adopted, data.slots) == ((), (), (), ())


@given(st.lists(st.dictionaries(st.sampled_from("abc"), st.integers(1, 9), min_size=1), min_size=1, max_size=6))
def test_no_adoption_is_lost_when_counts_are_spread_over_columns(tmp_path_factory, tallies):
    folder = tmp_path_factory.mktemp("journal")
    with Tracker(folder) as tracker:
        for number, tally in enumerate(tallies):
            for task, count in tally.items():
                for _ in range(count):
                    tracker.record({"a": task}, step=100 * number, task=task)
            tracker.mix(dict.fromkeys(tally, 1.0), step=100 * number + 50)
    data = task_mix(load(folder))
    filled = [sum(column) for column in zip(*data.adopted, strict=True)]
    assert filled[0] == pytest.approx(1.0)
    assert all(total == pytest.approx(0.0) or total == pytest.approx(1.0) for total in filled)
