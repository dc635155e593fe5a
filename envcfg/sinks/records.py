"""What the methods of a sink get, beside a config, which is a nested dict."""

from envcfg.core.record import Ending, Job, Mix, Record

__all__ = ["Ending", "Job", "Mix", "Record"]
