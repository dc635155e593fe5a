from .metrics import Series as Series
from .metrics import metric as metric
from .wandb.runs import read_runs as read_runs
from .wandb.runs import wandb_runs as wandb_runs
