"""Texts of secrets by their kind, and texts that only resemble one."""

LETTERS = "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7"
SECRETS = {
    "token": [
        f"ghp_{LETTERS}",
        f"github_pat_{LETTERS}",
        f"hf_{LETTERS}",
        f"sk-{LETTERS}",
        f"sk-proj-{LETTERS}",
        "xoxb-" + "1234567890-abcdefghij",
        "AKIA" + "IOSFODNN7EXAMPLE",
        "AIza" + "SyA1234567890abcdefghijklmnopqrstuv",
        f"glpat-{LETTERS}",
        f"pypi-{LETTERS}",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc_def-ghi",
        "sk_" + f"live_{LETTERS}",
        f"gsk_{LETTERS}{LETTERS}",
        f"wandb_v1_{LETTERS}",
        "GOCSPX-" + LETTERS,
        "123456789:AA" + "b" * 33,
        "dapi" + "0123456789abcdef" * 2,
        f"hvs.{LETTERS}",
    ],
    "assignment": [
        "host=db password=hunter2 user=me",
        "Server=db;Pwd=hunter2;",
        "--api-key=abcdefg",
        '{"password": "hunter2"}',
    ],
    "address": [
        "https://user:pass@host/path",
        "postgresql://me:p%40ss@db:5432/runs",
        f"git+https://{LETTERS}@github.com/x/y.git",
        "redis://:hunter2@cache",
        "https://maps.host/tiles?size=3&access_token=abcdef123",
        "https://hooks.slack.com/services/T000/B000/XXXXXXXX",
    ],
    "header": [f"Bearer {LETTERS}", f"basic {LETTERS}=="],
    "private_key": [
        "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----",
        "-----BEGIN PGP PRIVATE KEY BLOCK-----",
    ],
}
HARMLESS = [
    *(
        "num_tokens",
        "navigation/easy",
        "https://host/path?x=1",
        "ssh://git@host/repo",
        "s3://bucket/maps",
        "mailto:a@b.cd",
    ),
    *(
        "outputs/2026-11-24/14-00-00",
        "user@host:22",
        "9f2c1e0b7a6d5c4b3a2918070f6e5d4c3b2a1908",
        "basic training of robots",
        "basic reinforcement-learning-tutorial",
        "disk-of-a-thousand-little-mazes",
        "PWD=/home/me/training",
        "https://host/list?key=navigation-easy",
        "password=${oc.env:PASSWORD}",
    ),
    *("sk-learn", "hf_transformer", "task-sk-12", "a:b@c", "${oc.env:HOME}", "bearer of news", "x" * 10_000, "é" * 50),
]
