import pytest

from envcfg.core.params import Selection, key_parameters

METTA = {
    "label": "arena",
    "game": {
        "max_steps": 1000,
        "num_agents": 4,
        "map_builder": {"num_agents": 2},
        "agent": {
            "freeze_duration": 10,
            "default_resource_limit": 50,
            "rewards": {"heart": 1, "heart_max": None, "ore_red": 0.01},
        },
    },
}


def test_key_parameters_are_found_at_any_depth_nearest_to_the_root_first():
    assert key_parameters(METTA) == {
        "max_steps": 1000,
        "num_agents": 4,
        "freeze_duration": 10,
        "default_resource_limit": 50,
        "reward_heart": 1,
        "reward_ore_red": 0.01,
    }


@pytest.mark.parametrize(
    ("rewards", "expected"),
    [
        ({"inventory": {"heart": 1.0}, "inventory_max": {"heart": 9}}, {"reward_heart": 1.0, "reward_heart_max": 9}),
        ({"stats": {"carbon.gained": 0.5}}, {"reward_carbon.gained": 0.5}),
        (
            {"heart": {"per_tick": False, "reward": {"weights": [0.5], "values": [{"item": "heart"}]}}},
            {"reward_heart": 0.5},
        ),
        ({"heart": {"reward": {"weights": [0.5, 2.0]}}}, {"reward_heart_0": 0.5, "reward_heart_1": 2.0}),
        ({"heart": None}, {}),
    ],
)
def test_every_form_of_a_reward_gets_a_name(rewards, expected):
    assert key_parameters({"agent": {"rewards": rewards}}) == expected


def test_globs_and_functions_replace_and_extend_the_defaults():
    selection = Selection(
        globs=("game.*_steps", "game.agent.rewards.heart"), functions=(lambda config: {"size": len(config)},)
    )
    assert key_parameters(METTA, selection) == {"game.max_steps": 1000, "game.agent.rewards.heart": 1, "size": 2}


def test_a_config_without_key_parameters_gives_none():
    assert key_parameters({"a": {"b": 1}}) == {}


def test_the_first_of_two_rewards_with_the_same_name_counts():
    assert key_parameters({"rewards": {"inventory": {"heart": 1.0}, "heart": []}}) == {"reward_heart": 1.0}
