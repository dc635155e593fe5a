"""The largest step and epoch of a run. A reader refuses larger numbers, so they are not written."""

from typing import Final

from envcfg.core.errors import ConfigError
from envcfg.tracking.arguments import SMALL

MOST_STEPS: Final = (1 << 63) - 1


def checked(step: int, epoch: int | None) -> tuple[int, int | None]:
    """*step* and *epoch* of the run; raises `ConfigError` if one of them is too large to be recorded."""
    if step > MOST_STEPS:
        raise ConfigError(f"step {step:,} of the run, all phases together: expected at most {MOST_STEPS:,}")
    if epoch is not None and epoch > SMALL:
        raise ConfigError(f"epoch {epoch:,} of the run, all phases together: expected at most {SMALL:,}")
    return step, epoch
