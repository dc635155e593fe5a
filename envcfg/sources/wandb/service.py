"""The service process that W&B's client starts: ours, and nobody else's."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_SERVICE: Final = "WANDB_SERVICE"


@contextmanager
def service_of_its_own() -> Iterator[None]:
    """The client names the service that it starts in the environment, where it was not named before: not from here on.

    A training that this process starts would hand its own run over to that service, and end before it is written.
    """
    named = os.environ.get(_SERVICE)
    try:
        yield
    finally:
        if named is None:
            os.environ.pop(_SERVICE, None)
