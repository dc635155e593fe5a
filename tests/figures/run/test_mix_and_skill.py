import pytest

from envcfg import Tracker, load
from envcfg.core.errors import SourceError
from envcfg.core.split import WINDOW
from envcfg.figures.run.mix_and_skill import mix_and_skill


def test_two_lines_add_up_to_the_third(journal):
    with Tracker(journal, run="played") as tracker:
        for epoch in range(30):
            tracker.record({"wall": epoch // 10}, step=epoch * 10, epoch=epoch, task="easy")
            rewards = {"easy": [0.5 + epoch / 60] * (1 + epoch % 3), "hard": [epoch / 40]}
            tracker.end_epoch(step=epoch * 10 + 10, epoch=epoch, rewards=rewards)
    figure = mix_and_skill(load(journal), x="epoch")
    mix, skill, both = (trace.y for trace in figure.data)
    assert len(both) == 30 - WINDOW
    assert [a + b for a, b in zip(mix, skill, strict=True)] == pytest.approx(list(both), abs=1e-5)
    assert figure.layout.meta["summary"].startswith("played: mean reward 0.3")


def test_a_run_without_rewards_says_how_to_pass_them(staged):
    with pytest.raises(SourceError, match="pass them to tracker"):
        mix_and_skill(load(staged))


def test_rewards_of_too_few_epochs_are_not_called_no_rewards(journal):
    with Tracker(journal) as tracker:
        for epoch in range(3):
            tracker.end_epoch(step=epoch, epoch=epoch, rewards={"easy": [1.0]})
    with pytest.raises(SourceError, match="has rewards of at most 8 epochs"):
        mix_and_skill(load(journal))
