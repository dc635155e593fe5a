"""The change of the mean reward as task mix (other tasks) and skill (better or worse at the same tasks)."""

from typing import Final

from plotly import graph_objects as go

from envcfg.analysis.axis import Axis, axis
from envcfg.analysis.tasks.mix_and_skill import EpochSplit, by_epoch, has_rewards
from envcfg.core.errors import SourceError
from envcfg.core.split import WINDOW, Split
from envcfg.figures.frame import framed, heading, legend, sized, x_axis
from envcfg.figures.style import INK, LINES
from envcfg.history.history import History

HEIGHT: Final = 320


def mix_and_skill(
    history: History, *, x: str = "step", width: int | None = None, height: int | None = None
) -> go.Figure:
    """Task mix and skill since the first epochs. Together they are the change of the mean reward.

    The last eight epochs are compared with the first eight. There is a gap where no task was played in both.

    *x* is `step`, `epoch` or `time`. *width* and *height* are in pixels. Raises `SourceError` if the trainer passed no
    rewards to the tracker, or those of too few epochs.

    >>> from envcfg import load, sample
    >>> from envcfg.figures import mix_and_skill
    >>> mix_and_skill(load(sample("forage"))).layout.meta["summary"].partition(",")[0]
    'samples/forage: mean reward 0.3661 → 0.8759: cannot be split'
    """
    parts = by_epoch(history)
    if not parts and has_rewards(history):
        said = (
            f"run {history.run} has rewards of at most {WINDOW} epochs, and the split begins after the first {WINDOW}"
        )
        raise SourceError(said)
    if not parts:
        raise SourceError(f"run {history.run} has no rewards by task: pass them to tracker.end_epoch(..., rewards=...)")
    return sized(draw(history.run, parts, axis(history, x)), width=width, height=height)


def draw(run: str, parts: tuple[EpochSplit, ...], across: Axis) -> go.Figure:
    """The figure of the epochs of a run: two lines and their sum."""
    figure = go.Figure()
    start = parts[0].split.before
    lines = (
        ("task mix: other tasks were played", [_part(p.split, p.split.mix) for p in parts], LINES[1], "dash"),
        ("skill: better or worse at the same tasks", [_part(p.split, p.split.skill) for p in parts], LINES[0], "dot"),
        ("sum: the mean reward of all episodes", [p.split.after - start for p in parts], INK, "solid"),
    )
    for name, values, color, dash in lines:
        figure.add_scatter(
            x=[across.at(part.step) for part in parts],
            y=[None if value is None else round(value, 6) for value in values],
            mode="lines",
            line={"color": color, "width": 2, "dash": dash},
            hovertemplate="%{y:+.4g}<extra></extra>",
            name=name,
        )
    figure.update_layout(
        annotations=[heading(f"change since the first {WINDOW} epochs", (0.0, 1.0), INK)],
        xaxis=x_axis(across.kind),
        yaxis={"zeroline": True, "zerolinecolor": INK},
        hovermode="x unified",
        legend=legend(HEIGHT),
    )
    last = parts[-1].split
    said = f"mean reward {start:.4g} → {last.after:.4g}: {_text(last)}"
    return framed(figure, title=run, said=said, height=HEIGHT, bottom=92)


def _part(found: Split, value: float) -> float | None:
    return value if found.is_identified else None


def _text(found: Split) -> str:
    if not found.is_identified:
        return "cannot be split, because no task was played at the start and at the end"
    return f"task mix {found.mix:+.3g}, skill {found.skill:+.3g}"
