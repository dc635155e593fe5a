"""Which process of a distributed training this one is: asked of the environment, never of a collective call."""

import os
from collections.abc import Mapping
from typing import Final

_VARIABLES: Final = ("RANK", "OMPI_COMM_WORLD_RANK", "PMI_RANK", "SLURM_PROCID", "LOCAL_RANK")
"""Of torchrun and those who follow it, Open MPI, MPICH, Slurm (submitit); the last where there is one machine only."""


def rank(environment: Mapping[str, str] = os.environ) -> int:
    """The global rank of this process; 0 where nobody started several."""
    said = (environment.get(name, "") for name in _VARIABLES)
    return next((int(value) for value in said if value.isascii() and value.isdecimal()), 0)
