"""The sink for TensorBoard, read with TensorBoard's own reader."""

import pytest

from envcfg import Tracker, load
from envcfg.sinks.tensorboard import TensorBoardSink
from envcfg.sources.metrics import metric, metric_names
from envcfg.testing import SinkContract

pytestmark = pytest.mark.needs("tensorboard")
pytest.importorskip("tensorboard")


class TestTensorBoardSink(SinkContract):
    def sink(self, tmp_path):
        return TensorBoardSink()


@pytest.fixture
def events(tmp_path):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    with Tracker(tmp_path / "envcfg", run="r", sinks=[TensorBoardSink(folder="board")], strict=True) as tracker:
        for epoch in range(4):
            config = {"max_steps": 100 + epoch // 2, "path": "a|b"[: 1 + epoch]}
            tracker.record(config, step=10 * epoch, epoch=epoch, task=f"t{epoch // 2}")
            tracker.end_epoch(step=10 * epoch + 9, epoch=epoch)
    events = EventAccumulator(str(tmp_path / "board"))
    events.Reload()
    return events


def test_each_series_is_a_scalar_on_environment_steps(events):
    points = [(event.step, event.value) for event in events.Scalars("env/max_steps")]
    assert points == [(9, 100.0), (19, 100.0), (29, 101.0), (39, 101.0)]
    assert events.SummaryMetadata("env_config/changes").plugin_data.plugin_name == "text"


def test_each_change_is_a_table_of_its_keys(events):
    texts = [
        event.tensor_proto.string_val[0].decode().splitlines()[2:] for event in events.Tensors("env_config/changes")
    ]
    assert texts == [
        ["| 1 | 10 | 1 | t0 |  | path | a | a\\| |"],
        ["| 2 | 20 | 2 | t1 |  | max_steps | 100 | 101 |", "| 2 | 20 | 2 | t1 |  | path | a\\| | a\\|b |"],
    ]


def test_what_the_sink_wrote_is_no_metric_of_the_trainer_and_can_be_read(tmp_path, events):
    history = load(tmp_path)
    assert metric_names(history) == ()
    assert metric(history, "env/max_steps").steps == (9.0, 19.0, 29.0, 39.0)
