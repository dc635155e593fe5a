"""The code of an error from the W&B client, found by its HTTP status, its class, or the form of its message.

wandb-core sends the requests, and reports most errors as one text. The text begins with wandb-core's own words, which
have a fixed form. The server's message follows. Only the fixed form is used, never the names of runs or the server's
message.
"""

import json
import re
import socket
import ssl
from collections.abc import Iterator
from typing import Final

from envcfg.core.code import Code, code_of

_REQUEST: Final = r'(?:[^"\n]{0,300}: )?[A-Z]+ \S+ giving up after \d+ attempt\(s\)'
_ANSWERED: Final = re.compile(rf"(?:[\w.]+: )?returned error (\d{{3}})\b|{_REQUEST}\nwhile retrying: HTTP (\d{{3}})\b")
_UNVERIFIED: Final = re.compile(rf'{_REQUEST}: \w+ "[^"]*": (?:tls: failed to verify certificate|x509): ')
_UNANSWERED: Final = re.compile(rf'{_REQUEST}: \w+ "[^"]*": ')
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
    """The code of an HTTP status that is not a success."""
    if status in _STATUSES:
        return _STATUSES[status]
    if status >= 500:
        return Code.WANDB_SERVER
    return Code.WANDB_REFUSED if status >= 400 else Code.WANDB_NO_JSON


def service_code(error: BaseException) -> Code:
    """The code of an error or of its causes; `Code.WANDB` if there is nothing more precise."""
    errors = list(_with_causes(error))
    status = next(filter(None, map(status_of, errors)), 0)
    if status:
        return of_status(status)
    network_code = next((code for code in map(_of_class, errors) if code is not None), None)
    if network_code is not None:
        return network_code
    if isinstance(error, OSError) and error.errno is not None:
        return code_of(error)
    return next((code for code in map(_of_form, errors) if code is not None), Code.WANDB)


def status_of(error: BaseException) -> int:
    """The HTTP status in an error; 0 if it has none."""
    response = getattr(error, "response", None)
    for name in ("http_status", "status_code"):
        status = getattr(response, name, 0)
        if isinstance(status, int) and status >= 300:
            return status
    answered = _ANSWERED.match(str(error))
    return int(answered[1] or answered[2]) if answered else 0


def _with_causes(error: BaseException) -> Iterator[BaseException]:
    """An error and its causes. W&B keeps a cause in the attribute `exc` too."""
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
