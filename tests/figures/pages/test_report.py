import re
import sys
from dataclasses import replace
from html import escape

import pytest
from command_line import envcfg
from hostile import HOSTILE
from noise import autoregressive, log, series

from envcfg import Tracker, analysis, answer, load, sample
from envcfg.core.code import Coded
from envcfg.core.errors import SourceError
from envcfg.figures.html.page import table
from envcfg.figures.pages.report import report, report_document
from envcfg.figures.run.timeline import timeline
from envcfg.sources.sweep import Sweep, SweepRun, load_sweep


def headings(text):
    return re.findall("<h2>(.*?)</h2>", text)


@pytest.mark.needs("stats")
def test_the_report_of_a_run_has_its_figures_and_every_change():
    text = report(load_sweep(sample()))
    assert headings(text) == [
        *("The run", "Timeline", "Tasks", "Effects of the changes", "Change by change"),
        *("Task mix and skill", "From the first config to the last", "Changes"),
    ]
    assert len(re.findall('<figure role="img" aria-label="[^"]{20,}"', text)) == 5
    assert text.count('<tr><td class="number">') == 5
    assert text.count("<article") == 4
    assert "game.map_builder.height 9 → 12" in text


def test_the_report_of_a_run_begins_with_the_answer():
    text = report(load_sweep(sample()))
    assert text.index(escape(str(answer(load(sample()))))) < text.index("<h2>Timeline</h2>")


@pytest.mark.needs("stats")
def test_the_report_of_a_sweep_compares_its_runs():
    text = report(load_sweep(sample("sweep")))
    assert headings(text) == [
        "All runs",
        "The parameter that changed in most runs",
        "Run by run",
        "Around the changes",
        "Changes that runs have in common",
        "Outcomes",
    ]
    assert text.index("<td>learning_progress-1</td>") < text.index("<td>schedule-2</td>")


@pytest.mark.needs("stats")
def test_the_report_has_the_effects_and_the_split_of_the_reward(tmp_path):
    with Tracker(tmp_path / "envcfg") as tracker:
        tracker.record({"wall": 1}, step=0)
        for epoch in range(80):
            if epoch == 40:
                tracker.record({"wall": 2}, step=4000, epoch=epoch)
            tracker.end_epoch(step=100 * epoch + 100, epoch=epoch, rewards={"easy": [1.0], "hard": [epoch / 80]})
    log(tmp_path, series([value - 3 * (index >= 40) for index, value in enumerate(autoregressive(80))], "reward"))
    text = report(load_sweep(tmp_path), metric_name="reward")
    assert "reward: associated with -" in text
    assert "Task mix and skill" in headings(text)
    assert "mean reward 0.5219 → 0.9719: task mix +0, skill +0.45" in text


def test_without_numpy_a_report_names_the_extra(staged, monkeypatch):
    monkeypatch.setattr(analysis, "effects", analysis.effects)  # so that monkeypatch restores it
    for name in [name for name in sys.modules if name.startswith("envcfg.analysis.effects")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "numpy", None)
    assert "pip install &#x27;envcfg[stats]&#x27;" in report(load_sweep(staged))


def test_the_report_is_self_contained(staged):
    text = report(load_sweep(staged))
    ours = text.replace(re.search(r"<script>(.*?)</script>", text, re.DOTALL)[1], "")
    assert not re.search(r"(src|href)\s*=|https?://|@import|url\(", ours)


@pytest.mark.parametrize("count", [1, 2])
def test_hostile_names_stay_text(hostile, count):
    text = report(Sweep((SweepRun(HOSTILE, hostile),) * count))
    assert text.count("<script") == text.count("</script>") == 3
    assert "alert(1)" in text
    assert "<img" not in text.replace(re.search(r"<script>(.*?)</script>", text, re.DOTALL)[1], "")
    assert "\x1b" not in text.replace(re.search(r"<script>(.*?)</script>", text, re.DOTALL)[1], "")


def test_losses_are_in_the_report(staged):
    history = replace(load(staged), losses=(Coded("<b>segment 2</b> is torn"),))
    assert "<tr><td>&lt;b&gt;segment 2&lt;/b&gt; is torn</td></tr>" in report(Sweep((SweepRun("staged", history),)))


def test_a_run_that_could_not_be_read_is_in_the_report_of_its_sweep(sweep):
    assert "Not read" in headings(report(replace(sweep(2), losses=(Coded("run 3 is damaged"),))))


def test_a_sweep_in_which_nothing_changed_has_a_report(sweep):
    assert "nothing changed in any of 2 runs" in report(sweep(2, changes=1))


def test_a_metric_that_no_run_has_is_refused(sweep):
    with pytest.raises(SourceError, match="none of the 2 runs has a metric nope"):
        report(sweep(2), metric_name="nope")


def test_the_cells_of_a_table_are_text_and_numbers_are_on_the_right():
    assert table(["<b>"], [("<i>\n2", 1234, 0.5, None)]) == (
        "<table><thead><tr><th>&lt;b&gt;</th></tr></thead><tbody><tr><td>&lt;i&gt;<br>2</td>"
        '<td class="number">1,234</td><td class="number">0.5</td><td></td></tr></tbody></table>'
    )


def test_a_folder_of_runs_means_all_of_them():
    assert len(load_sweep(sample("sweep"))) == 5
    assert [run.history.run for run in load_sweep(sample())] == ["samples/forage"]
    with pytest.raises(SourceError, match="no such folder"):
        load_sweep("nowhere")


def test_the_command_writes_one_file(tmp_path):
    done = envcfg("report", sample("sweep"), "-o", tmp_path / "r.html")
    assert (done.returncode, done.stdout) == (0, f"Report: {tmp_path / 'r.html'} (5 runs)\n")
    assert list(tmp_path.iterdir()) == [tmp_path / "r.html"]


def broken(*_, **__):
    raise ZeroDivisionError("a <part> failed\nhere")


@pytest.mark.parametrize(
    ("part", "heading"),
    [("timeline", "Timeline"), ("task_mix", "Tasks"), ("diff", "From the first config to the last")],
)
def test_a_broken_part_of_the_report_is_named_and_the_others_are_complete(part, heading, staged, monkeypatch):
    whole = report_document(load_sweep(staged))
    monkeypatch.setattr(f"envcfg.figures.pages.report.{part}", broken)
    found = report_document(load_sweep(staged))
    assert whole.broken == ()
    assert headings(found.html) == headings(whole.html)
    assert [one.what for one in found.broken] == [heading]
    assert f"{heading} could not be made: ZeroDivisionError: a &lt;part&gt; failed\\nhere (test_report.py" in found.html
    assert "All other parts of this page are complete." in found.html
    assert found.html.count("<figure ") == whole.html.count("<figure ") - 1


@pytest.mark.needs("stats")
def test_effects_that_cannot_be_drawn_leave_their_cards_in_the_report(monkeypatch):
    whole = report_document(load_sweep(sample()))
    monkeypatch.setattr("envcfg.figures.changes.effects.draw", broken)
    found = report_document(load_sweep(sample()))
    assert [one.what for one in found.broken] == ["Effects of the changes"]
    assert found.html.count("<article") == whole.html.count("<article") == 4


def test_a_figure_that_cannot_be_written_is_a_broken_part(staged, monkeypatch):
    figure = timeline(load(staged))
    figure.layout.meta = {"summary": "", "strange": object()}
    monkeypatch.setattr("envcfg.figures.pages.report.timeline", lambda *_, **__: figure)
    assert [one.what for one in report_document(load_sweep(staged)).broken] == ["Timeline"]


@pytest.mark.parametrize("part", ["trajectories", "parameter", "multiples"])
def test_the_other_parts_of_the_report_of_a_sweep_are_complete_if_one_is_broken(part, sweep, monkeypatch):
    several = sweep(2)
    whole = report_document(several)
    monkeypatch.setattr(f"envcfg.figures.pages.report.{part}", broken)
    found = report_document(several)
    assert len(found.broken) == 1
    assert len(headings(found.html)) == len(headings(whole.html))


@pytest.mark.needs("stats")
def test_the_command_writes_a_page_with_a_broken_part_and_names_it(staged, tmp_path, monkeypatch):
    monkeypatch.setattr("envcfg.figures.pages.report.timeline", broken)
    done = envcfg("report", staged, "-o", tmp_path / "r.html", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, f"Report: {tmp_path / 'r.html'} (1 run)\n")
    assert done.stderr.startswith(
        "envcfg: Timeline could not be made: ZeroDivisionError: a <part> failed\\nhere (test_"
    )
    assert f"The other parts of {tmp_path / 'r.html'} are complete" in done.stderr
    assert done.stderr.count("\n") == 1
    assert "From the first config to the last" in headings((tmp_path / "r.html").read_text(encoding="utf-8"))
