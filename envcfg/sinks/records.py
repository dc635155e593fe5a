"""The types of the arguments of a sink's methods."""

from envcfg.core.drawn import Draws
from envcfg.core.record import Ending, Job, Mix, Record, Request

__all__ = ["Draws", "Ending", "Job", "Mix", "Record", "Request"]
