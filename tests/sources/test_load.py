import pytest

from envcfg import Tracker, load
from envcfg.core.errors import EnvcfgError


def record(folder, run="r"):
    with Tracker(folder, run=run) as tracker:
        tracker.record({"a": 1}, step=0)


@pytest.mark.parametrize("journal", ["", "envcfg", "files/envcfg", "2026-01-01/10-00-00/envcfg", "tracked"])
def test_a_run_is_found_in_each_kind_of_folder(tmp_path, journal):
    record(tmp_path / journal)
    assert load(tmp_path).run == "r"
    assert load(str(tmp_path)).run == "r"


def test_the_error_for_a_missing_path_has_the_nearest_names(tmp_path):
    (tmp_path / "outputs").mkdir()
    with pytest.raises(EnvcfgError, match=r"output: no such folder; the nearest name is .*outputs$"):
        load(tmp_path / "output")


def test_a_file_is_not_a_run(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(EnvcfgError, match="is a file: name the folder of a run"):
        load(tmp_path / "file")


def test_the_error_for_an_empty_folder_says_what_was_looked_for(tmp_path):
    with pytest.raises(EnvcfgError, match="hydra/callbacks=env_config"):
        load(tmp_path)


def test_with_several_runs_none_is_guessed(tmp_path):
    for job in range(3):
        record(tmp_path / str(job) / "envcfg", run=str(job))
    with pytest.raises(EnvcfgError, match="contains 3 runs: name one of"):
        load(tmp_path)
