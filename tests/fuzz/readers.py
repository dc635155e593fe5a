"""Feeds readers what they may find on a disk, mutated with the coverage in view (atheris).

    python tests/fuzz/readers.py journal -runs=100000

Whatever is read, it is read, or refused by an error of ours; any other exception is a finding, whose input is kept in
`.fuzz/`. Without arguments it names its targets; `journal` is an open segment whose checksums are made right, and
`torn` one as it comes.
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
    from envcfg.journal.lines import with_checksum
    from envcfg.rerun.ablation import PLAN, read_plan
    from envcfg.rerun.interventions import Intervention
    from envcfg.rerun.replay import Replay
    from envcfg.sources.journal import from_journal
    from envcfg.sources.legacy_json import from_legacy_json
    from envcfg.sources.wandb.address import address as parsed_address
    from envcfg.sources.wandb.bundle import bundle as bundled
    from envcfg.sources.wandb.log import packed, read_log, record_type
    from envcfg.sources.wandb.metric_rows import read_rows

GOLDEN = Path(__file__).parents[1] / "golden"
HISTORY = from_journal(next(path.parent for path in sorted(GOLDEN.rglob("*.json.gz"))))
FOLDER = Path(tempfile.mkdtemp(prefix="envcfg-fuzz-"))


def whole(folder):
    """A journal as people use it: every config, every change, and a replay."""
    history = from_journal(folder)
    for change in history.changes:
        history.edits(change)
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
    lines = [with_checksum(line) for line in data.split(b"\n") if line.endswith(b"}")]
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
    from_legacy_json(placed("env_config_history.json", data))


def wandb(data):
    read_log(placed("run-x.wandb", data))


def wandb_record(data):
    read_log(placed("run-x.wandb", packed([data])))


def bundle(data):
    bundled(placed("run-x.wandb", packed([data])).parent)


def rows(data):
    read_rows(placed("metrics.jsonl.gz", gzip.compress(data, 1)))


def torn_rows(data):
    read_rows(placed("metrics.jsonl.gz", data))


def moment(data):
    HISTORY.at(data.decode("utf-8", "replace"))


def address(data):
    parsed_address(data.decode("utf-8", "replace"))


def edit(data):
    Intervention.parse(data.decode("utf-8", "replace"))


def plan(data):
    placed(PLAN, data)
    read_plan(FOLDER)


TARGETS = {
    target.__name__: target
    for target in (
        *(journal, torn, sealed, config, origin, wandb, wandb_record, bundle),
        *(rows, torn_rows, moment, address, edit, plan),
    )
}


def a_log():
    """A row of metrics and a logged artifact, as W&B writes them, and the records of these."""
    row, logged = record_type()(), record_type()()
    row.history.item.add(nested_key=["reward"], value_json="2.5")
    logged.artifact.name, logged.artifact.metadata = "env_configs-x", '{"records": 1}'
    logged.artifact.manifest.contents.add(path="manifest.json", digest="AAAA", local_path="/nowhere")
    records = [row.SerializeToString(), logged.SerializeToString()]
    return packed(records), records


SEEDS = {
    "config": [b'{"a":[1,2.5,null,true,"x"],"$$b":{"$set":[1]},"c":{"$range":[0,9,2]},"d":{"$float":"nan"}}'],
    "origin": [json.dumps({"config_changes": [{"step": 1, "epoch": 0, "config": {"a": 1}, "task": "t"}]}).encode()],
    "wandb": [a_log()[0]],
    "wandb_record": a_log()[1],
    "bundle": a_log()[1],
    "rows": [b'{"_step":1,"reward":2.5}\n{"_step":2}\n'],
    "torn_rows": [gzip.compress(b'{"_step":1}\n', mtime=0)],
    "moment": [b"12", b"first", b"epoch:4", b"change:1", b"time:2026-11-24T14:00", b"last"],
    "address": [b"a/b/c", b"https://wandb.ai/a/b/runs/c", b"wandb:a/b/sweeps/c", b"a/b/env_configs-c:epoch-4"],
    "edit": [b"drop:7", b"revert:7:game.max_steps", b"shift:7:+2000", b"set:7:a.b=[1, 2]"],
    "plan": [b'{"run":"r","edit":"drop:2","seeds":[1],"command":["a"],"format":"envcfg-ablation","version":1}'],
}


def seeds(name):
    """Valid input of the format, as the first examples of the fuzzer."""
    yield from SEEDS.get(name, ())
    for path in sorted(GOLDEN.rglob("*")):
        if path.suffix == ".jsonl" and name in ("journal", "torn"):
            content = path.read_bytes()
            yield content if name == "torn" else b"\n".join(line[:-18] + b"}" for line in content.splitlines())
        if path.suffix == ".gz" and name == "sealed":
            yield gzip.decompress(path.read_bytes())


def main():
    if not sys.argv[1:]:
        sys.stdout.write("\n".join(TARGETS) + "\n")
        return
    name, *options = sys.argv[1:]
    target = TARGETS[name]
    if not any(option.startswith("-artifact_prefix=") for option in options):
        findings = Path(__file__).parents[2] / ".fuzz" / name
        findings.mkdir(parents=True, exist_ok=True)
        options.append(f"-artifact_prefix={findings}/")

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
