"""`envcfg log` says in which phase of the run a change lies, if there are several."""

import re

from command_line import envcfg

from envcfg import Tracker


def staged_in(journal, clock, begin):
    """Three stages whose steps the program counts from 0 each; *begin* is called before the second and the third."""
    with Tracker(journal, run="stages", clock=clock) as tracker:
        for stage in range(3):
            if stage:
                begin(tracker, stage)
            for step in (0, 100, 200):
                tracker.record({"level": 10 * stage + step // 100}, step=step)


def said(journal):
    """The number of each change, its step, and what stands after its slots."""
    return re.findall(r"(?m)^change (\d+)  step (\S+) .* 1 slot(.*)$", envcfg("log", journal).stdout)


def test_a_change_in_a_named_phase_has_its_name_and_the_step_in_it(journal, clock):
    staged_in(journal, clock, lambda tracker, stage: tracker.begin_phase(f"stage {stage}"))
    found = [(step, text) for _, step, text in said(journal)]
    assert len(found) == 8
    assert found[1] == ("200", "  phase 0, step 200 of it")
    assert found[3][1] == '  phase 1 "stage 1", step 100 of it'
    assert found[7][1] == '  phase 2 "stage 2", step 200 of it'
    steps = [int(step) for step, _ in found]
    assert steps == sorted(steps)


def test_a_phase_that_nobody_named_has_its_number(journal, clock, capsys):
    staged_in(journal, clock, lambda *_: None)
    assert [text for _, _, text in said(journal)][-1] == "  phase 2, step 200 of it"
    assert "went back" in capsys.readouterr().err


def test_a_run_of_one_phase_says_nothing_of_phases(journal, clock):
    with Tracker(journal, run="one", clock=clock) as tracker:
        for step in (0, 100, 200):
            tracker.record({"level": step}, step=step)
    assert [text for *_, text in said(journal)] == ["", ""]


def test_escapes_in_the_name_of_a_phase_are_printed_visibly(journal, clock):
    staged_in(journal, clock, lambda tracker, _: tracker.begin_phase("a\x1b[31m"))
    printed = envcfg("log", journal).stdout
    assert "\x1b[31m" not in printed
    assert 'phase 1 "a' in printed
