"""The code of an error that a W&B client raised: by its HTTP status, its class, or the form in which W&B writes it.

wandb-core, which asks the server, hands most of its errors over as one text. Its own part of that text has a fixed
form and stands before whatever the server says; the names of runs and the words of a server decide nothing.
"""

import json
import re
import socket
import ssl
from collections.abc import Iterator
from typing import Final

from envcfg.core.code import Code, code_of

_ASKED: Final = r'(?:[^"\n]{0,300}: )?[A-Z]+ \S+ giving up after \d+ attempt\(s\)'
_ANSWERED: Final = re.compile(rf"(?:[\w.]+: )?returned error (\d{{3}})\b|{_ASKED}\nwhile retrying: HTTP (\d{{3}})\b")
_UNVERIFIED: Final = re.compile(rf'{_ASKED}: \w+ "[^"]*": (?:tls: failed to verify certificate|x509): ')
_UNANSWERED: Final = re.compile(rf'{_ASKED}: \w+ "[^"]*": ')
_REFUSED: Final = re.compile(r"(?:[\w.]+: )?input:(?:\d+:)? ")
_NO_JSON: Final = re.compile(
    r".*: invalid character '.' looking for beginning of value|invalid character '<' looking .*"
)
_FORMS: Final = (
    (_UNVERIFIED, Code.WANDB_CERTIFICATE),
    (_UNANSWERED, Code.WANDB_UNREACHABLE),
    (_REFUSED, Code.WANDB_REFUSED),
)
_STATUSES: Final = {
    401: Code.WANDB_LOGIN,
    403: Code.WANDB_LOGIN,
    404: Code.WANDB_NOT_FOUND,
    408: Code.WANDB_UNREACHABLE,
    429: Code.WANDB_RATE,
}


def of_status(status: int) -> Code:
    """The code of an HTTP status that is no success."""
    if status in _STATUSES:
        return _STATUSES[status]
    if status >= 500:
        return Code.WANDB_SERVER
    return Code.WANDB_REFUSED if status >= 400 else Code.WANDB_NO_JSON


def service_code(error: BaseException) -> Code:
    """What an error of the client, or what it came of, says; `Code.WANDB` where it says nothing more precise."""
    line = list(_line(error))
    status = next(filter(None, map(status_of, line)), 0)
    if status:
        return of_status(status)
    of_network = next((code for code in map(_of_class, line) if code is not None), None)
    if of_network is not None:
        return of_network
    if isinstance(error, OSError) and error.errno is not None:
        return code_of(error)
    return next((code for code in map(_of_form, line) if code is not None), Code.WANDB)


def status_of(error: BaseException) -> int:
    """The HTTP status in an error; 0 where there is none, for no answer came, or came as no error."""
    response = getattr(error, "response", None)
    for name in ("http_status", "status_code"):
        status = getattr(response, name, 0)
        if isinstance(status, int) and status >= 300:
            return status
    answered = _ANSWERED.match(str(error))
    return int(answered[1] or answered[2]) if answered else 0


def _line(error: BaseException) -> Iterator[BaseException]:
    """An error and what it came of: W&B keeps that in `exc` or as the cause."""
    seen: set[int] = set()
    following: BaseException | None = error
    while following is not None and id(following) not in seen:
        seen.add(id(following))
        yield following
        kept = getattr(following, "exc", None)
        following = kept if isinstance(kept, BaseException) else following.__cause__ or following.__context__


def _of_class(error: BaseException) -> Code | None:
    if isinstance(error, ssl.SSLCertVerificationError):
        return Code.WANDB_CERTIFICATE
    if isinstance(error, json.JSONDecodeError):
        return Code.WANDB_NO_JSON
    return Code.WANDB_UNREACHABLE if isinstance(error, ConnectionError | TimeoutError | socket.gaierror) else None


def _of_form(error: BaseException) -> Code | None:
    said = str(error)
    for form, code in _FORMS:
        if form.match(said):
            return code
    return Code.WANDB_NO_JSON if _NO_JSON.fullmatch(said) else None
