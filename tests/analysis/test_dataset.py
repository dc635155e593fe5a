import subprocess
import sys
from urllib.parse import quote

import polars as pl
import pytest

from envcfg import Tracker, load, load_sweep, tables
from envcfg.core.errors import SourceError
from envcfg.sources.sample import sample


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dataset")
    tables.write_dataset(sample("sweep"), folder)
    return folder


def test_a_dataset_holds_the_changes_and_metrics_of_every_run(dataset):
    for table in ("changes", "metrics"):
        expected = pl.concat([getattr(tables, table)(run.history) for run in load_sweep(sample("sweep"))])
        found = tables.scan(dataset, table).collect()
        assert found.height == expected.height
        assert dict(found.group_by("run").len().rows()) == dict(
            expected.with_columns(pl.col("run").cast(pl.String)).group_by("run").len().rows()
        )


def test_a_query_about_one_run_reads_only_its_files(dataset):
    plan = tables.scan(dataset).filter(pl.col("run") == "sweep/schedule-1").explain(optimized=True)
    assert plan.count("run=sweep%2Fschedule-1") + plan.count("run=sweep/schedule-1") >= 1
    assert "threshold" not in plan


def test_the_table_of_runs_has_a_row_with_the_outcome_of_each(dataset):
    runs = pl.read_parquet(dataset / "runs.parquet")
    assert runs["seed"].to_list() == [1, 1, 2, 1, 2]
    assert runs["metric"].unique().to_list() == ["returns"]
    assert runs["outcome"].is_not_null().all()


def test_a_run_that_cannot_be_read_is_in_the_table_with_the_reason(tmp_path):
    with Tracker(tmp_path / "sweep" / "0" / "envcfg", run="../../escape/0") as tracker:
        tracker.record({"a": 1}, step=0)
        tracker.record({"a": 2}, step=1)
    (tmp_path / "sweep" / "1" / ".hydra").mkdir(parents=True)
    runs = tables.write_dataset(tmp_path / "sweep", tmp_path / "dataset")
    assert runs["loss"].is_null().sum() == 1
    assert tables.scan(tmp_path / "dataset").collect()["run"].to_list() == ["../../escape/0"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["dataset", "sweep"]
    with pytest.raises(SourceError, match="no run that envcfg recorded"):
        tables.write_dataset(tmp_path / "sweep" / "1", tmp_path / "none")


def test_runs_of_one_name_are_told_apart_by_their_ids(tmp_path):
    for place, name in (("a", "same"), ("b", "same"), ("c", "other")):
        with Tracker(tmp_path / place / "envcfg", run=name) as tracker:
            for step in range(ord(place) - ord("a") + 2):
                tracker.record({"a": step}, step=step)
    for _ in range(2):  # written again, the dataset is the same
        runs = tables.write_dataset([tmp_path / place for place in "abc"], tmp_path / "dataset")
        names = [f"same#{load(tmp_path / place).id[:8]}" for place in "ab"]
        changes = tables.scan(tmp_path / "dataset").collect()
        assert dict(changes.group_by("run").len().rows()) == dict(zip([*names, "other"], (1, 2, 3), strict=True))
        assert dict(runs.select("run", "changes").rows()) == dict(changes.group_by("run").len().rows())
        assert runs["id"].n_unique() == 3
    assert sorted(path.name for path in (tmp_path / "dataset" / "changes").iterdir()) == sorted(
        f"run={quote(name, safe='')}" for name in [*names, "other"]
    )


ON_RAY = """
import sys
import ray
from envcfg import tables
ray.init(num_cpus=1, include_dashboard=False, log_to_driver=False)
tables.write_dataset(sys.argv[1], sys.argv[2], spread=tables.on_ray)
"""


def test_a_cluster_writes_the_same_dataset(dataset, tmp_path):
    pytest.importorskip("ray", reason="the extra ray is not installed")
    command = [sys.executable, "-c", ON_RAY, str(sample("sweep")), str(tmp_path)]
    subprocess.run(command, check=True, capture_output=True)
    assert pl.read_parquet(tmp_path / "runs.parquet").equals(pl.read_parquet(dataset / "runs.parquet"))
    assert tables.scan(tmp_path).collect().equals(tables.scan(dataset).collect())
