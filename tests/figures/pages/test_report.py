import re
import sys
from dataclasses import replace
from functools import cache
from html import escape

import pytest
from command_line import envcfg
from hostile import HOSTILE
from noise import autoregressive, log, series

from envcfg import Tracker, analysis, answer, load, sample
from envcfg.core.code import Coded
from envcfg.core.errors import SourceError
from envcfg.figures.html.table import table
from envcfg.figures.pages.report import report, report_document
from envcfg.figures.run.timeline import timeline
from envcfg.sources.sweep import Sweep, SweepRun, load_sweep


@cache
def of_sample(name="forage"):
    return report(load_sweep(sample(name)))


def headings(text):
    return re.findall("<h2[^>]*>(.*?)</h2>", text)


def own(text):
    """The page without Plotly."""
    return text.replace(re.search(r"<script>(.*?)</script>", text, re.DOTALL)[1], "")


def body(text):
    """The page without its styles and scripts."""
    return re.sub(r"<(style|script).*?</\1>", "", text, flags=re.DOTALL)


@pytest.mark.needs("stats")
def test_the_report_of_a_run_has_its_figures_and_every_change():
    text = of_sample()
    assert headings(text) == [
        *("The run", "Timeline", "Tasks", "Effects of the changes", "Change by change"),
        *("Task mix and skill", "Requested and effective", "From the first config to the last", "Changes"),
    ]
    assert body(text).count("<figure>") == 4
    assert text.count('<tr><td class="number"><a href="#change-') == 5
    assert text.count("<article") == 4
    assert "game.map_builder.height 12 → 16" in text


def test_the_report_of_a_run_begins_with_the_answer():
    text = body(of_sample())
    plain = re.sub(r'<a href="#change-\d+">(.*?)</a>', r"\1", text)
    assert 0 < plain.index(escape(str(answer(load(sample()))))) < plain.index(">Timeline</h2>")
    assert '<a href="#change-1">change 1</a>' in text


@pytest.mark.needs("stats")
def test_an_answer_about_several_changes_leads_to_the_first_of_them(tmp_path):
    with Tracker(tmp_path / "envcfg", run="grouped") as tracker:
        for slot in range(2):
            tracker.record({"wall": 1}, step=0, slot=slot)
        for slot in range(2):
            tracker.record({"wall": 2}, step=4000 + slot, slot=slot)
    log(tmp_path, series([value - 3 * (index >= 40) for index, value in enumerate(autoregressive(80))], "reward"))
    assert '<a href="#change-1">changes 1 to 2</a>' in report(load_sweep(tmp_path), metric_name="reward")


def test_the_first_part_of_the_report_has_the_seed_the_overrides_and_the_outcome():
    first = body(of_sample()).split("</section>")[0]
    told = dict(re.findall("<dt>(.*?)</dt><dd>(.*?)</dd>", first))
    assert (told["Seed"], told["Status"]) == ("0", "completed")
    assert told["Overrides"].startswith("preset=dense trainer.env_config_save_interval=500")
    assert told["Commit"] == "unknown"


def test_a_run_without_a_job_says_that_its_seed_and_overrides_are_not_recorded(staged):
    told = dict(re.findall("<dt>(.*?)</dt><dd>(.*?)</dd>", report(load_sweep(staged))))
    assert (told["Seed"], told["Overrides"], told["Status"]) == ("not recorded", "none", "completed")


@pytest.mark.parametrize("source", ["forage", "sweep"])
def test_every_link_of_a_report_leads_to_a_part_of_it(source):
    text = body(of_sample(source))
    ids = re.findall(r' id="(.*?)"', text)
    changes = {f"change-{number}" for number in range(5)}  # the script finds these in the list
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#(.*?)"', text)) <= {*ids, *changes}
    nav = re.search("<nav.*?</nav>", text, re.DOTALL)[0]
    assert re.findall("<a [^>]*>(.*?)</a>", nav) == headings(text)


@pytest.mark.needs("stats")
def test_every_figure_and_control_of_a_report_has_a_name_and_a_text():
    text = body(of_sample())
    ids = set(re.findall(r' id="(.*?)"', text))
    named = re.findall(r' aria-(?:labelledby|describedby|controls)="(.*?)"', text)
    assert set(named) <= ids
    assert len(re.findall(r'role="img" aria-label="[^"]{5,}" aria-describedby="summary-\d"', text)) == 4
    assert all(len(said) > 20 for said in re.findall("<figcaption[^>]*>(.*?)</figcaption>", text))
    assert 'aria-label=""' not in text
    assert len(re.findall("<section [^>]*aria-labelledby=", text)) == len(headings(text))


def test_a_part_without_content_says_what_would_fill_it(staged):
    last = report(load_sweep(staged)).split("Not in this report</h2>")[1]
    told = dict(re.findall("<td>([^<]*)</td><td>([^<]*)</td>", last))
    said = told["Requested and effective"]
    assert said.startswith("No request was recorded. Call tracker.request({key: value}, step=step)")


def test_a_run_whose_config_never_changed_says_which_parts_are_empty(journal):
    with Tracker(journal, run="still") as tracker:
        tracker.record({"wall": 1}, step=0)
    text = report(load_sweep(journal))
    assert "From the first config to the last" not in headings(text)
    assert "The first and the last config are the same." in text
    assert "The run has one task only." in text


@pytest.mark.needs("stats")
def test_the_report_of_a_sweep_compares_its_runs():
    text = of_sample("sweep")
    assert headings(text) == [
        "All runs",
        "The parameter that changed in most runs",
        "Run by run",
        "Outcomes by group",
        "Around the changes",
        "Changes that runs have in common",
        "Outcomes",
    ]
    assert text.index("<td>schedule-2</td>") < text.index("<td>threshold-1</td>")


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
    assert not re.search(r"src\s*=|href\s*=\s*[\"'][^#]|https?://|@import|url\(", own(report(load_sweep(staged))))


@pytest.mark.parametrize("count", [1, 2])
def test_hostile_names_stay_text(hostile, count):
    text = report(Sweep((SweepRun(HOSTILE, hostile),) * count))
    assert text.count("<script") == text.count("</script>") == 4 + (count == 1)
    assert "alert(1)" in text
    assert "<img" not in own(text)
    assert "\x1b" not in own(text)


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
        '<table><thead><tr><th scope="col">&lt;b&gt;</th></tr></thead><tbody><tr><td>&lt;i&gt;<br>2</td>'
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
    [("timeline", "Timeline"), ("task_mix", "Tasks"), ("diff_html", "From the first config to the last")],
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
    lost = body(whole.html).count("<figure>") - body(found.html).count("<figure>")
    assert lost == (part != "diff_html")


@pytest.mark.parametrize(
    ("part", "name"), [("change_list", "The list of changes"), ("run_facts", "The facts about the run")]
)
def test_what_stands_beside_a_part_may_break_without_it(part, name, staged, monkeypatch):
    whole = report_document(load_sweep(staged))
    monkeypatch.setattr(f"envcfg.figures.pages.report.{part}", broken)
    found = report_document(load_sweep(staged))
    assert [one.what for one in found.broken] == [name]
    assert headings(found.html) == headings(whole.html)
    assert body(found.html).count("<figure>") == body(whole.html).count("<figure>")
    assert f"<p>{name} could not be made: ZeroDivisionError" in found.html


def test_an_answer_that_breaks_leaves_the_facts(staged, monkeypatch):
    monkeypatch.setattr("envcfg.figures.pages.report.answer", broken)
    found = report_document(load_sweep(staged))
    assert [one.what for one in found.broken] == ["The run"]
    assert "<dt>Status</dt><dd>completed</dd>" in found.html


def test_a_config_that_was_lost_costs_only_the_parts_that_need_it(staged):
    history = load(staged)
    kept = replace(history, configs={history.changes.initial[0].config: history.at("first")})
    found = report_document(Sweep((SweepRun("staged", kept),)))
    assert found.broken == ()
    assert "could not be read from its journal" in found.html
    assert "Timeline" in headings(found.html)
    assert "Its configs could not be read." in found.html


def test_the_report_of_one_run_refuses_a_metric_that_the_run_does_not_have(staged):
    with pytest.raises(SourceError, match="no metrics of run staged were found"):
        report(load_sweep(staged), metric_name="nope")
    with pytest.raises(SourceError, match="nope"):
        report(load_sweep(sample()), metric_name="nope")


def test_a_part_that_refuses_a_recording_says_why_and_leaves_the_others(staged, monkeypatch):
    def refused(*_, **__):
        raise SourceError("this <recording> has no tasks")

    monkeypatch.setattr("envcfg.figures.pages.report.task_mix", refused)
    found = report_document(load_sweep(staged))
    assert found.broken == ()
    assert "<p>this &lt;recording&gt; has no tasks</p>" in found.html
    assert {"Timeline", "Tasks", "Changes"} <= set(headings(found.html))


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
