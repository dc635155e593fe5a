"""A small, real training run to record: PPO on mettagrid under a curriculum, configured from `conf/`."""
