"""The words that names of secrets end with, as patterns over names in lower case with `_` between words.

They come from the variables that services document, and from the keyword lists of the public secret scanners
detect-secrets and gitleaks. `tests/tracking/redaction/corpus` judges them.
"""

import re
from typing import Final

_PASS_NOUN: Final = r"(?:pass(?:word|wd|phrase|code)|passw|paswd|pswd|pwd|psw|kennwort|contrasena|senha)s?"  # noqa: S105
_KEY_NOUN: Final = (
    r"(?:api|private|priv|secret|secret_access|signing|encryption|encrypt|decryption|service_account|hmac|jwt)_?keys?"
)
_OWNED_KEY: Final = (
    r"(?:access|account|admin|app|application|auth|authorization|client|cluster|consumer|deploy|ed25519|gpg|host|ingest"
    r"|fernet|licen[cs]e|master|pgp|root|rsa|server|service|service_role|session|signature|ssh|ssl|storage|subscription|tls|webhook|write"
    r"|algolia|aliyun|anthropic|aws|azure|b2|bitbucket|claude|clearml|cloudflare|cohere|comet|database|datadog|db|dd|deepl"
    r"|deepseek|digitalocean|discord|docker|elevenlabs|fireworks|firebase|gcp|gemini|github|gitlab|google|grafana|groq"
    r"|heroku|hetzner|hf|hugging_?face|kaggle|lambda|langchain|langfuse|langsmith|mailchimp|mailgun|minio|mistral|mlflow"
    r"|modal|mongo|mongodb|mysql|neptune|netlify|newrelic|new_relic|ngc|npm|nvidia|open_?ai|openrouter|ovh|perplexity"
    r"|pinecone|postgres|pypi|qdrant|redis|replicate|runpod|s3|sendgrid|sentry|serpapi|slack|stripe|supabase|tavily"
    r"|telegram|together|twilio|vast|vastai|vercel|vertex|wandb|wb|weaviate|xai)_?keys?"
)
"""The key of a service; or the name of a place in one, such as `redis_key: jobs`."""
_TOKEN_NOUN: Final = (
    r"(?:auth|access|api|bearer|refresh|session|csrf|xsrf|oauth2?|sas|security|personal_access)_?tokens?"  # noqa: S105
)
_SECRET_NOUN: Final = (
    r"(?:client|app|api|consumer|shared|signing|webhook|jwt|cookie|session|totp|oauth2?|aws|azure)_?secrets?"  # noqa: S105
)
_CODE: Final = r"(?:pin|otp|totp|mfa|2fa|recovery|backup|verification)_?codes?|t?otp|totp_seed|one_time_pass(?:word)?"
_CONNECTION: Final = r"conn(?:ection)?_?str(?:ing)?s?|webhooks?_?ur[il]s?|(?:seed|mnemonic|recovery)_?phrases?"
_GLUED: Final = (
    rf"{_PASS_NOUN}|api_?keys?|secret_?(?:access_?)?keys?|private_?keys?|client_?secret|auth_?token|access_?token"
)
"""May follow other letters without a separator: `pgpassword`, `myapikey`."""
_NOUN: Final = (
    rf"(?:{_KEY_NOUN}|{_TOKEN_NOUN}|{_SECRET_NOUN}|{_CODE}|{_CONNECTION}|credentials?|creds?|htpasswd|jwts?|user_?pass"
    r"|(?:db|database|smtp|ftp|sftp|proxy|mail|email|imap|redis|mongo|mysql|pg|postgres|rabbitmq|mqtt|ldap|vnc|root|sudo"
    r"|admin|keystore|truststore|key|store|wifi|http|basic|ssh|git)_?(?:pass|pw))"
)
_QUALIFIER: Final = (
    r"(?:_(?:value|hash|string|text|base|base64|b64|raw|plain|prod|production|dev|staging|main|old|new|read|write|rw|ro"
    r"|primary|secondary|default|\d+)|\d+)*"
)

CLEAR: Final = re.compile(rf"(?:(?:^|_){_NOUN}|(?:{_GLUED})){_QUALIFIER}$")
"""A name whose value is a secret, whatever it is."""
AMBIGUOUS: Final = re.compile(
    r"(?:(?:^|_)(?:secrets?|secret_id|pass|pw|cookies?|auth|authentication|authorization|dsn|sas|bearer|webhooks?"
    rf"|token|{_OWNED_KEY})|[a-z](?:secret|token))"
    rf"{_QUALIFIER}$"
)
"""A name that games and models use as well."""
ABOUT: Final = re.compile(
    r"(?:^|_)(?:pass(?:word|wd|phrase|code)s?|pwds?|(?:auth|access|api|bearer|refresh|session)_?tokens?|credentials?"
    r"|(?:api|private|access|secret|signing|encryption)_?keys?|client_?secrets?)_(?:.*_)?(?P<last>[a-z0-9]+)$"
)
HINT: Final = re.compile(
    r"pass|pw|pswd|psw|kennwort|contrasena|senha|token|cred|key|auth|secret|cookie|jwt|totp|code|conn|webhook|phrase"
    r"|dsn|sas|bearer|otp|one_time"
)
"""A quick check: every name that the patterns match contains one of these."""
PROPERTIES: Final = frozenset(
    (
        *("algorithm", "attempt", "bonus", "char", "chars", "charset", "chest", "class", "color", "column", "cost"),
        *("count", "difficulty", "dim", "door", "drop", "embed", "embedding", "enabled", "encoder", "env", "expiry"),
        *("field", "file", "format", "gate", "head", "hint", "id", "index", "item", "layer", "len", "length", "level"),
        *("lifetime", "limit", "lock", "map", "max", "min", "mode", "name", "num", "path", "penalty", "policy", "pos"),
        *(
            "position",
            "prob",
            "probability",
            "puzzle",
            "rate",
            "required",
            "reward",
            "room",
            "rotation",
            "round",
            "rule",
        ),
        *(
            "shape",
            "size",
            "slot",
            "source",
            "step",
            "strategy",
            "task",
            "timeout",
            "trial",
            "ttl",
            "type",
            "url",
            "var",
        ),
        *("weight", "word"),
    )
)
"""Last words of names that describe a secret but do not contain it: `password_length`, `api_key_file`."""
COUNT: Final = re.compile(r"^(?:num|n|max|min|total|count|of)_")
TEXT_TOKEN: Final = re.compile(
    r"(?:pad|eos|bos|cls|sep|unk|mask|start|begin|end|stop|special|action|obs|goal|image|text|task|latent|register"
    r"|query|class|prompt)_?token"
)
"""A token of a text or of a network; not an access token."""
