"""The explorer: a widget to choose a run, a metric, an axis and parameters, to zoom, and to see what changed."""

import asyncio
import json
import warnings
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

import ipywidgets
from plotly import graph_objects as go

from envcfg.analysis.axis import KINDS
from envcfg.analysis.formatting import printable
from envcfg.analysis.run.timeline import Timeline
from envcfg.core.errors import EnvcfgError
from envcfg.figures.run.change import change_html, message_html
from envcfg.figures.run.timeline import draw, read
from envcfg.figures.scheme import in_scheme
from envcfg.history.history import History
from envcfg.sources.follow import Stamp, reload, stamp
from envcfg.sources.metrics import MetricChoice, metric_names, metric_of_each
from envcfg.sources.placing import is_axis
from envcfg.sources.series import Series
from envcfg.sources.sweep import SweepRun

READ_INTERVAL: Final = 1.0
"""Seconds between two reads of a run that is followed."""
REWARD: Final = "(the reward)"
GIVEN: Final = "as given"
"""The entry of the list of metrics for a function that the caller gave."""
HINT: Final = "Click near a mark to see its changes. Drag over the figure to zoom in."


class Explorer:
    """A notebook shows `widget`. Its controls can also be set from code: `run`, `metric`, `x`, `params`, `whole`,
    `follow`. `figure` and `details` show what was chosen.
    """

    def __init__(
        self, runs: Sequence[SweepRun], *, metric_name: MetricChoice, params: Sequence[str], x: str, follow: bool
    ) -> None:
        self._runs = {run.name: run.history for run in runs}
        self._between: tuple[float, float] | None = None
        self._is_drawing = False
        self._is_told = False
        self._data: Timeline | None = None
        self._following: asyncio.Task[None] | None = None
        self.run = ipywidgets.Dropdown(options=list(self._runs), description="run")
        self.metric = ipywidgets.Dropdown(options=[REWARD], description="metric")
        self.x = ipywidgets.ToggleButtons(options=KINDS, value=x, style={"button_width": "5em"})
        self.params = ipywidgets.Text(
            value=" ".join(params),
            placeholder="globs, such as game.*",
            description="parameters",
            continuous_update=False,
        )
        self.whole = ipywidgets.Button(description="whole run")
        self.follow = ipywidgets.ToggleButton(description="follow", tooltip="read the run again while it grows")
        self.details = ipywidgets.HTML(message_html(HINT))
        wanted = metric_name if isinstance(metric_name, str) else None
        self._given = None if metric_name is None or wanted else metric_of_each(metric_name, len(runs))
        self._given_name = metric_name.name if isinstance(metric_name, Series) else GIVEN
        self._offer_metrics(wanted if self._given is None else self._given_name)
        self.figure = go.FigureWidget(self._drawn())  # complete: a page may miss traces that follow while it draws
        self.figure._config = {"responsive": True, "displaylogo": False}  # noqa: SLF001  # there is no public way
        self._listen()
        wrap = ipywidgets.Layout(flex_flow="row wrap", align_items="center")
        chosen = [self.run, self.metric, self.params, self.x, self.whole, self.follow]
        self.widget = ipywidgets.VBox([ipywidgets.HBox(chosen, layout=wrap), self.figure, self.details])
        self.follow.value = follow

    @property
    def history(self) -> History:
        """The run that is shown, as of the last read."""
        name: str = self.run.value
        return self._runs[name]

    def _listen(self) -> None:
        self._listen_to_figure()
        self.run.observe(self._on_run, "value")
        for part in (self.metric, self.x, self.params):
            part.observe(lambda _: self._draw(), "value")
        self.whole.on_click(lambda _: self._show(None))
        self.follow.observe(self._on_follow, "value")
        self.figure._view_count = 0  # noqa: SLF001  # counted from now on
        self.figure.observe(self._on_shown, "_view_count")

    def _on_shown(self, _: Any) -> None:
        """Fit the figure into its place: Plotly drew it 700 pixels wide before it was shown."""
        self.figure.layout.autosize = False
        self.figure.layout.autosize = True

    def _on_run(self, _: Any) -> None:
        self._between = None
        self._offer_metrics(self.metric.value)
        self._draw()

    def _offer_metrics(self, wanted: str | None) -> None:
        """Offer the metrics of the run without its axes, and keep *wanted* chosen if the run has it."""
        self._is_drawing = True  # the user did not choose what is set here
        given = [] if self._given is None else [self._given_name]
        names = [name for name in metric_names(self.history) if name == wanted or not is_axis(self.history, name)]
        self.metric.options = [REWARD, *dict.fromkeys([*given, *names])]
        self.metric.value = wanted if wanted in self.metric.options else REWARD
        self._is_drawing = False

    @property
    def _chosen(self) -> MetricChoice:
        if self._given is not None and self.metric.value == self._given_name:
            return self._given
        return None if self.metric.value == REWARD else str(self.metric.value)

    def _show(self, between: tuple[float, float] | None) -> None:
        self._between = between
        self._draw()

    def _draw(self) -> None:
        """Draw into the same figure again, because each new figure adds megabytes to the page."""
        if self._is_drawing:
            return
        self._is_drawing = True
        try:
            if (new := self._drawn()) is not None:
                self._replace(new)
        finally:
            self._is_drawing = False

    def _drawn(self) -> go.Figure | None:
        """What is chosen as a figure; None if it cannot be drawn, and the details say why."""
        try:
            with warnings.catch_warnings(record=True) as said:
                warnings.simplefilter("always")
                self._data = self._read()
        except EnvcfgError as error:  # for example, the run recorded no epochs
            self._tell(str(error))
            return None
        self._tell("; ".join(str(each.message) for each in said))  # for example, a glob matches nothing
        return in_scheme(draw(self._data))

    def _read(self) -> Timeline:
        return read(
            self.history,
            metric_name=self._chosen,
            params=self.params.value.split() or None,
            x=self.x.value,
            between=self._between,
        )

    def _tell(self, sentence: str) -> None:
        """Show *sentence* below the figure. Without one, take away the last that was told, and leave a change."""
        if sentence or self._is_told:
            self.details.value = message_html(sentence or HINT)
        self._is_told = bool(sentence)

    def _replace(self, new: go.Figure) -> None:
        self.figure.data = ()
        self.figure.layout = new.layout
        self.figure.add_traces(new.data)
        self._listen_to_figure()

    def _listen_to_figure(self) -> None:
        self.figure.layout.on_change(self._on_zoom, "xaxis.range")
        self.figure.layout.on_change(self._on_whole, "xaxis.autorange")
        for trace in self.figure.data:
            if trace.name == "task":  # invisible points: there is one at every mark
                trace.on_click(self._on_click)

    def _on_zoom(self, _: Any, shown: Sequence[Any] | None) -> None:
        """Draw the part that is shown again, with as many points as the whole run."""
        if not self._is_drawing and self._data is not None and shown:
            low, high = (max(0.0, self._data.axis.step_at(_x_position(side))) for side in shown)
            self._show((low, high) if low < high else None)

    def _on_whole(self, _: Any, is_automatic: bool | None) -> None:
        if is_automatic and not self._is_drawing:
            self._show(None)

    def _on_click(self, _: Any, points: Any, __: Any) -> None:
        if points.xs and self._data is not None and self._data.marks:
            place, axis = _x_position(points.xs[0]), self._data.axis
            nearest = min(self._data.marks, key=lambda mark: abs(axis.at(mark.step) - place))
            self.details.value = change_html(self.history, nearest)
            self._is_told = False

    def _on_follow(self, _: Any) -> None:
        if self._following is not None:
            self._following.cancel()
            self._following = None
        if self.follow.value:
            self._following = asyncio.get_running_loop().create_task(self._keep_reading())

    async def _keep_reading(self) -> None:
        """Read the run again until it ends. If a read fails, the next one tries again."""
        seen: Stamp = ()
        while self.history.status == "cut off":
            await asyncio.sleep(READ_INTERVAL)
            try:
                now = stamp(self.history)
                if now != seen:
                    self._runs[self.run.value], seen = reload(self.history), now
                    self._draw()
            except (EnvcfgError, OSError) as error:
                self.details.value = message_html(str(error))
        self.details.value = message_html(f"run {printable(self.history.run)}: {self.history.status}")
        self.follow.value = False

    def _repr_mimebundle_(self, **chosen: Any) -> Any:
        """The widget; a plain figure for programs without widgets, such as an exported notebook; and a summary."""
        plain = {"application/vnd.plotly.v1+json": json.loads(go.Figure(self.figure).to_json())}
        summary = (self.figure.layout.meta or {}).get("summary", HINT)
        return {**plain, **self.widget._repr_mimebundle_(**chosen), "text/plain": summary}


def _x_position(x: Any) -> float:
    """A position on the x axis from Plotly's number, or from its date as text in UTC."""
    if isinstance(x, str):
        return datetime.fromisoformat(x).replace(tzinfo=UTC).timestamp() * 1000
    return float(x)
