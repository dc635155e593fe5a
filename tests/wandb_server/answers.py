"""Answers that are none, for the `faults` of a server."""

from collections.abc import Callable
from typing import Any


def status(number: int, message: str = "no") -> Callable[[Any, str], bool]:
    """The server answers everything with an HTTP status, and says *message*."""

    def answer(handler: Any, _: str) -> bool:
        handler.answer(number, {"errors": [{"message": message}]})
        return True

    return answer


def page(handler: Any, _: str) -> bool:
    """Something else answers: the page on which a network wants people to log in."""
    handler.answer(200, b"<!DOCTYPE html><html><body>Welcome</body></html>", **{"Content-Type": "text/html"})
    return True
