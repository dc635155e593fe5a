"""The report as a page of W&B, with the real client."""

import pytest
from wandb_server.apps import TRAINER, run_python
from wandb_server.server import WandbServer

PAGE = "env_config/timeline"


def with_page(server, folder, page="run_page", trainer=TRAINER, **options):
    """Its own imports, since the client makes one folder for the files of a process, and removes it at the end."""
    script = trainer.replace("wandb_sinks(", f"wandb_sinks(page={page}, ")
    return run_python(
        server, folder, f"from envcfg.adapters.wandb_page import run_page\n{script}", "run-1", 0, imports=(), **options
    )


@pytest.fixture
def server():
    with WandbServer() as server:
        yield server


def test_the_report_is_a_page_of_the_run_and_does_not_change_the_trainers_rows(server, tmp_path):
    with_page(server, tmp_path, WANDB_X_TRANSACTION_LOG_FLUSH_INTERVAL="0.01")
    run = server.run("acme", "p", "run-1")
    assert [row.get("reward") for row in run.rows] == [epoch / 10 for epoch in range(12)]
    assert run.rows[-1][PAGE]["_type"] == "html-file"
    (name,) = [name for name in run.files if name.endswith(".html")]
    assert name == run.rows[-1][PAGE]["path"]
    page = run.files[name].decode()
    assert "max_steps" in page
    assert "completed" in page
    assert '"reward"' in page


def test_the_page_of_a_run_that_the_app_finishes_first_says_completed(server, tmp_path):
    seen = "lambda folder, status: print(status, 'completed' in run_page(folder, status)) or '<p>'"
    first = TRAINER.replace("tracker.close()\nwandb.finish()", "wandb.finish()\ntracker.close()")
    assert with_page(server, tmp_path, page=seen, trainer=first) == "finished True\n"


def test_the_page_is_not_written_on_the_training_thread(server, tmp_path):
    """No module of the figures is loaded before the end."""
    seen = "lambda folder, status: print(threading.current_thread().name, 'plotly' in sys.modules) or '<p>'"
    assert with_page(server, tmp_path, page=seen).splitlines() == ["envcfg-uploads False"]


def test_a_page_that_cannot_be_written_is_reported_and_nothing_else_is_lost(server, tmp_path):
    said = with_page(server, tmp_path, page="lambda folder, status: 1 / 0", stderr="division by zero")
    assert said == ""
    run = server.run("acme", "p", "run-1")
    assert (run.state, len(run.rows)) == ("finished", 12)
    ((_, collection),) = server.artifacts.collections.items()
    assert "final" in collection.committed[-1].aliases
