"""A reader of one shard written from docs/journal-format.md, with gzip, JSON and CRC-32 and nothing of envcfg."""

import copy
import gzip
import json
from itertools import accumulate
from zlib import crc32

FIELDS = ("step", "slot", "config", "time", "epoch", "episode", "task", "template", "requested_at", "cause")


def read(folder):
    """Records as dicts, configs by digest as JSON, and the other lines, of a journal of one shard."""
    records, configs, others = [], {}, []
    for path in sorted(folder.iterdir()):
        if path.name.endswith(".json.gz"):
            document = json.loads(gzip.decompress(path.read_bytes()))
            if "since" not in document["header"]:
                digests, kinds = [], []
            before = document.get("before", {"configs": 0, "kinds": 0})
            assert (before["configs"], before["kinds"]) == (len(digests), len(kinds))
            read_configs(document["configs"], digests, configs)
            records += sealed_records(document["records"], digests, kinds)
            others += [*document["events"], *document.get("requests", []), *document.get("draws", [])]
            others += sealed_mixes(document["mixes"])
            others += sealed_epochs(document["epochs"]) if "epochs" in document else []
        else:
            for line in map(checked, path.read_bytes().splitlines()):
                kind = line.pop("t")
                if kind == "config":
                    is_whole = "full" in line
                    configs[line["digest"]] = (
                        line["full"] if is_whole else patched(configs[line["base"]], line["patch"])
                    )
                elif kind == "record":
                    records.append({name: line.get(name) for name in FIELDS})
                elif kind != "segment":
                    others.append({"t": kind, **line})
    return records, configs, others


def checked(line):
    body, _, checksum = line.rpartition(b',"crc":')
    assert json.loads(checksum[:-1]) == f"{crc32(body):08x}"
    return json.loads(body + b"}")


def numbers(column, count):
    if isinstance(column, str):
        column = [ord(character) - 48 for character in column]
    elif isinstance(column, list) and column and isinstance(column[0], str):
        digits = [[ord(character) - 48 for character in text] for text in column]
        column = [sum(d * 64**place for place, d in enumerate(reversed(row))) for row in zip(*digits, strict=True)]
    elif not isinstance(column, list):
        column = [column] * count
    assert len(column) == count
    return column


def sums(first, differences):
    return list(accumulate(differences, initial=first))[1:]


def read_configs(columns, digests, configs):
    new = [columns["digests"][start : start + 32] for start in range(0, len(columns["digests"]), 32)]
    digests += new
    members = numbers(columns["family"], len(new))
    tables = [values(family, members.count(number)) for number, family in enumerate(columns["families"])]
    for digest, number in zip(new, members, strict=True):
        family, row = columns["families"][number], next(tables[number])
        patch = [{"op": op, "path": path} for op, path in family["changes"]]
        for operation in patch:
            if operation["op"] != "remove":
                operation["value"] = row.pop(0)
        base = None if family.get("base") is None else configs[digests[family["base"]]]
        configs[digest] = patched(base, patch)


def values(family, count):
    """The rows of a family, one after the other."""
    columns = [
        column if isinstance(column, list) else sums(column["first"], numbers(column["more"], count))
        for column in family["values"]
    ]
    return iter([[column[row] for column in columns] for row in range(count)])


def patched(document, patch):
    """RFC 6902, as far as it is used."""
    document = {"": copy.deepcopy(document)}
    for operation in patch:
        *way, last = [token.replace("~1", "/").replace("~0", "~") for token in operation["path"].split("/")]
        target = document
        for token in way:
            target = target[int(token) if isinstance(target, list) else token]
        last = int(last) if isinstance(target, list) else last
        if operation["op"] == "remove":
            del target[last]
        else:
            target[last] = copy.deepcopy(operation["value"])
    return document[""]


def sealed_records(columns, digests, kinds):
    def digest(said):
        return digests[said] if isinstance(said, int) else said

    configs, templates = (map(digest, columns[name]) for name in ("configs", "templates"))
    kinds += zip(configs, columns["tasks"], templates, strict=True)
    count = columns.get("count", 0)
    rows = {name: numbers(columns[name], count) for name in ("step", "time", "slot", "epoch", "episode", "cause")}
    adopted = [kinds[number] for number in numbers(columns.get("adopted"), count)] if count else []
    steps = sums(columns.get("first_step", 0), rows["step"])
    lags = numbers(columns.get("lag"), count)
    asked = [None if lag is None else step - lag for step, lag in zip(steps, lags, strict=True)]
    found = {
        "step": steps,
        "time": [time / 1000 for time in sums(columns.get("first_time", 0), rows["time"])],
        "config": [config for config, _, _ in adopted],
        "task": [task for _, task, _ in adopted],
        "template": [template for _, _, template in adopted],
        "requested_at": asked if columns.get("requested_at") is None else numbers(columns["requested_at"], count),
        "cause": [columns["causes"][position] for position in rows["cause"]] if count else [],
        **{name: rows[name] for name in ("slot", "epoch", "episode")},
    }
    return [dict(zip(FIELDS, row, strict=True)) for row in zip(*(found[name] for name in FIELDS), strict=True)]


def sealed_mixes(columns):
    steps, times = (sums(columns[f"first_{name}"], columns[name]) for name in ("step", "time"))
    rewards = columns.get("rewards", [None] * len(steps))
    names = ("step", "time", "epoch", "stated", "adopted", "rewards")
    for row in zip(steps, times, columns["epoch"], columns["stated"], columns["adopted"], rewards, strict=True):
        found = dict(zip(names, row, strict=True))
        yield {"t": "mix", **found, "time": found["time"] / 1000}


def sealed_epochs(columns):
    steps, times, epochs = (
        sums(columns.get(f"first_{name}", 0), numbers(columns[name], columns["count"]))
        for name in ("step", "time", "epoch")
    )
    rows, row = [], columns.get("first_row", 0)
    for more in numbers(columns["row"], columns["count"]):
        row += more or 0
        rows.append(None if more is None else row)
    for step, time, epoch, row in zip(steps, times, epochs, rows, strict=True):
        yield {"t": "epoch", "step": step, "time": time / 1000, "epoch": epoch, "row": row}
