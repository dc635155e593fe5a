import math

import numpy as np
import pytest
from omegaconf import OmegaConf

import envcfg
from envcfg import Cause, Tracker, load
from envcfg.core.errors import ConfigError, JournalError


class Spy:
    """A sink that keeps its calls."""

    def __init__(self):
        self.calls = []

    def opened(self, journal, job):
        self.calls.append(("opened", journal.writer.run))

    def recorded(self, record, config):
        self.calls.append(("recorded", record.step, config))

    def mixed(self, mix):
        self.calls.append(("mixed", dict(mix.adopted), mix.stated))

    def epoch_ended(self, *, step, epoch):
        self.calls.append(("epoch_ended", step, epoch))

    def closed(self, ending):
        self.calls.append(("closed", ending.status))


class Broken(Spy):
    def recorded(self, record, config):
        raise OSError("no network")


def lines(journal):
    return sum(path.read_bytes().count(b"\n") for path in journal.glob("*.jsonl"))


def test_rewards_of_episodes_are_kept_by_task_in_an_open_and_in_a_sealed_segment(journal, clock):
    with Tracker(journal, clock=clock) as tracker:
        tracker.end_epoch(step=10, epoch=0, rewards={"easy": [1.0, 0.0], "hard": 0.25})
        tracker.end_epoch(step=20, epoch=1, rewards={"easy": []})
        tracker.end_epoch(step=30, epoch=2, rewards={"easy": (0.5,)})
        opened = [mix.rewards for mix in load(journal).mixes]
    assert opened == [mix.rewards for mix in load(journal).mixes]
    assert opened == [{"easy": (2, 0.5, 0.5, None), "hard": (1, 0.25, 0.0, None)}, {"easy": (1, 0.5, 0.0, None)}]


def test_a_reward_that_is_not_a_number_loses_only_the_rewards(journal, clock, capsys):
    with Tracker(journal, clock=clock) as tracker:
        tracker.record({"a": 1}, step=0, epoch=0, task="easy")
        tracker.end_epoch(step=10, epoch=0, rewards={"easy": [float("nan")]})
    (mix,) = load(journal).mixes
    assert (mix.rewards, mix.adopted) == (None, {"easy": 1})
    assert "a reward of task 'easy' is nan" in capsys.readouterr().err


def test_an_unchanged_config_writes_nothing(tracker, journal):
    tracker.record({"a": 1}, step=0)
    before, first = lines(journal), tracker.digest()
    tracker.record({"a": 1}, step=8)
    assert tracker.digest() == first
    assert lines(journal) == before


def test_the_digest_is_that_of_the_latest_record_or_none_if_it_failed(tracker, journal):
    given = []
    for config, when in (({"a": 1}, {"step": 0}), ({"a": 2}, {"step": -1}), ({"a": 1}, {"step": 2}), (3, {"step": 3})):
        tracker.record(config, slot=4, **when)
        given.append(tracker.digest(4))
    tracker.close()
    (adoption,) = load(journal).adoptions
    assert given == [adoption.record.config, None, adoption.record.config, None]
    assert tracker.digest(4) is tracker.digest([4]) is None


def test_unchanged_adoptions_are_counted(journal):
    with Tracker(journal) as tracker:
        for step in range(5):
            tracker.record({"a": 1}, step=step, task="easy")
    history = load(journal)
    assert dict(history.adopted) == {"easy": 5}
    assert len(history.adoptions) == 1


def test_each_slot_is_compared_with_itself(tracker, journal):
    for step in range(4):
        tracker.record({"level": step % 2}, step=step, slot=step % 2)
    tracker.close()
    assert len(load(journal).adoptions) == 2


def test_another_task_name_for_the_same_config_is_recorded(tracker, journal):
    tracker.record({"a": 1}, step=0, task="one")
    tracker.record({"a": 1}, step=1, task="other")
    tracker.close()
    assert [adoption.record.task for adoption in load(journal).adoptions] == ["one", "other"]


def test_a_change_inside_the_same_config_object_is_recorded(tracker, journal):
    config = {"rewards": {"heart": 1.0}}
    tracker.record(config, step=0)
    config["rewards"]["heart"] = 2.0
    tracker.record(config, step=1)
    tracker.close()
    history = load(journal)
    assert [history.at(step)["rewards"]["heart"] for step in (0, 1)] == [1.0, 2.0]


def test_records_are_readable_before_the_tracker_is_closed(tracker, journal):
    tracker.record({"a": 1}, step=3, epoch=1, task="easy", cause=Cause("manual", note="by hand"))
    history = load(journal)
    (adoption,) = history.adoptions
    assert (adoption.record.step, adoption.record.epoch, adoption.record.cause.note) == (3, 1, "by hand")
    assert history.status == "cut off"


def test_sinks_receive_everything_in_order_after_the_journal(journal, clock):
    spy = Spy()
    with Tracker(journal, run="r", sinks=[spy], clock=clock) as tracker:
        tracker.record({"a": 1}, step=0, epoch=0, task="t")
        tracker.mix({"t": 0.75, "u": 0.25}, step=4, epoch=0)
        tracker.record({"a": 1}, step=8, epoch=1, task="t")
        tracker.end_epoch(step=9, epoch=1)
    assert spy.calls == [
        ("opened", "r"),
        ("recorded", 0, {"a": 1}),
        ("mixed", {"t": 1}, {"t": 0.75, "u": 0.25}),
        ("epoch_ended", 4, 0),
        ("mixed", {"t": 1}, None),
        ("epoch_ended", 9, 1),
        ("closed", "completed"),
    ]


def test_a_failing_sink_stops_nothing_and_is_shown_once_and_counted(journal, capsys):
    with Tracker(journal, sinks=[Broken(), Spy()]) as tracker:
        for step in range(3):
            tracker.record({"a": step}, step=step)
    history = load(journal)
    assert len(history.adoptions) == 3
    assert [(failure.where, failure.count) for failure in history.failures][-1] == ("Broken", 3)
    assert capsys.readouterr().err.count("no network") == 1


class BrokenAtTheEnd(Spy):
    def closed(self, ending):
        raise OSError("no network at the end")


def test_a_failure_after_the_last_entry_is_in_the_journal_too(journal):
    with Tracker(journal, sinks=[BrokenAtTheEnd()]) as tracker:
        tracker.record({"a": 1}, step=0)
    history = load(journal)
    assert history.status == "completed"
    assert [failure.message for failure in history.failures] == ["no network at the end"]


@pytest.mark.parametrize(
    "arguments",
    [
        {"step": -1},
        {"step": "many"},
        {"step": True},
        {"step": 1, "slot": 1.5},
        {"step": 1, "slot": [1]},
        {"step": 1, "slot": True},
        {"step": 1, "cause": Cause("because")},
    ],
)
def test_a_wrong_argument_never_reaches_the_training_loop(tracker, arguments, capsys):
    tracker.record({"a": 1}, **arguments)
    assert tracker.digest() is None
    assert "envcfg: record: " in capsys.readouterr().err


def test_in_strict_mode_a_wrong_argument_raises(journal):
    with (
        pytest.raises(ConfigError, match=r"fn: cannot record a function; convert it"),
        Tracker(journal, strict=True) as tracker,
    ):
        tracker.record({"fn": print}, step=0)


@pytest.mark.parametrize("probability", [math.nan, -0.1, math.inf])
def test_a_probability_is_finite_and_not_negative(tracker, probability, capsys):
    tracker.mix({"easy": probability}, step=0)
    assert "the probability of task 'easy' is" in capsys.readouterr().err


def test_counts_of_numpy_and_whole_floats_are_accepted(tracker, journal):
    tracker.record(
        {"a": 1},
        step=np.int64(5),
        epoch=np.int32(1),
        slot=np.uint8(2),
        cause=Cause("curriculum", value=np.float32(0.5)),
    )
    tracker.record({"a": 2}, step=1e6)
    tracker.close()
    first, second = (adoption.record for adoption in load(journal).adoptions)
    assert (first.step, first.epoch, first.slot, first.cause.value) == (5, 1, 2, 0.5)
    assert second.step == 1_000_000


def test_an_unwritable_folder_gives_one_message_and_training_goes_on(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    with Tracker(tmp_path / "file" / "envcfg") as tracker:
        tracker.record({"a": 1}, step=0)
        assert tracker.digest() is None
    assert "cannot write a journal in" in capsys.readouterr().err


def test_an_unwritable_folder_is_an_error_in_strict_mode(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(JournalError, match="cannot write a journal in"):
        Tracker(tmp_path / "file" / "envcfg", strict=True)


def test_closing_twice_writes_one_ending(journal):
    tracker = Tracker(journal)
    tracker.close("failed")
    tracker.close()
    history = load(journal)
    assert (history.status, history.sessions) == ("failed", 1)


@pytest.mark.parametrize(("error", "status"), [(ValueError, "failed"), (KeyboardInterrupt, "interrupted")])
def test_the_status_depends_on_how_the_with_block_ends(journal, error, status):
    with pytest.raises(error), Tracker(journal):
        raise error
    assert load(journal).status == status


def test_the_job_is_recorded_with_its_config_resolved_and_its_overrides_without_secrets(journal):
    config = OmegaConf.create({"seed": 3, "double": "${seed}", "api_key": "abc"})
    job = {"name": "train", "overrides": ["seed=3", "api_key=abc"], "config": config}
    with Tracker(journal, job=job, curriculum="staged"):
        pass
    history = load(journal)
    (entry,) = history.jobs
    assert history.config(entry.config)["double"] == 3
    assert history.config(entry.template)["double"] == "${seed}"
    assert (entry.name, entry.curriculum, entry.overrides) == ("train", "staged", ("seed=3", "api_key=<redacted>"))
    assert "abc" not in "".join(path.read_bytes().decode(errors="replace") for path in journal.iterdir())


def test_a_full_segment_is_sealed_and_a_missing_one_is_named(journal):
    with Tracker(journal, run="r", segment_bytes=2_000) as tracker:
        for step in range(40):
            tracker.record({"level": step % 3, "text": "x" * 50}, step=step, task=f"t{step % 3}")
    assert len(list(journal.glob("*.json.gz"))) > 2
    history = load(journal)
    assert [adoption.record.step for adoption in history.adoptions] == list(range(40))
    assert history.losses == ()
    (journal / "r0-w0-000002.json.gz").unlink()
    assert load(journal).at(39)["level"] == 0
    read, missing = load(journal).losses
    assert read.endswith(" of 40 records could be read")
    assert missing.startswith("segment r0-w0-000002 is missing")
    assert load(journal).status == "incomplete"


def test_a_worker_seals_its_segments_at_the_size_that_the_tracker_was_given(journal):
    with Tracker(journal, run="r", segment_bytes=2_000) as tracker, tracker.shard(1) as shard:
        for step in range(40):
            shard.record({"text": "x" * 50, "level": step}, step=step)
    assert len(list(journal.glob("r0-w1-*.json.gz"))) > 2


def test_without_a_tracker_recording_does_nothing():
    tracker = envcfg.tracker()
    tracker.record({"fn": print}, step=0, cause=Cause("nonsense"))
    assert tracker.digest() is None
    tracker.mix({}, step=0)
    tracker.end_epoch(step=0, epoch=0)
    tracker.close()


def test_a_name_with_half_a_surrogate_pair_loses_no_record(journal):
    with Tracker(journal, run="r\udc00", curriculum="c\udc00", strict=True) as tracker:
        tracker.record({"a": 1}, step=0, task="caf\udce9", cause=Cause("manual", note="\ud800"))
        tracker.mix({"caf\udce9": 1.0}, step=0, epoch=1)
        tracker.end_epoch(step=5, epoch=1, rewards={"caf\udce9": 1.0})

    history = load(journal)

    assert [adoption.record.task for adoption in history.adoptions] == ["caf\\udce9"]
    assert history.run == "r\\udc00"


@pytest.mark.parametrize("which", ["epoch", "episode", "slot"])
def test_the_error_for_a_number_beyond_the_columns_names_the_argument(journal, which):
    with (
        pytest.raises(ConfigError, match=f"{which}=2147483648: expected a whole number from 0 to 2,147,483,647"),
        Tracker(journal, strict=True) as tracker,
    ):
        tracker.record({"a": 1}, step=0, **{which: 1 << 31})
