"""Finds secrets by the form of a text: tokens, addresses with user info, private keys."""

import re
from collections.abc import Iterable
from typing import Final

from envcfg.core.text import writable

_SHORTEST: Final = 12
"""The least number of characters in a text of any of these forms."""
_TOKENS: Final = (
    r"gh[pousr]_[A-Za-z0-9]{20,}",  # GitHub
    r"github_pat_\w{20,}",
    r"gl(?:pat|dt|rt|ptt|cbt)-[\w\-]{20,}",  # GitLab
    r"hf_[A-Za-z0-9]{20,}",  # Hugging Face
    r"sk-[A-Za-z0-9_\-]{20,}",  # OpenAI, Anthropic and others
    r"(?:gsk_|xai-|pplx-|r8_|nvapi-|fw_|tgp_v1_)[\w\-]{28,}",  # other model providers
    r"wandb_v\d+_\w{20,}",  # W&B
    r"eyJhcGlfYWRkcmVzcyI6[\w+/=\-]{20,}",  # Neptune
    r"(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{16,}|whsec_[A-Za-z0-9+/=]{20,}",  # Stripe
    r"xox[abeoprs]-[A-Za-z0-9\-]{10,}|xapp-\d-[A-Za-z0-9\-]{10,}",  # Slack
    r"(?:AKIA|ASIA)[0-9A-Z]{16}",  # AWS
    r"AIza[\w\-]{35}|GOCSPX-[\w\-]{20,}|ya29\.[\w\-]{20,}",  # Google
    r"SG\.[\w\-]{16,}\.[\w\-]{16,}",  # SendGrid
    r"\d{8,10}:AA[\w\-]{33}",  # Telegram
    r"dapi[0-9a-f]{32}",  # Databricks
    r"hv[sb]\.[\w\-]{20,}",  # Vault
    r"(?:npm_|dckr_pat_|lin_api_|shpat_|sbp_|ntn_|ATATT3)[\w\-=]{20,}|pypi-[\w\-]{20,}|dop_v1_[0-9a-f]{64}",
    r"AGE-SECRET-KEY-1[0-9A-Z]{50,}",
    r"eyJ[\w\-]{10,}\.eyJ[\w\-]{10,}\.[\w\-]*",  # JSON web tokens
)
_NAMES: Final = (
    r"(?i:(?<![a-z])(?:password|passwd|pwd|passphrase|api[_\-]?key|account_?key|shared_?access_?key|client_?secret"
    r"|secret_?(?:access_?)?key|auth_?token|access_?token)[\"']?\s*)"
)
_ASSIGNED: Final = r"\s*[\"']?(?!\$\{|/)[^\s;&,\"'}{]{4,}"
_QUERY: Final = r"(?<=[?&])(?i:(?:access_|auth_)?token|api_?key|sig|(?:x-amz-)?signature|password|secret)=[^&\s]{8,}"
_USER: Final = r"[A-Za-z][A-Za-z0-9+.\-]{0,30}://(?:[^/\s:@]{0,200}:[^/\s@]{1,500}|[^/\s:@]{16,500})@"
_HOOK: Final = r"https://(?:hooks\.slack\.com/services|discord(?:app)?\.com/api/webhooks)/\S+"
_FORMS: Final = (
    ("private_key", "-----BEGIN", r"-----BEGIN [A-Z ]*PRIVATE KEY(?: BLOCK)?-----.*"),
    ("address", "://", f"{_USER}|{_HOOK}"),
    ("address", "=", _QUERY),
    ("header", " ", r"\b(?i:bearer|basic)\s+(?=\S*\d)[A-Za-z0-9._~+/\-]{16,}=*"),
    ("assignment", "=", f"{_NAMES}={_ASSIGNED}"),
    ("assignment", ":", f"{_NAMES}:{_ASSIGNED}"),
    ("token", "", rf"(?<![A-Za-z0-9])(?:{'|'.join(_TOKENS)})"),
)
"""For each kind of secret: a text that it always contains, which is quick to search for, and its pattern."""
_COMPILED: Final = tuple((kind, sign, re.compile(form, re.DOTALL)) for kind, sign, form in _FORMS)


def form(text: str) -> str | None:
    """The kind of secret that *text* contains; None if it contains none."""
    if len(text) >= _SHORTEST:
        for kind, sign, pattern in _COMPILED:
            if sign in text and pattern.search(text):
                return kind
    return None


def scrubbed(text: str, secrets: Iterable[str] = ()) -> str:
    """*text* without *secrets*, and without secrets of a known form."""
    for secret in secrets:
        text = text.replace(secret, "<redacted>")
    if len(text) >= _SHORTEST:
        for _, sign, pattern in _COMPILED:
            if sign in text:
                text = pattern.sub("<redacted>", text)
    return text


def written(text: object) -> str:
    """*text* without secrets of a known form, and writable to any file."""
    return scrubbed(writable(str(text)))
