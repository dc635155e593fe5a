"""Keeps the service process of our W&B client to this client."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_SERVICE: Final = "WANDB_SERVICE"


@contextmanager
def service_of_its_own() -> Iterator[None]:
    """Remove the variable with which the client announces its service to child processes.

    Otherwise a training that this process starts would use that service, and end before its run is written.
    """
    named = os.environ.get(_SERVICE)
    try:
        yield
    finally:
        if named is None:
            os.environ.pop(_SERVICE, None)
