"""Feeds readers what they may find on a disk, mutated with the coverage in view (atheris).

    python tests/fuzz/readers.py journal -runs=100000

Whatever is read, it is read, or refused by an error of ours; any other exception is a finding. Targets: `journal` (an
open segment, its checksums made right), `torn` (as it comes), `sealed`, `config`, `origin`, `wandb`, `edit`, `plan`.
"""

import contextlib
import gzip
import json
import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["envcfg"]):
    from envcfg.core.encoding import decode
    from envcfg.core.errors import EnvcfgError
    from envcfg.core.plain import plain
    from envcfg.history.journal_source import from_journal
    from envcfg.history.origin_source import from_origin
    from envcfg.history.wandb_log import read_log
    from envcfg.journal.lines import checked
    from envcfg.rerun.ablation import PLAN, read_plan
    from envcfg.rerun.edits import Edit
    from envcfg.rerun.replay import Replay

GOLDEN = Path(__file__).parents[1] / "golden"
FOLDER = Path(tempfile.mkdtemp(prefix="envcfg-fuzz-"))


def whole(folder):
    """A journal as people use it: every config, every change, and a replay."""
    history = from_journal(folder)
    for transaction in history.transactions:
        history.changes(transaction)
    for config in history.configs.values():
        plain(config)
    if len(history.adoptions):
        again = Replay(history)
        for place in history.adoptions.rows:
            again.adopt(place.slot, at=0, rank=place.rank, worker=place.worker)


def placed(name, content):
    for path in FOLDER.iterdir():
        path.unlink()
    path = FOLDER / name
    path.write_bytes(content)
    return path


def journal(data):
    lines = [checked(line) for line in data.split(b"\n") if line.endswith(b"}")]
    placed("r0-w0-000001.jsonl", b"".join(lines))
    whole(FOLDER)


def torn(data):
    placed("r0-w0-000001.jsonl", data)
    whole(FOLDER)


def sealed(data):
    placed("r0-w0-000001.json.gz", gzip.compress(data, 1))
    whole(FOLDER)


def config(data):
    tree = decode(data)
    if isinstance(tree, dict):
        plain(tree)


def origin(data):
    from_origin(placed("env_config_history.json", data))


def wandb(data):
    read_log(placed("run-x.wandb", data))


def edit(data):
    Edit.parse(data.decode("utf-8", "replace"))


def plan(data):
    placed(PLAN, data)
    read_plan(FOLDER)


TARGETS = {target.__name__: target for target in (journal, torn, sealed, config, origin, wandb, edit, plan)}


def seeds(name):
    """What the format looks like, to begin with."""
    for path in sorted(GOLDEN.rglob("*")):
        if path.suffix == ".jsonl" and name in ("journal", "torn"):
            content = path.read_bytes()
            yield content if name == "torn" else b"\n".join(line[:-18] + b"}" for line in content.splitlines())
        if path.suffix == ".gz" and name == "sealed":
            yield gzip.decompress(path.read_bytes())
    if name == "config":
        yield b'{"a":[1,2.5,null,true,"x"],"$$b":{"$set":[1]},"c":{"$range":[0,9,2]},"d":{"$float":"nan"}}'
    if name == "origin":
        yield json.dumps({"config_changes": [{"step": 1, "epoch": 0, "config": {"a": 1}, "task": "t"}]}).encode()
    if name == "edit":
        yield from (b"drop:7", b"revert:7:game.max_steps", b"shift:7:+2000", b"set:7:a.b=[1, 2]")
    if name == "plan":
        yield b'{"run":"r","edit":"drop:2","seeds":[1],"command":["a"],"format":"envcfg-ablation","version":1}'


def main():
    name, *options = sys.argv[1:]
    target = TARGETS[name]

    def once(data):
        with contextlib.suppress(EnvcfgError):
            target(data)

    corpus = Path(tempfile.mkdtemp(prefix="envcfg-corpus-"))
    for number, content in enumerate(seeds(name)):
        (corpus / f"{number}").write_bytes(content)
    atheris.Setup([sys.argv[0], *options, str(corpus)], once)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
