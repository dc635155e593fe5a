"""What a text says about itself: tokens by their form, addresses with user info, private keys."""

import re
from typing import Final

_SHORTEST: Final = 12
"""Characters that the shortest of these forms has."""
_FORMS: Final = re.compile(
    r"(?P<private_key>-----BEGIN [A-Z ]*PRIVATE KEY-----.*)"
    r"|(?P<address>[A-Za-z][A-Za-z0-9+.\-]*://(?:[^/\s:@]*:[^/\s@]+|[^/\s:@]{16,})@)"
    r"|(?P<header>(?i:bearer|basic)\s+[A-Za-z0-9._~+/\-]{16,}=*)"
    r"|(?P<token>(?<![A-Za-z0-9])(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w\-]{20,}|hf_[A-Za-z0-9]{20,}"
    r"|sk-[A-Za-z0-9_\-]{20,}|xox[abeoprs]-[A-Za-z0-9\-]{10,}|(?:AKIA|ASIA)[0-9A-Z]{16}|AIza[\w\-]{35}"
    r"|eyJ[\w\-]{10,}\.eyJ[\w\-]{10,}\.[\w\-]*|npm_[A-Za-z0-9]{36}|pypi-[\w\-]{20,}|dop_v1_[0-9a-f]{64}|r8_\w{30,}))",
    re.DOTALL,
)


def form(text: str) -> str | None:
    """Which kind of secret *text* has in it: `private_key`, `address`, `header` or `token`; None for any other text."""
    found = _FORMS.search(text) if len(text) >= _SHORTEST else None
    return None if found is None else found.lastgroup


def scrubbed(text: str) -> str:
    """*text* of our own, such as an error's, without the secrets that it quotes."""
    return _FORMS.sub("<redacted>", text)
