from .metrics import metric as metric
from .metrics import metric_names as metric_names
from .ports import MetricSource as MetricSource
from .ports import RunSource as RunSource
from .series import Series as Series
from .wandb.runs import read_runs as read_runs
from .wandb.runs import wandb_runs as wandb_runs
