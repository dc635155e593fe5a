"""The sink for MLflow, with the real client and a database."""

import pytest

from envcfg import Tracker, load
from envcfg.sinks import MlflowSink
from envcfg.sources.metrics import metric, metric_names
from envcfg.testing import SinkContract

pytestmark = pytest.mark.needs("mlflow")
mlflow = pytest.importorskip("mlflow")


@pytest.fixture(scope="module")
def uri(tmp_path_factory):
    """One database for all tests: to make one takes some seconds."""
    return f"sqlite:///{tmp_path_factory.mktemp('mlflow') / 'mlflow.db'}"


class TestMlflowSink(SinkContract):
    @pytest.fixture(autouse=True)
    def _uri(self, uri, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        self.uri = uri

    def sink(self, tmp_path):
        return MlflowSink(tracking_uri=self.uri, experiment="contract")


def trained(folder, sink):
    with Tracker(folder / "envcfg", run="r", sinks=[sink], strict=True, curriculum="staged") as tracker:
        for epoch in range(4):
            tracker.record({"max_steps": 100 + epoch // 2, "mode": "x"}, step=10 * epoch, epoch=epoch)
            tracker.end_epoch(step=10 * epoch + 9, epoch=epoch)


def test_a_program_without_a_run_gets_one_with_series_parameters_journal_and_changes(uri, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    trained(tmp_path, MlflowSink(tracking_uri=uri, experiment="own"))
    client = mlflow.MlflowClient(tracking_uri=uri)
    (run,) = client.search_runs([client.get_experiment_by_name("own").experiment_id])
    assert (run.info.status, run.info.run_name) == ("FINISHED", "r")
    points = client.get_metric_history(run.info.run_id, "env/max_steps")
    assert [(point.step, point.value) for point in points] == [(9, 100.0), (19, 100.0), (29, 101.0), (39, 101.0)]
    assert run.data.params == {"envcfg.curriculum": "staged", "env_config.max_steps": "100", "env_config.mode": "x"}
    names = {file.path for file in client.list_artifacts(run.info.run_id, "envcfg")}
    assert names == {"envcfg/changes.md", "envcfg/r0-w0-000001.json.gz"}
    history = load(tmp_path, metrics=f"mlflow:{uri}#{run.info.run_id}")
    assert metric_names(history) == ()
    assert metric(history, "env/max_steps").steps == (9.0, 19.0, 29.0, 39.0)


def test_the_run_of_a_program_keeps_its_own_and_is_not_ended(uri, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    mlflow.set_tracking_uri(uri)
    with mlflow.start_run() as run:
        mlflow.log_param("lr", 0.1)
        trained(tmp_path, MlflowSink())
        mlflow.log_metric("reward", 0.5, step=39)
        assert mlflow.active_run().info.run_id == run.info.run_id
    found = mlflow.MlflowClient().get_run(run.info.run_id)
    assert found.data.params["lr"] == "0.1"
    assert found.data.metrics["reward"] == 0.5
    assert found.data.metrics["env/max_steps"] == 101.0
