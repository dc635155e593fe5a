"""PettingZoo: the real parameters of all agents at each reset, in one slot for each environment."""

import agents
import pytest

pytest.importorskip("pettingzoo", reason="PettingZoo")

from pettingzoo.test import api_test, parallel_api_test

from envcfg import Tracker, load
from envcfg.adapters.pettingzoo_env import RecordedAECEnv, RecordedParallelEnv
from envcfg.core.returns import pooled
from envcfg.sources.returns import returns

pytestmark = pytest.mark.filterwarnings("ignore")
EPISODES = 6


def play_together(env):
    for episode in range(EPISODES):
        env.reset(seed=episode)
        while env.agents:
            env.step(dict.fromkeys(env.agents, 1))


def play_in_turn(env):
    for episode in range(EPISODES):
        env.reset(seed=episode)
        for agent in env.agent_iter():
            *_, terminated, truncated, _ = env.last()
            env.step(None if terminated or truncated else env.action_space(agent).n - 1)


KINDS = [
    pytest.param(RecordedParallelEnv, agents.Pair, play_together, agents.EPISODE, id="parallel"),
    pytest.param(RecordedAECEnv, agents.Turns, play_in_turn, 2 * agents.EPISODE, id="in turn"),
]


@pytest.mark.parametrize(("wrapper", "kind", "play", "steps"), KINDS)
def test_each_reset_is_recorded_with_a_key_for_each_agent_and_the_mean_return(tmp_path, wrapper, kind, play, steps):
    plain, env = kind(), kind()
    with Tracker(tmp_path / "envcfg", run="r", strict=True) as tracker:
        play(wrapper(env, tracker, attributes=agents.ATTRIBUTES, task="pair"))
    play(plain)
    assert env.book == plain.book
    history = load(tmp_path)
    assert agents.recorded(history) == [env.book]
    assert history.adoptions[1].record.step == steps
    found = pooled(part for _, _, part in returns(history, "pair"))
    earned = [agents.EPISODE * (row["speed"]["one"] + row["speed"]["other"]) / 2 for row in env.book]
    assert (found.episodes, found.mean, found.length) == (EPISODES, pytest.approx(sum(earned) / EPISODES), steps)


def test_a_wrapper_is_a_whole_environment_of_pettingzoo(tmp_path, capsys):
    with Tracker(tmp_path / "envcfg", run="r", strict=True) as tracker:
        together = RecordedParallelEnv(agents.Pair(), tracker, attributes=("wind",))
        in_turn = RecordedAECEnv(agents.Turns(), tracker, attributes=("wind",))
        parallel_api_test(together, num_cycles=20)
        api_test(in_turn, num_cycles=20)
        env = RecordedParallelEnv(agents.Pair(), tracker)
        env.wind = 7
        assert (env.unwrapped.wind, env.wind, "wind" in vars(env)) == (7, 7, False)
        env.close()
    assert {a.place.slot for a in load(tmp_path).adoptions} == {together.recorded_slot, in_turn.recorded_slot}


def test_without_a_tracker_nothing_is_added():
    env = RecordedParallelEnv(agents.Pair(), attributes=("wind",))
    play_together(env)
    assert len(env.unwrapped.book) == EPISODES
