from envcfg import Tracker, load, sample
from envcfg.analysis.tasks.task_mix import task_mix as task_mix_data
from envcfg.figures.run.task_mix import draw, task_mix
from envcfg.figures.style import HATCHES

DRAWN = sample("sweep") / "learning_progress-1"


def test_all_rows_share_one_x_axis_and_one_hover():
    figure = task_mix(load(DRAWN))
    assert {trace.xaxis or "x" for trace in figure.data} == {"x"}
    assert (figure.layout.hovermode, figure.layout.hoversubplots) == ("x unified", "axis")
    assert [trace.name for trace in figure.data if trace.hovertemplate] == ["stated", "adopted", "slots"]


def test_each_area_has_a_hatch_beside_its_colour():
    areas = [trace for trace in task_mix(load(DRAWN)).data if trace.legendgroup and trace.showlegend]
    assert [trace.fillpattern.shape for trace in areas] == list(HATCHES[:5])
    assert len({trace.fillcolor for trace in areas}) == 5


def test_a_hover_names_the_greatest_shares_first():
    (told,) = [trace.customdata for trace in task_mix(load(DRAWN)).data if trace.name == "stated"]
    shares = [int(part.split("<b>")[1].split("%")[0]) for part in told[80].split(", ")]
    assert shares == sorted(shares, reverse=True)
    assert sum(shares) in range(98, 103)


def test_a_run_without_counts_shows_its_slots_alone(staged):
    data = task_mix_data(load(staged))._replace(stated=(), adopted=())
    assert [trace.type for trace in draw(data).data] == ["heatmap", "scatter"]


def test_a_run_that_recorded_nothing_can_be_drawn(journal):
    with Tracker(journal):
        pass
    assert task_mix(load(journal)).layout.meta["summary"].startswith(f"{load(journal).run}: 0 tasks")


def test_the_title_says_what_was_left_out():
    data = task_mix_data(load(DRAWN))._replace(notes=("48 of 4,096 slots are shown, evenly spaced",))
    assert "48 of 4,096 slots" in draw(data).layout.title.text
