"""A user's own sink: the calls that it receives, and the result of a failure."""

import inspect

from envcfg import Tracker
from envcfg.sinks import BaseSink, Draws, Ending, Job, Mix, Record, wandb_sinks
from envcfg.tracking.sink import Sink


class Diary(BaseSink):
    def __init__(self):
        self.said = []

    def opened(self, journal, job):
        self.said.append(("opened", journal.folder, journal.run, len(journal.session), journal.rank, type(job)))

    def recorded(self, record, config):
        self.said.append(("recorded", record.step, config["a"], type(record)))

    def mixed(self, mix):
        self.said.append(("mixed", type(mix)))

    def drew(self, draws):
        self.said.append(("drew", [*draws.drawn], type(draws)))

    def epoch_ended(self, *, step, epoch):
        self.said.append(("epoch_ended", step, epoch))

    def closed(self, ending):
        self.said.append(("closed", ending.status, type(ending)))


def test_a_sink_receives_a_run_in_order(journal):
    diary = Diary()
    with Tracker(journal, run="r", sinks=[diary, BaseSink()], strict=True) as tracker:
        tracker.record({"a": 1}, step=0)
        tracker.record_draws({"b": [1.0, 2.0]}, base={"a": 2}, step=1)
        tracker.end_epoch(step=5, epoch=0)
    assert diary.said == [
        ("opened", journal, "r", 12, 0, Job),
        ("recorded", 0, 1, Record),
        ("recorded", 1, 2, Record),
        ("drew", ["/b"], Draws),
        ("mixed", Mix),
        ("epoch_ended", 5, 0),
        ("closed", "completed", Ending),
    ]


def test_a_base_sink_has_the_methods_that_a_tracker_calls():
    called = {name: call for name, call in vars(Sink).items() if inspect.isfunction(call) and name[0] != "_"}
    for name, call in called.items():
        ours, theirs = inspect.signature(getattr(BaseSink, name)), inspect.signature(call)
        assert list(ours.parameters) == list(theirs.parameters)
        assert inspect.getdoc(getattr(BaseSink, name))
        assert all(hasattr(sink, name) for sink in wandb_sinks())
    assert called.keys() == {name for name, call in vars(BaseSink).items() if name[0] != "_" and callable(call)}
