from .wandb.sink import wandb_sinks as wandb_sinks
