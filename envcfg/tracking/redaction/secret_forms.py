"""The forms of secrets within a text, as patterns.

Each pattern takes a time that is linear in the length of the text: repetitions in it are bounded, or possessive
(`++`), so that no part of the text is read twice.
"""

import re
from typing import Final

_TOKENS: Final = (
    r"gh[pousr]_[A-Za-z0-9]{20,}",  # GitHub
    r"github_pat_\w{20,}",
    r"gl(?:pat|dt|rt|ptt|cbt|ft|soat|agent|imt|ffct)-[\w\-]{20,}|GR1348941[\w\-]{20,}",  # GitLab
    r"(?:hf|api_org)_[A-Za-z0-9]{20,}",  # Hugging Face
    r"sk-(?:proj|svcacct|admin|ant|or|lf|None)-[\w\-]{16,}|sk-(?=[A-Za-z]*+\d)[A-Za-z0-9]{20,}+(?!-)",  # OpenAI, others
    r"(?:gsk_|xai-|pplx-|r8_|nvapi-|fw_|tgp_v1_)[\w\-]{28,}",  # other model providers
    r"pcsk_\w{30,}|lsv2_(?:pt|sk)_\w{30,}|tvly-[\w\-]{20,}|rpa_[A-Z0-9]{30,}|sk_[0-9a-f]{40,}|jina_\w{30,}",
    r"wandb_v\d+_\w{20,}",  # W&B
    r"eyJhcGlfYWRkcmVzcyI6[\w+/=\-]{20,}",  # Neptune
    r"(?:sk|rk|pk)_(?:live|test|prod)_[A-Za-z0-9]{16,}|whsec_[A-Za-z0-9+/=]{20,}",  # Stripe
    r"sq0(?:atp|csp|idp)-[\w\-]{22,}|EAAA[\w\-]{60}",  # Square
    r"xox[abeoprs]-[A-Za-z0-9\-]{10,}|xox[de]-[\w%\-]{20,}|xapp-\d-[A-Za-z0-9\-]{10,}",  # Slack
    r"(?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{16}(?![0-9A-Za-z])",  # AWS
    r"AIza[\w\-]{35}|GOCSPX-[\w\-]{20,}|ya29\.[\w\-]{20,}|1//0[\w\-]{30,}",  # Google
    r"LTAI[A-Za-z0-9]{16,20}(?![0-9A-Za-z])|AKID[A-Za-z0-9]{32}",  # Alibaba, Tencent
    r"SG\.[\w\-]{16,64}+\.[\w\-]{16,64}",  # SendGrid
    r"key-[0-9a-f]{32}",  # Mailgun
    r"SK[0-9a-f]{32}(?![0-9A-Za-z])",  # Twilio
    r"[MNO][A-Za-z\d_\-]{23,25}+\.[\w\-]{6}\.[\w\-]{27,38}",  # Discord
    r"dapi[0-9a-f]{32}",  # Databricks
    r"hv[sbr]\.[\w\-]{20,}",  # Vault
    r"gl(?:sa|c)_[A-Za-z0-9+/=_]{20,}|NRAK-[A-Z0-9]{27}|sntry[su]_[\w+/=]{30,}|dt0c01\.[A-Z0-9]{24}\.[A-Z0-9]{64}",
    r"figd_[\w\-]{30,}|PMAK-[0-9a-f]{24}-[0-9a-f]{34}|pul-[0-9a-f]{40}|pscale_(?:tkn|pw|oauth)_[\w.\-]{30,}",
    r"pat[A-Za-z0-9]{14}\.[0-9a-f]{64}|dp\.(?:pt|st|ct|sa)\.[A-Za-z0-9.]{40,}|rubygems_[0-9a-f]{40,}|AKC[a-zA-Z0-9]{40,}",
    r"(?:npm_|dckr_(?:pat|oat)_|lin_api_|shp(?:at|ca|pa|ss)_|sbp_|ntn_|ATATT3|ATCTT3)[\w\-=]{20,}|pypi-[\w\-]{20,}",
    r"do[opr]_v1_[0-9a-f]{64}|sl\.[\w\-]{100,}|FlyV1 fm\d_[\w+/=,\-]{20,}",
    r"AGE-SECRET-KEY-1[0-9A-Z]{50,}",
    r"eyJ[\w\-]{10,1000}+\.eyJ[\w\-]{10,2000}+\.[\w\-]*+",  # JSON web tokens
)
_HOST: Final = r"@(?!sha\d)(?=[\w\[])"
_PORT: Final = r"(?!\d{1,5}(?:[/?#\s]|$))"
_USER: Final = (
    rf"[A-Za-z][A-Za-z0-9+.\-]{{0,30}}+://(?:[^/\s:@\[\"'<>]{{0,200}}+:{_PORT}[^\s\"'<>]{{1,500}}{_HOST}"
    r"|[^/\s:@\[\"'<>]{16,500}@)"
)
_HOOK: Final = (
    r"https://(?:hooks\.slack\.com/(?:services|workflows)|(?:ptb\.|canary\.)?discord(?:app)?\.com/api/webhooks"
    r"|[\w.\-]{1,80}\.webhook\.office\.com/webhookb2|hooks\.zapier\.com/hooks/catch|maker\.ifttt\.com/trigger"
    r"|open\.(?:feishu|larksuite)\.\w{2,3}/open-apis/bot|oapi\.dingtalk\.com/robot|chat\.googleapis\.com/v1/spaces"
    r"|api\.telegram\.org/bot\d)[^\s\"'<>]+"
)
_QUERY: Final = (
    r"(?<=[?&])(?i:(?:access_|auth_|id_|refresh_)?token|(?:api_?|access_?)key|key|code|auth|sig|(?:x-(?:amz|goog)-)?signature"
    r"|client_secret|passw(?:or)?d|pwd|secret)=(?=[^&\s]{0,500}\d)[^&\s\"'<>]{8,}"
)
_AFTER_SCHEME: Final = r"\s{1,9}+(?=[^\s\d]{0,500}\d)[A-Za-z0-9._~+/\-]{16,}+=*"
_AUTHORIZATION: Final = (
    r"\b(?i:(?:proxy-)?authorization)\\*+[\"']?\s{0,9}+:\s{0,9}+\\*+[\"']?[A-Za-z][\w\-]{2,30}+\s{1,9}+"
    r"(?=[^\s\d]{0,500}\d)[^\s\"'\\]{6,}"
)
_COOKIE: Final = r"\b(?i:(?:set-)?cookie):\s{0,9}+[\w.\-]{1,80}+=[^\s;\"']{8,}[^\n\"']*+"
_USER_OPTION: Final = r"[^\n|;]{0,300}?\s(?:-u|--user|--proxy-user)[ =]{0,3}[\"']?[^\s:\"']{1,100}+:[^\s\"']+"
_NETRC: Final = (
    r"\blogin\s{1,9}+\S{1,200}+\s{1,9}+(?:account\s{1,9}+\S{1,200}+\s{1,9}+)?password\s{1,9}+(?=[^\s\d]{0,500}\d)\S+"
)
_PGPASS: Final = r"(?m:^)[\w.*\-]{1,200}+:(?:\d{1,5}|\*):[^:\s]{1,100}+:[^:\s]{1,100}+:\S{4,}(?m:$)"

FORMS: Final = tuple(
    (kind, sign, re.compile(pattern))
    for kind, sign, pattern in (
        ("private_key", "-----begin", r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----(?s:.*+)"),
        ("private_key", "putty-user-key", r"PuTTY-User-Key-File-\d(?s:.*+)"),
        ("address", "://", f"{_USER}|{_HOOK}"),
        ("address", "?", _QUERY),
        ("header", "bearer", rf"\b(?i:bearer){_AFTER_SCHEME}"),
        ("header", "basic", rf"\b(?i:basic){_AFTER_SCHEME}"),
        ("header", "authorization", _AUTHORIZATION),
        ("header", "cookie:", _COOKIE),
        ("header", ":_", r"//[\w.\-]{1,200}+/[\w./\-]{0,200}:_(?:authToken|auth|password)=\S+"),
        ("command", "curl", rf"\bcurl\b{_USER_OPTION}"),
        ("command", "wget", rf"\bwget\b{_USER_OPTION}"),
        ("command", "sshpass", r"\bsshpass\s{1,9}+-p\s{0,9}+\S+"),
        ("command", "mysql", r"\b(?:mysql|mysqldump)\b[^\n|;]{0,200}?\s-p\S+"),
        ("command", "docker", r"\bdocker\s{1,9}+login\b[^\n|;]{0,200}?\s-p\s{0,9}+\S+"),
        ("command", "redis-cli", r"\bredis-cli\b[^\n|;]{0,200}?\s-a\s{1,9}+\S+"),
        ("command", "password", _NETRC),
        ("command", ":", _PGPASS),
        ("token", "q~", r"[\w.~\-]{3}\dQ~[\w.~\-]{31,34}"),  # Azure
        ("token", ":aa", r"(?<!\d)\d{8,10}:AA[\w\-]{33}"),  # Telegram
        ("token", "-us", r"(?<![A-Za-z0-9])[0-9a-f]{32}-us\d{1,2}"),  # Mailchimp
        ("token", ".atlasv1.", r"(?<![A-Za-z0-9])[A-Za-z0-9]{14}\.atlasv1\.[\w\-]{60,}"),  # Terraform
    )
)
"""For each kind of secret: a text in lower case that it always contains, which is quick to find, and its pattern."""
TOKEN: Final = re.compile(rf"(?<![A-Za-z0-9])(?:{'|'.join(_TOKENS)})")
"""Tokens that start with letters of their own. Each contains a digit."""

_QUOTED: Final = r"(?P<quote>\\{0,8}[\"'`])(?P<quoted>(?:(?!(?P=quote))[^\n]){1,500})(?P=quote)"
_BARE: Final = r"(?P<bare>(?!\$\{)[^\s;&,\"'`}{\\<>()\[\]]++)"
ASSIGNMENT: Final = re.compile(
    r"(?<![\w.])(?P<name>[A-Za-z_][\w.\-]{0,79}+)(?:\\{0,8}[\"'`])?\s{0,9}+(?:=>|:=|==?|:)\s{0,9}+"
    rf"(?:{_QUOTED}|{_BARE})"
)
"""`name=value`, `name: value`, `"name": "value"`, also within a JSON text that another JSON text contains."""
FLAG: Final = re.compile(
    r"(?<![\w\-])(?:--?|(?:ENV|SetEnv|setenv|setx)\s{1,9}+)"
    rf"(?P<name>[A-Za-z][\w\-]{{1,60}}+)\s{{1,9}}+(?:{_QUOTED}|(?!-){_BARE})"
)
"""`--name value`."""
