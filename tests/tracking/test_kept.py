from envcfg import Tracker, load
from envcfg.tracking.kept import keep


def test_a_version_holds_what_was_there_when_it_was_made_whatever_the_job_does_next(tracker, tmp_path):
    tracker.record({"level": 1}, step=1)
    contents = keep(tracker._out.journal, tmp_path / "kept", manifest=b"{}")
    tracker.record({"level": 2}, step=2)
    tracker.close()
    staged = tmp_path / "staged"
    staged.mkdir()
    assert set(contents.staged(staged)) == {"manifest.json", "r0-w0-000001.jsonl"}
    assert [adoption.record.step for adoption in load(staged).adoptions] == [1]


def test_an_open_segment_of_another_rank_is_taken_as_it_is_when_the_version_is_uploaded(tracker, journal, tmp_path):
    tracker.record({"level": 1}, step=1)
    with Tracker(journal, run="run-1", rank=1) as other:
        other.record({"level": 1}, step=1)
        contents = keep(tracker._out.journal, tmp_path / "kept", manifest=b"{}")
        other.record({"level": 2}, step=2)
        staged = tmp_path / "staged"
        staged.mkdir()
        assert "r1-w0-000001.jsonl" in contents.staged(staged)
        assert len(load(staged).adoptions) == 3


def test_an_open_segment_of_another_rank_that_was_sealed_meanwhile_is_left_to_a_later_version(
    tracker, journal, tmp_path
):
    tracker.record({"level": 1}, step=1)
    with Tracker(journal, run="run-1", rank=1) as other:
        other.record({"level": 1}, step=1)
        contents = keep(tracker._out.journal, tmp_path / "kept", manifest=b"{}")
    later = keep(tracker._out.journal, tmp_path / "kept", manifest=b"{}")
    for version, name in ((contents, None), (later, "r1-w0-000001.json.gz")):
        folder = tmp_path / str(name)
        folder.mkdir()
        names = {found for found in version.staged(folder) if found.startswith("r1")}
        assert names == ({name} if name else set())
