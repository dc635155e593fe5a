"""The line of each run in a list."""

from wandb_logs import write_log

from envcfg import Tracker, load, sample
from envcfg.sources.listing import EPISODES, LastReward, listed
from envcfg.sources.named import began


def test_the_line_agrees_with_the_whole_run():
    line, history = listed(sample())[0], load(sample())
    assert (line.status, line.curriculum, line.changes) == (history.status, history.curriculum, len(history.changes))
    assert line.began == began(sample())
    assert line.began + line.duration == history.coverage.last_time
    assert line.problem is None


def test_the_rewards_that_the_trainer_passed_are_weighted_by_episodes(journal):
    with Tracker(journal) as tracker:
        tracker.record({"a": 1}, step=0)
        tracker.end_epoch(step=10, epoch=1, rewards={"easy": [1.0, 1.0, 1.0], "hard": [0.0]})
        tracker.end_epoch(step=20, epoch=2)
    assert listed(journal)[0].reward == LastReward(EPISODES, 0.75)


def test_without_these_the_last_reward_in_the_wandb_log_is_shown(journal):
    with Tracker(journal) as tracker:
        tracker.record({"a": 1}, step=0)
    write_log(journal.parent, [{"loss": 3.0, "reward": 0.25, "_step": 1}, {"reward": 0.5, "_step": 2}, {"loss": 1.0}])
    assert listed(journal)[0].reward == LastReward("reward", 0.5)


def test_of_a_long_log_only_the_end_is_read(journal):
    with Tracker(journal) as tracker:
        tracker.record({"a": 1}, step=0)
    write_log(journal.parent, [{"reward": number / 10_000, "text": "x" * 100} for number in range(10_000)])
    log = journal.parent / "run-made.wandb"
    content = bytearray(log.read_bytes())
    assert len(content) > 1 << 20
    middle = len(content) // 2
    content[middle : middle + 1000] = bytes(1000)  # damage that a whole reading reports
    log.write_bytes(content)
    assert listed(journal)[0].reward == LastReward("reward", 0.9999)


def test_a_run_that_cannot_be_read_is_a_line_with_the_reason(journal):
    journal.mkdir(parents=True, exist_ok=True)
    (journal / "r0-w0-000001.jsonl").write_text("not ours\n")
    (line,) = listed(journal)
    assert (line.status, line.changes, line.duration) == ("unreadable", None, None)
    assert "contains no journal that can be read" in line.problem
