"""Names the copy in the cache of a run that the W&B server does not give."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from envcfg.core.code import Code
from envcfg.core.errors import SourceError
from envcfg.sources.wandb.address import Address
from envcfg.sources.wandb.mirror import cache_folder

_WITHOUT_AN_ANSWER: Final = frozenset(
    {Code.WANDB_UNREACHABLE, Code.WANDB_CERTIFICATE, Code.WANDB_SERVER, Code.WANDB_NO_JSON, Code.WANDB_RATE}
)


@contextmanager
def offering_copy(address: Address) -> Iterator[None]:
    """Add to the error of a server that gives no answer what to type for the copy of the run in the cache."""
    try:
        yield
    except SourceError as error:
        copies = sorted(cache_folder().glob(f"wandb/*/{address.entity}/{address.project}/runs/{address.name}"))
        if error.code not in _WITHOUT_AN_ANSWER or address.kind != "run" or not copies:
            raise
        raise SourceError(f"{error}; a copy of an earlier read is in {copies[-1]}", code=error.code) from error
