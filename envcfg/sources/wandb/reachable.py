"""Finds out at once that nothing answers at the address of the W&B server. The client tries for half a minute."""

import socket
from typing import Final
from urllib.parse import urlsplit
from urllib.request import getproxies

from envcfg.core.code import Code
from envcfg.core.errors import SourceError

_SECONDS: Final = 5.0
_PORTS: Final = {"https": 443, "http": 80}


def require_server(base: str) -> None:
    """Raise `SourceError` if no connection to the server can be opened. Behind a proxy, nothing is tried."""
    url = urlsplit(base)
    if url.hostname is None or getproxies().get(url.scheme):
        return
    try:
        with socket.create_connection((url.hostname, url.port or _PORTS.get(url.scheme, 443)), timeout=_SECONDS):
            return
    except OSError as error:
        said = f"{url.hostname} cannot be reached: {error.strerror or error}"
        raise SourceError(said, code=Code.WANDB_UNREACHABLE) from error
