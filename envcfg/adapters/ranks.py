"""The rank of this process in a distributed training, read from environment variables, without a collective call."""

import os
from collections.abc import Mapping
from typing import Final

_VARIABLES: Final = ("RANK", "OMPI_COMM_WORLD_RANK", "PMI_RANK", "SLURM_PROCID", "LOCAL_RANK")
"""Set by torchrun and similar launchers, Open MPI, MPICH, Slurm (submitit). The last one is enough on one machine."""


def rank(environment: Mapping[str, str] = os.environ) -> int:
    """Return the global rank of this process, or 0 if the training is not distributed."""
    values = (environment.get(name, "") for name in _VARIABLES)
    return next((int(value) for value in values if value.isascii() and value.isdecimal()), 0)
