"""`envcfg serve` as a real process, and requests to it."""

import re
import signal
import subprocess
import urllib.error
import urllib.request
from contextlib import contextmanager
from http.cookiejar import CookieJar
from typing import NamedTuple

from command_line import ENVCFG


class Answer(NamedTuple):
    status: int
    text: str
    headers: object


class Served:
    """A running server, and its first address."""

    def __init__(self, process, address):
        self.process, self.address = process, address
        self.root = address.partition("?")[0]
        self._known = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        self._unknown = urllib.request.build_opener()
        assert self.get("", known=True, first=True).status == 200

    def get(self, path, *, known=True, first=False, **headers):
        address = self.address if first else self.root + path
        request = urllib.request.Request(address, headers=headers)  # noqa: S310  # an address of this test
        opener = self._known if known else self._unknown
        try:
            with opener.open(request, timeout=120) as answer:
                return Answer(answer.status, answer.read().decode(), answer.headers)
        except urllib.error.HTTPError as error:
            return Answer(error.code, error.read().decode(), error.headers)

    def keys(self):
        return re.findall(r'href="/runs/([0-9a-f]{16})/"', self.get("").text)


@contextmanager
def serving(folder):
    command = [*ENVCFG, "serve", str(folder), "--no-browser"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        said = process.stdout.readline()
        assert said == f"Serving the runs below {folder}. Ctrl-C stops.\n", process.stderr.read()
        yield Served(process, process.stdout.readline().strip())
        process.send_signal(signal.SIGINT)
        assert (process.wait(60), process.stderr.read()) == (0, "")
