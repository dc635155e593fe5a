"""A small training run to record: PPO on mettagrid or CartPole under a curriculum, with its config in `conf/`."""
