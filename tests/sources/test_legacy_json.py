import json

import pytest

from envcfg import load
from envcfg.analysis.documents.exports import legacy_json
from envcfg.core.errors import SourceError


def test_the_legacy_json_is_read_as_a_history(tmp_path):
    entries = [
        {
            "epoch": epoch,
            "agent_step": epoch * 512,
            "timestamp": 1.7e9 + epoch,
            "task_id": f"t{epoch}",
            "task_name": "navigation/easy" if epoch < 2 else "navigation/hard",
            "config": {"max_steps": 1000 if epoch < 2 else 500, "rewards": {"heart": 1.0, "$odd": None}},
        }
        for epoch in range(4)
    ]
    document = {"history": entries, "task_counts": {"navigation/easy": 2, "navigation/hard": 2}, "curriculum_stats": {}}
    path = tmp_path / "env_config_history.json"
    path.write_text(json.dumps(document))
    history = load(path)
    assert [change.step for change in history.changes.with_initial] == [0, 1024]
    assert dict(history.adopted) == {"navigation/easy": 2, "navigation/hard": 2}
    assert history.status == "not recorded"
    assert history.at(600)["max_steps"] == 1000
    assert history.at(0)["rewards"]["$odd"] is None


def test_an_exported_legacy_json_reads_back_with_the_same_digests(staged, tmp_path):
    history = load(staged)
    path = tmp_path / "env_config_history.json"
    path.write_text(legacy_json(history))
    again = load(path)
    assert again.configs == history.configs
    assert [a.record.config for a in again.adoptions] == [a.record.config for a in history.adoptions]
    assert dict(again.adopted) == dict(history.adopted)


@pytest.mark.parametrize("text", ["", "[]", '{"history": 1}', '{"history": [{"config": []}]}', "[" * 100_000, "\x00"])
def test_any_other_json_raises_a_clear_error(tmp_path, text):
    path = tmp_path / "x.json"
    path.write_text(text)
    with pytest.raises(SourceError, match=r"x\.json is not a readable env_config_history\.json"):
        load(path)
