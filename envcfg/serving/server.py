"""The server: it answers on 127.0.0.1 only, one request after the other, and writes nothing.

Other users of the machine can reach that address too, so each start has a secret token. A name that an attacker lets
point to this machine (DNS rebinding) is refused.
"""

import hmac
import socket
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from plotly.offline import get_plotlyjs
from tornado.httpserver import HTTPServer
from tornado.ioloop import IOLoop
from tornado.web import Application, HTTPError, RequestHandler

from envcfg.analysis.attempt import Broken, attempt, broken_text
from envcfg.core.errors import EnvcfgError
from envcfg.serving import pages
from envcfg.serving.runs import ServedRuns

HOST: Final = "127.0.0.1"
NAMES: Final = frozenset({HOST, "localhost", "::1"})
"""The names by which a browser may ask, also through a forwarded port."""
HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; img-src data: blob:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
}
SCRIPTS: Final = {"page.js": "envcfg.figures.html", "changes.js": "envcfg.figures.html", "live.js": "envcfg.serving"}
KEY: Final = "([0-9a-f]{16})"
TOKEN: Final = "token"  # noqa: S105  # the name of the parameter in the address
LOCKED: Final = "open the whole address that envcfg serve printed: it contains the token of this server"
OTHER_NAME: Final = f"this server answers to {', '.join(sorted(NAMES))} only: forward its port, and open localhost"

Show = Callable[[ServedRuns, Callable[[str, str | None], str | None], list[str]], str]


class _RefusedError(HTTPError):
    """An answer without a page, and the sentence that says why."""

    def __init__(self, status: int, said: str) -> None:
        super().__init__(status)
        self.said = said


class _Handler(RequestHandler):
    """Answers one address with the page that *show* makes."""

    def initialize(self, runs: ServedRuns, worker: ThreadPoolExecutor, token: str, show: Show) -> None:
        self._runs, self._worker, self._token, self._show = runs, worker, token, show

    def set_default_headers(self) -> None:
        self.clear_header("Server")
        for name, value in HEADERS.items():
            self.set_header(name, value)

    def prepare(self) -> None:
        if urlsplit(f"//{self.request.host}").hostname not in NAMES:
            raise _RefusedError(403, OTHER_NAME)
        given = self.get_query_argument(TOKEN, None)
        if given is not None and hmac.compare_digest(given.encode(), self._token.encode()):
            self.set_cookie(self._cookie, self._token, httponly=True, samesite="Strict")
            self.redirect(self.request.path)
        elif not hmac.compare_digest((self.get_cookie(self._cookie) or "").encode(), self._token.encode()):
            raise _RefusedError(403, LOCKED)

    @property
    def _cookie(self) -> str:
        """Each server has its own cookie: browsers send all cookies of a machine to all of its ports."""
        return f"envcfg-{self._token[:8]}"

    async def get(self, *parts: str) -> None:
        def made() -> str | Broken:
            return attempt("this page", lambda: self._show(self._runs, self._asked, [*parts]))

        page = await IOLoop.current().run_in_executor(self._worker, made)
        if isinstance(page, Broken):
            raise _RefusedError(500, broken_text([page], others="All other pages are complete"))
        self.finish(page)

    def _asked(self, name: str, otherwise: str | None) -> str | None:
        return self.get_query_argument(name, "") or otherwise

    def write_error(self, status_code: int, **context: Any) -> None:
        error = context["exc_info"][1]
        if isinstance(error, EnvcfgError):
            self.set_status(404)
            self.finish(pages.error_page("This page could not be made", str(error)))
        else:
            said = error.said if isinstance(error, _RefusedError) else "the address has a mistake"
            self.set_status(status_code)
            self.finish(pages.error_page("This page could not be made", said))

    def log_exception(self, *_: Any) -> None:
        """The page says what is wrong."""


class _Missing(_Handler):
    """Answers every other address."""

    async def get(self, *_: str) -> None:
        raise _RefusedError(404, "there is no such page")


class _Asset(_Handler):
    """A script of the pages. It is the same for everybody, and a browser may keep it."""

    async def get(self, *parts: str) -> None:
        (name,) = parts
        self.set_header("Content-Type", "text/javascript; charset=utf-8")
        self.set_header("Cache-Control", "private, max-age=3600")
        self.finish(
            get_plotlyjs() if name == "plotly.js" else files(SCRIPTS[name]).joinpath(name).read_text(encoding="utf-8")
        )


class _Compare(_Handler):
    """Several runs."""

    async def get(self, *_: str) -> None:
        await super().get(*self.get_query_arguments("run"))


def _stamp(runs: ServedRuns, key: str) -> str:
    return pages.stamp_text(runs.history(key))


ROUTES: Final[Mapping[str, Show]] = {
    "/": lambda runs, _, __: pages.home(runs),
    f"/runs/{KEY}/": lambda runs, asked, found: pages.run_page(runs, found[0], asked("metric", None)),
    f"/runs/{KEY}/stamp": lambda runs, _, found: _stamp(runs, found[0]),
    f"/runs/{KEY}/report": lambda runs, asked, found: pages.report_page(runs, found[0], asked("metric", None)),
    f"/runs/{KEY}/diff": lambda runs, asked, found: pages.diff_page(
        runs, found[0], asked("before", "first") or "", asked("after", "last") or ""
    ),
}


def application(folder: Path, token: str) -> Application:
    """The pages of the runs below *folder*, for whoever knows the *token*."""
    common = {"runs": ServedRuns(folder), "worker": ThreadPoolExecutor(1), "token": token}
    nothing: Show = lambda *_: ""  # noqa: E731
    compared: Show = lambda runs, asked, keys: pages.compare_page(runs, keys, asked("metric", None))  # noqa: E731
    names = "|".join(["plotly.js", *SCRIPTS]).replace(".", r"\.")
    return Application(
        [
            *((address, _Handler, {**common, "show": show}) for address, show in ROUTES.items()),
            ("/compare", _Compare, {**common, "show": compared}),
            (f"/assets/({names})", _Asset, {**common, "show": nothing}),
        ],
        default_handler_class=_Missing,
        default_handler_args={**common, "show": nothing},
        log_function=lambda _: None,
    )


def serve(folder: Path, listening: socket.socket, token: str) -> None:
    """Answer on the socket *listening* until Ctrl-C."""
    server = HTTPServer(application(folder, token))
    listening.setblocking(False)  # the loop waits for connections, not the socket
    server.add_sockets([listening])
    IOLoop.current().start()
