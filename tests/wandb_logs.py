"""W&B transaction logs made by hand, as a trainer would have left them."""

import json

from envcfg.sources.wandb.log import packed, record_type


def write_log(folder, rows):
    """A log of *rows* of metrics beside a journal in *folder*."""
    payloads = []
    for number, row in enumerate(rows):
        record = record_type()()
        record.history.step.num = number
        for name, value in row.items():
            record.history.item.add(nested_key=[name], value_json=json.dumps(value))
        payloads.append(record.SerializeToString())
    (folder / "run-made.wandb").write_bytes(packed(payloads))
    return folder
