"""Jobs that share a folder are told apart: two rows, and not one history. No clock decides."""

import pytest
from command_line import envcfg

from envcfg import Tracker, load, load_sweep
from envcfg.analysis.answer.measurements import Measurements
from envcfg.analysis.answer.paragraph import paragraph
from envcfg.analysis.sweep.comparison import comparison
from envcfg.cli import findings
from envcfg.core.code import Code
from envcfg.core.errors import SelectionWarning, SourceError
from envcfg.sources.listing import listed


def job(folder, steps, *overrides, level=0, status="completed", name="here/envcfg", clock=None):
    with Tracker(folder, run=name, job={"overrides": overrides}, **({"clock": clock} if clock else {})) as tracker:
        for step in steps:
            tracker.record({"level": level + step}, step=step)
        tracker.close(status)


def steps(history):
    return [adoption.record.step for adoption in history.adoptions]


def test_two_jobs_of_one_folder_with_other_overrides_are_two_rows(journal):
    job(journal, range(5), "lr=1")
    job(journal, range(3), "lr=2", level=100)
    rows = listed(journal)
    assert [(row.changes, row.status) for row in rows] == [(4, "completed"), (2, "completed")]
    assert len({row.place for row in rows}) == 2
    sweep = load_sweep(journal)
    assert [(run.overrides, steps(run.history)) for run in sweep] == [
        (("lr=1",), [0, 1, 2, 3, 4]),
        (("lr=2",), [0, 1, 2]),
    ]
    assert len({run.name for run in sweep}) == len({run.history.id for run in sweep}) == 2
    assert [steps(load(row.place)) for row in rows] == [[0, 1, 2, 3, 4], [0, 1, 2]]
    assert all(not run.history.abandoned for run in sweep)


def test_the_same_job_again_after_it_completed_is_another_run_and_after_a_kill_a_new_attempt(journal, tmp_path):
    job(journal, range(5), "lr=1")
    job(journal, range(3), "lr=1")
    assert len(load_sweep(journal)) == 2
    killed = tmp_path / "killed"
    job(killed, range(5), "lr=1", status="interrupted")
    job(killed, range(3), "lr=1")
    (run,) = load_sweep(killed)
    assert (steps(run.history), len(run.history.abandoned), run.history.sessions) == ([0, 1, 2], 5, 2)


def test_a_folder_with_several_runs_gives_the_last_one_and_says_what_to_type_for_the_others(journal):
    job(journal, range(5), "lr=1")
    job(journal, range(3), "lr=2", level=100)
    first, _ = [str(row.place) for row in listed(journal)]
    said = f"{journal} contains 2 runs, and this is the last one; to read another one, type {first}"
    with pytest.warns(SelectionWarning) as told:
        assert steps(load(journal)) == [0, 1, 2]
    assert [str(one.message) for one in told] == [said]
    for command in (("log", journal), ("show", journal), (journal,)):
        done = envcfg(*command)
        assert (done.returncode, done.stderr) == (0, f"envcfg: {said}\n"), command
    assert envcfg("log", first).stderr == ""
    assert steps(load(first)) == [0, 1, 2, 3, 4]


def test_a_resume_with_other_overrides_is_the_same_run_and_its_overrides_are_named(journal):
    job(journal, range(5), "lr=1", "seed=3", status="interrupted")
    job(journal, range(3, 8), "lr=2", "seed=3")
    history = load(journal)
    assert (steps(history), history.others, history.sessions) == ([*range(8)], (), 2)
    said = "Start 2 had other overrides than the one before: lr=2 instead of lr=1."
    assert said in paragraph(history, Measurements(None)).outcome
    assert said in envcfg("analyze", journal).stdout
    assert ("Restart", said) in [(finding.what, finding.said) for finding in findings.run(str(journal))]


def test_two_jobs_at_once_are_named_with_the_overrides_of_both_and_both_count(journal):
    with Tracker(journal, run="r", job={"overrides": ["lr=1"]}) as one:
        one.record({"level": 1}, step=0)
        with Tracker(journal, run="r", job={"overrides": ["lr=2"]}) as other:
            for step in range(0, 50, 10):
                one.record({"level": 10 + step}, step=step + 5)
                other.record({"level": 20 + step}, step=step)
    rows = load_sweep(journal)
    assert [(run.overrides, len(run.history.adoptions), len(run.history.abandoned)) for run in rows] == [
        (("lr=1",), 6, 0),
        (("lr=2",), 5, 0),
    ]
    for run in rows:
        (finding,) = [found for found in findings.run(f"{journal}#{run.history.id}") if found.code is Code.TWO_WRITERS]
        assert "lr=1" in finding.said
        assert "lr=2" in finding.said
        assert "Two writers at once" in paragraph(run.history, Measurements(None)).outcome


def test_a_run_that_is_resumed_twice_at_once_has_two_histories_with_one_beginning(journal):
    job(journal, range(5), level=0, name="r")
    with Tracker(journal, run="r") as one, Tracker(journal, run="r") as other:
        for step in range(5, 9):
            one.record({"level": 100 + step}, step=step)
            other.record({"level": 200 + step}, step=step)
    first, second = load_sweep(journal)
    for run, level in ((first, 100), (second, 200)):
        assert steps(run.history) == [*range(9)]
        assert [run.history.at(step)["level"] for step in (4, 5, 8)] == [4, level + 5, level + 8]
        assert (len(run.history.abandoned), run.history.others[0].is_concurrent) == (0, True)


@pytest.mark.parametrize("skew", [-86_400.0, 86_400.0])
def test_a_resume_on_a_machine_with_another_clock_loses_nothing(journal, skew):
    job(journal, range(12), clock=lambda: 1_800_000_000.0)
    job(journal, range(10, 20), clock=lambda: 1_800_000_000.0 + skew, level=100)
    history = load(journal)
    assert steps(history) == [*range(20)]
    assert [history.at(step)["level"] for step in (9, 10, 19)] == [9, 110, 119]
    assert len(history.abandoned) == 2


def test_an_id_that_no_run_has_is_an_error_with_the_ids(journal):
    job(journal, range(3))
    with pytest.raises(SourceError, match="whose id begins with 0123abcd; it contains "):
        load(f"{journal}#0123abcd")


def test_runs_with_one_name_in_several_folders_are_named_by_what_differs(tmp_path):
    for parent in ("first", "second"):
        job(tmp_path / parent / "14-00-00" / "envcfg", range(3), name="day/14-00-00")
    sweep = load_sweep([tmp_path / "first" / "14-00-00", tmp_path / "second" / "14-00-00"])
    assert [run.name for run in sweep] == ["first/14-00-00", "second/14-00-00"]
    assert [compared.run.name for compared in comparison(sweep).runs] == ["first/14-00-00", "second/14-00-00"]
