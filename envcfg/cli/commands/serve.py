"""`envcfg serve [FOLDER]`: show the runs below a folder in a browser, on this machine only."""

import os
import secrets
import socket
import sys
import webbrowser
from typing import Annotated, Final

import typer

from envcfg.analysis.formatting import printable
from envcfg.core.errors import EnvcfgError, MissingExtraError, SourceError
from envcfg.sources.nearby import no_such_folder, path_of

PORT: Final = 8765
TRIED: Final = 20
"""The ports after `PORT` that are tried if it is taken."""


def serve(
    folder: Annotated[
        str, typer.Argument(metavar="[FOLDER]", help="The folder to look in. By default the working folder.")
    ] = ".",
    *,
    port: Annotated[
        int | None, typer.Option(metavar="PORT", min=1, max=65_535, help=f"By default {PORT}, or the next free one.")
    ] = None,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open a browser, if there is one.")] = True,
) -> None:
    """Show the runs below a folder in a browser: list, answer, timeline that grows, diff, compare. Ctrl-C stops it.

    The server answers on this machine only, and writes nothing. On a cluster, forward the port and open the address
    that this command prints: [bold]ssh -L 8765:127.0.0.1:8765 NODE[/]

    Examples: [bold]envcfg serve[/] · [bold]envcfg serve outputs --port 9000[/]
    """
    try:
        from envcfg.serving.server import HOST, TOKEN  # noqa: PLC0415  # heavy, and an extra
        from envcfg.serving.server import serve as answer  # noqa: PLC0415
    except ImportError as error:
        raise MissingExtraError("pages in a browser", extra="serve") from error
    path = path_of(folder)
    if not path.is_dir():
        raise SourceError(no_such_folder(path))
    token = secrets.token_urlsafe(24)
    with _listening(HOST, port) as listening:
        address = f"http://{HOST}:{listening.getsockname()[1]}/?{TOKEN}={token}"
        typer.echo(f"Serving the runs below {printable(str(path))}. Ctrl-C stops.\n  {address}")
        if browser and _has_screen():
            webbrowser.open(address)
        try:
            answer(path, listening, token)
        except KeyboardInterrupt:
            typer.echo("")


def _listening(host: str, port: int | None) -> socket.socket:
    """A socket on *port*, or on the first free one from `PORT` on. Raises `EnvcfgError` if it is taken."""
    tried = range(PORT, PORT + TRIED) if port is None else [port]
    for each in tried:
        try:
            return socket.create_server((host, each))
        except OSError:
            continue
    taken = f"port {tried[0]} is" if len(tried) == 1 else f"the ports {tried[0]} to {tried[-1]} are"
    raise EnvcfgError(f"{taken} taken on this machine: choose another one with --port")


def _has_screen() -> bool:
    """Whether a browser with a window can open. Elsewhere, a browser would take over the terminal."""
    return sys.platform in {"darwin", "win32"} or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
