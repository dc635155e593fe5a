from .base import BaseSink as BaseSink
from .base import Journal as Journal
from .records import Ending as Ending
from .records import Job as Job
from .records import Mix as Mix
from .records import Record as Record
from .records import Request as Request
from .wandb.sink import wandb_sinks as wandb_sinks
