"""Runs that contain one hostile file each: too large, endless, deep, wide, or with counts that nothing backs."""

import gzip
import json
import os
import struct
import zlib
from itertools import pairwise
from pathlib import Path

import every_command

from envcfg.core.encoding import digest, encode
from envcfg.core.extent import MAX_KEYS
from envcfg.core.record import MAX_CONFIG, Record, SlotEvent, Writer
from envcfg.core.units import LATEST_WRITTEN
from envcfg.core.whole_file import MAX_BYTES
from envcfg.journal.format import FORMAT, VERSION, Header, encoded_line
from envcfg.journal.lines import with_checksum
from envcfg.sources.legacy_json import FILE as LEGACY
from envcfg.sources.wandb.client import record_type
from envcfg.sources.wandb.log import MAX_LOG, packed

HUGE = 50 << 30
COUNT = 1 << 24
CONFIGS = [{"level": 1, "wind": {"speed": 0.1}}, {"level": 2, "wind": {"speed": 0.2}}]
SEGMENT = "envcfg/r0-w1-000001"
LOG = "run-hostile.wandb"
OTHER = Writer("other", "0" * 12, worker=1)


def sparse(path, size=HUGE):
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.truncate(size)


def pipe(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    os.mkfifo(path.with_suffix(".pipe"))
    path.symlink_to(path.with_suffix(".pipe"))


def device(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to("/dev/zero")


def bomb(path, filling=b"\0", size=4 << 30):
    """A gzip file of some megabytes that unpacks to gigabytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(path, "wb", compresslevel=1) as file:
        for _ in range(size >> 20):
            file.write(filling * ((1 << 20) // len(filling)))


def lines(folder, entries, *, number=1, writer=OTHER, **header):
    """An open segment of another worker."""
    first = Header(FORMAT, VERSION, writer, number, 1.0, **header)
    written = (entry if isinstance(entry, bytes) else encoded_line(entry) for entry in (first, *entries))
    (folder / f"envcfg/r0-w{writer.worker}-{number:06d}.jsonl").write_bytes(b"".join(map(with_checksum, written)))


def config_line(config, **more):
    return json.dumps({"t": "config", "digest": digest(config), **more}).encode()


def claims(folder, *, files=1, **members):
    """Sealed segments whose columns say how often one number is repeated."""
    (path,) = (folder / "envcfg").glob("*.json.gz")
    document = json.loads(gzip.decompress(path.read_bytes()))
    for number in range(2, files + 2):
        for name, columns in members.items():
            known = document[name]
            document[name] = known | {key: value for key, value in columns.items() if key in known or key == "count"}
        document["header"] |= {"number": number, "slots": []}
        written = gzip.compress(json.dumps(document).encode())
        path.with_name(f"r0-w0-{number:06d}.json.gz").write_bytes(written)


RECORDS = {"count": COUNT, **dict.fromkeys(("step", "time", "slot", "epoch", "episode", "cause", "lag", "adopted"), 0)}
EPOCHS = {"count": COUNT, **dict.fromkeys(("step", "time", "epoch", "row"), 0)}


def a_chain(folder):
    """Each config is the difference from the one before."""
    configs = [{"a": 0}, *({"a": 0, "b": number} for number in range(60_000))]
    entries = [config_line(configs[0], full=configs[0])]
    for before, after in pairwise(configs):
        patch = [{"op": "replace" if "b" in before else "add", "path": "/b", "value": after["b"]}]
        entries.append(config_line(after, base=digest(before), patch=patch))
    entries.append(Record(1, 0, digest(configs[-1]), 2.0))
    lines(folder, entries)


def large_differences(folder):
    """A few bytes each change a config of megabytes."""
    config = {f"k{number}": number for number in range(50_000)}
    entries = [config_line(config, full=config)]
    for number in range(20):
        after = config | {"k0": -number - 1}
        patch = [{"op": "replace", "path": "/k0", "value": after["k0"]}]
        entries.append(config_line(after, base=digest(config), patch=patch))
        entries.append(Record(number, 0, digest(after), 2.0))
    lines(folder, entries)


def nested(depth):
    return b'{"t":"config","digest":"' + b"0" * 32 + b'","full":{"a":' + b"[" * depth + b"]" * depth + b"}}"


def deep(folder):
    lines(folder, [nested(100_000), Record(1, 0, "0" * 32, 2.0)])


def just_deep_enough(folder):
    config = {"a": 1}
    for _ in range(60):
        config = {"a": config, "b": [config]} if len(encode(config)) < 1 << 20 else {"a": config}
    lines(folder, [config_line(config, full=config), Record(1, 0, digest(config), 2.0)])


def wide(folder):
    """The most bytes of a config that is recorded, all of them empty lists."""
    config = {"a": [[]] * (MAX_CONFIG // 3 - 10)}
    full = encode(config)
    line = b'{"t":"config","digest":"' + digest(config).encode() + b'","full":' + full + b"}"
    lines(folder, [line, Record(1, 0, digest(config), 2.0)])


def widest(folder):
    """The most numbers that a config may have."""
    config = {"a": [0] * (MAX_KEYS // 2 - 1)}
    lines(folder, [config_line(config, full=config), Record(1, 0, digest(config), 2.0)])


def short_lines(folder):
    """As many lines as fit into the largest file that is read."""
    record = with_checksum(encoded_line(Record(1, 0, "0" * 32, 1.0)))
    path = folder / f"{SEGMENT}.jsonl"
    lines(folder, [])
    with path.open("ab") as file:
        file.write(record * ((MAX_BYTES - path.stat().st_size) // len(record)))


def line_feeds(folder):
    lines(folder, [])
    with (folder / f"{SEGMENT}.jsonl").open("ab") as file:
        file.write(b"\n" * (MAX_BYTES - 1_000))


def extreme_numbers(folder):
    """The largest numbers that a journal may have."""
    lines(
        folder,
        [
            config_line({"a": 1}, full={"a": 1}),
            Record(2**63 - 1, 2**24 - 1, digest({"a": 1}), LATEST_WRITTEN, epoch=2**31 - 1, episode=2**31 - 1),
            b'{"t":"epoch","step":9223372036854775807,"epoch":2147483647,"time":253402300798.0}',
            (
                b'{"t":"mix","step":9223372036854775807,"time":253402300798.0,"epoch":2147483647,"stated":{"a":1.0},'
                b'"adopted":{"a":9223372036854775807},"rewards":{"a":[9223372036854775807,1e308,1e308,1e308]}}'
            ),
            b'{"t":"phase","step":9223372036854775807,"time":2.0,"number":2147483647,"phase_step":1,"epoch":2147483647}',
        ],
    )


def many_slots(folder):
    config = {"a": 1}
    slots = range(300_000)
    ended = SlotEvent(2, 2.0, "closed", tuple(slots), after=300_000)
    records = [Record(1, slot, digest(config), 1.0) for slot in slots]
    lines(folder, [config_line(config, full=config), *records, ended])


def many_segments(folder):
    for number in range(1, 20_001):
        (folder / f"envcfg/r0-w1-{number:06d}.jsonl").touch()


def many_shards(folder):
    for worker in range(1, 5_001):
        lines(folder, [], writer=Writer("run 0", f"{worker:012d}", worker=worker))


def long_texts(folder):
    text = "%{x}</script>" * 1_000_000
    config = {text[: 1 << 20]: text}
    record = Record(1, 0, digest(config), 2.0, task=text)
    lines(folder, [config_line(config, full=config), record])


def many_tasks(folder):
    config = {"a": 1}
    records = [Record(step, 0, digest(config), 1.0, task=f"task {step}") for step in range(100_000)]
    lines(folder, [config_line(config, full=config), *records])


def log_of(folder, payloads):
    (folder / LOG).write_bytes(packed(payloads))


def log_rows(folder, rows):
    """Rows of a W&B log that each state values as JSON texts."""
    payloads = []
    for number, row in enumerate(rows):
        record = record_type()()
        record.history.step.num = number
        for name, value in row.items():
            record.history.item.add(nested_key=[name], value_json=value)
        payloads.append(record.SerializeToString())
    log_of(folder, payloads)


def log_of_a_million_parts(folder):
    """A record in a million parts of one byte each; then others that begin and never end."""
    header = struct.Struct("<IHB")
    log = bytearray(struct.pack("<4sHB", b":W&B", 0xBEE1, 0))
    for number in range(1_000_000):
        kind = 2 if number % 1_000 == 0 else 3
        if 32768 - len(log) % 32768 < 8:
            log += b"\0" * (32768 - len(log) % 32768)
        log += header.pack(zlib.crc32(b"a", zlib.crc32(bytes([kind]))), 1, kind) + b"a"
    (folder / LOG).write_bytes(log)


def zeros_after_a_header(folder):
    sparse(folder / LOG, MAX_LOG)
    with (folder / LOG).open("r+b") as file:
        file.write(struct.pack("<4sHB", b":W&B", 0xBEE1, 0))


def metrics_of_nothing(folder):
    _without_log(folder)
    bomb(folder / "metrics.jsonl.gz")


def metrics_of_empty_rows(folder):
    _without_log(folder)
    bomb(folder / "metrics.jsonl.gz", b"{}\n ", 1 << 30)


def _without_log(folder):
    for log in folder.glob("wandb/*/*.wandb"):
        log.unlink()


def yaml_of_merges(folder):
    """Each line doubles the one before."""
    text = "".join(f"a{number}: &a{number} {{<<: [*a{number - 1}, *a{number - 1}]}}\n" for number in range(1, 40))
    _hydra(folder).write_text("a0: &a0 {x: 1}\n" + text)


def _hydra(folder):
    path = folder / ".hydra/hydra.yaml"
    path.parent.mkdir(exist_ok=True)
    return path


def files_of_secrets(folder):
    """More text of other programs than doctor can look through."""
    for number in range(300):
        (folder / f"{number}.log").write_text("api_key=" * (1 << 18))


def only(name, make, suffix=""):
    """A run whose file *name* is made by *make*."""
    return lambda folder: make(folder / f"{name}{suffix}")


def instead(name, make):
    """The same, without the log of the run."""
    return lambda folder: (_without_log(folder), make(folder / name))


def empty_journal(folder):
    for path in (folder / "envcfg").iterdir():
        path.unlink()


def legacy(text):
    def make(folder):
        empty_journal(folder)
        (folder / "envcfg").rmdir()
        (folder / LEGACY).write_bytes(text)

    return make


def cycle(folder):
    for name in ("a", "b"):
        (folder / name).mkdir()
        for other in ("a", "b", "c", "d"):
            (folder / name / other).symlink_to(folder)


FILES = {
    "nothing hostile": lambda _: None,
    "segment, sparse, 50 GB": only(SEGMENT, sparse, ".jsonl"),
    "sealed segment, sparse, 50 GB": only(SEGMENT, sparse, ".json.gz"),
    "segment, link to a pipe": only(SEGMENT, pipe, ".jsonl"),
    "sealed segment, link to a pipe": only(SEGMENT, pipe, ".json.gz"),
    "segment, link to /dev/zero": only(SEGMENT, device, ".jsonl"),
    "segment of 20 MB of line feeds": line_feeds,
    "segment of 20 MB of records": short_lines,
    "sealed segment, 4 GB of zeros": only(SEGMENT, bomb, ".json.gz"),
    "sealed segment, 4 GB of [": only(SEGMENT, lambda path: bomb(path, b"["), ".json.gz"),
    "16,777,216 records in 1 kB": lambda folder: claims(folder, records=RECORDS),
    "40 times 16,777,216 records": lambda folder: claims(folder, files=40, records=RECORDS),
    "16,777,216 epochs in 1 kB": lambda folder: claims(folder, epochs=EPOCHS),
    "60,000 configs in one chain": a_chain,
    "20 configs of 50,000 keys": large_differences,
    "config of depth 100,000": deep,
    "config of depth 60, doubled": just_deep_enough,
    "config of 12 MB of empty lists": wide,
    "config of 499,999 numbers": widest,
    "largest numbers": extreme_numbers,
    "300,000 slots": many_slots,
    "20,000 empty segments": many_segments,
    "5,000 workers": many_shards,
    "100,000 tasks": many_tasks,
    "texts of 13 MB": long_texts,
    "W&B log, sparse, 50 GB": instead(LOG, sparse),
    "W&B log of 4 GB of zeros": lambda folder: (_without_log(folder), zeros_after_a_header(folder)),
    "W&B log, link to a pipe": instead(LOG, pipe),
    "W&B log, link to /dev/zero": instead(LOG, device),
    "W&B log of a million parts": lambda folder: (_without_log(folder), log_of_a_million_parts(folder)),
    "W&B log of a million keys": lambda folder: log_rows(folder, ({f"k{n}": "1"} for n in range(200_000))),
    "W&B log, value of depth 100,000": lambda folder: log_rows(folder, [{"reward": "[" * 100_000}] * 3),
    "W&B log, number of 4,000 digits": lambda folder: log_rows(folder, [{"reward": "9" * 4_000, "step": "1"}] * 3),
    "metrics, 4 GB of zeros": metrics_of_nothing,
    "metrics, 1 GB of empty rows": metrics_of_empty_rows,
    "metrics, link to a pipe": instead("metrics.jsonl.gz", pipe),
    "hydra.yaml, 40 doublings": yaml_of_merges,
    "hydra.yaml of depth 100,000": lambda folder: _hydra(folder).write_text("[" * 100_000),
    "hydra.yaml, sparse, 50 GB": only(".hydra/hydra.yaml", sparse),
    "hydra.yaml, link to a pipe": only(".hydra/hydra.yaml", pipe),
    "hydra.yaml, link to /dev/zero": only(".hydra/hydra.yaml", device),
    "300 logs of 2 MB of assignments": files_of_secrets,
    "folders that link to each other": cycle,
    "env_config_history.json, 50 GB": lambda folder: (legacy(b"")(folder), sparse(folder / LEGACY)),
    "env_config_history.json of depth": legacy(b'{"history":[{"config":{"a":' + b"[" * 100_000),
    "env_config_history.json, wide": legacy(b'{"history":[' + b'{"config":{}},' * 1_000_000 + b'{"config":{}}]}'),
}
"""What makes each run hostile, by its description."""


def ordinary(folder):
    """A run that every command answers."""
    return every_command.record(Path(folder), CONFIGS)
