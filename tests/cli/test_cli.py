import json
import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import ENVCFG, envcfg, envcfg_process

from envcfg import Tracker
from envcfg.cli.commands.analyze import COUNTED

REPORT = """\
=== Environment Configuration Analysis ===
Total configurations logged: 36
Unique tasks: 3
Unique configurations: 3

=== Task Frequencies ===
  nav/easy: 12 times
  nav/hard: 12 times
  nav/last: 12 times

=== Configuration Changes ===
Total configuration changes: 3
  Change 1: Epoch 0, Step 0, Task: nav/easy
  Change 2: Epoch 4, Step 400, Task: nav/hard
  Change 3: Epoch 8, Step 800, Task: nav/last

=== Sample Key Parameters ===
  nav/easy_epoch_0:
    max_steps: 100
    reward_heart: 1.0
    reward_ore: 0.1
  nav/hard_epoch_4:
    max_steps: 200
    reward_heart: 1.0
    reward_ore: 0.0
  nav/last_epoch_8:
    max_steps: 200
    reward_heart: 0.5

Run: staged: the run completed
"""


def test_the_piped_report_has_the_legacy_form(staged):
    done = envcfg_process("analyze", staged)
    assert done.stdout == f"{REPORT}Journal: {staged}\n{COUNTED}\n"
    assert (done.returncode, done.stderr) == (0, "")


def test_on_a_terminal_the_report_shows_edits_and_causes(staged):
    done = envcfg("analyze", staged, FORCE_COLOR="1", TERM="xterm-256color")
    assert "\x1b[" in done.stdout
    assert "max_steps 100 → 200" in done.stdout
    assert "initial config" in done.stdout
    assert "Total configuration changes: 2" in done.stdout
    assert COUNTED not in done.stdout
    assert "curriculum: success 0.81 (threshold 0.8)" in done.stdout


def test_json_output_contains_nothing_else(staged):
    document = json.loads(envcfg("analyze", staged, "--format", "json").stdout)
    assert (document["total_changes"], document["initial_configs"]) == (2, 1)


def test_the_exports_are_written_to_the_named_paths(staged, tmp_path):
    done = envcfg("analyze", staged, "--export-csv", "params.csv", "--output-dir", "out", cwd=tmp_path)
    assert done.returncode == 0
    assert (tmp_path / "params.csv").read_text().count("\n") == 4
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "env_config_history.json",
        "params.csv",
        "report.txt",
        "summary.json",
        "timeline.html",
    ]


def test_the_timeline_is_one_file(staged, tmp_path):
    assert envcfg("timeline", staged, "-o", tmp_path / "t.html").returncode == 0
    assert (tmp_path / "t.html").read_text().startswith("<!doctype html>")


def test_long_lists_are_cut_and_all_prints_them(journal):
    from envcfg import Tracker

    with Tracker(journal) as tracker:
        for step in range(30):
            tracker.record({"max_steps": step}, step=step, task=f"t{step}")
    assert "... and 10 more (--all)" in envcfg("analyze", journal).stdout
    assert "  Change 30: " in envcfg("analyze", journal, "--all").stdout


def foreign(folder):
    (folder / "r0-w0-000001.jsonl").write_text("not ours\n")


def truncated(folder):
    (folder / "r0-w0-000001.json.gz").write_bytes(b"\x1f\x8b\x08")


def newer(folder):
    from envcfg.journal.lines import with_checksum

    header = (
        b'{"t":"segment","format":"envcfg-journal","version":9,"writer":{"run":"a","session":"b"},"number":1,"time":1}'
    )
    (folder / "r0-w0-000001.jsonl").write_bytes(with_checksum(header))


def empty(folder):
    (folder / "r0-w0-000001.jsonl").write_bytes(b"")


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda _: None, "contains no run that envcfg recorded"),
        (empty, "contains no journal that can be read"),
        (foreign, "contains no journal that can be read"),
        (truncated, "invalid sealed segment"),
        (newer, "format version 9, but this envcfg reads versions 1 to 4"),
    ],
)
def test_bad_input_gives_one_line_and_exit_status_2(tmp_path, spoil, sentence):
    spoil(tmp_path)
    done = envcfg("analyze", tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    assert sentence in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("command", [["analyze", "nowhere"], ["timeline", "nowhere"]])
def test_a_missing_run_gives_one_line(tmp_path, command):
    done = envcfg_process(*command, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (
        2,
        f"envcfg: nowhere: no such folder (the working folder is {tmp_path})\n",
    )


def test_a_file_that_cannot_be_written_gives_one_line(staged, tmp_path):
    (tmp_path / "file").write_text("")
    done = envcfg("analyze", staged, "--export-csv", tmp_path / "file" / "params.csv")
    assert done.returncode == 2
    assert "envcfg: cannot write" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("run", ["x" * 5000, "no\x1b[31msuch\nrun"])
def test_an_error_is_one_printable_line_for_any_name_of_a_run(tmp_path, run):
    done = envcfg("analyze", run, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("envcfg: ")
    assert done.stderr.removesuffix("\n").isprintable()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this platform has no device that is always full")
def test_a_full_output_gives_one_line(staged):
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = subprocess.run([*ENVCFG, "analyze", staged], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == "envcfg: the output: No space left on device\n"


def test_characters_that_the_output_lacks_are_escaped(staged):
    done = envcfg_process("analyze", staged, FORCE_COLOR="1", TERM="xterm-256color", PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, "")
    assert "max_steps 100 \\u2192 200" in done.stdout


@pytest.mark.parametrize(
    "arguments", [["--help"], ["log", "."], ["analyze", ".", "--param", "*", "--export-csv", "keys.csv"]]
)
def test_where_the_locale_is_ascii_a_command_answers_and_writes_utf8(tmp_path, arguments):
    with Tracker(tmp_path / "envcfg") as tracker:
        for step in range(2):
            tracker.record({"höhe": step}, step=step)
    done = envcfg_process(*arguments, cwd=tmp_path, LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr
    assert all("höhe" in table.read_text(encoding="utf-8") for table in tmp_path.glob("*.csv"))


def test_a_file_that_cannot_be_replaced_is_unchanged(tmp_path):
    from envcfg.cli.files import write
    from envcfg.core.errors import EnvcfgError

    target = tmp_path / "params.csv"
    write(target, "old")
    with pytest.raises(EnvcfgError, match="cannot write"):
        write(target / "below", "new")
    write(target, "half a pair: \udc80")
    assert target.read_text() == "half a pair: \\udc80"
    assert [path.name for path in tmp_path.iterdir()] == ["params.csv"]


@pytest.mark.parametrize("spoil", ["missing", "foreign"])
def test_a_figure_without_readable_metrics_has_no_curve(staged, tmp_path, spoil):
    log = staged.parent / "wandb" / "offline-run-1" / "run-1.wandb"
    log.parent.mkdir(parents=True)
    log.write_bytes(b"something else entirely" if spoil == "foreign" else b":W&B\xe1\xbe\x00")
    script = "import sys\n" + ("sys.modules['wandb'] = None\n" if spoil == "missing" else "")
    script += f"sys.argv = ['envcfg', 'timeline', {str(staged)!r}, '-o', 't.html']\n"
    script += "from envcfg.cli.main import main\nmain()\n"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    why = {"missing": "pip install 'envcfg[wandb]'", "foreign": "is not a W"}[spoil]
    assert "no metric: " in (tmp_path / "t.html").read_text()
    assert why in (tmp_path / "t.html").read_text()


def test_an_unknown_preset_is_refused_before_anything_starts(tmp_path):
    done = envcfg("demo", "--preset", "nope", cwd=tmp_path)
    assert done.returncode == 2
    assert "'short', 'full', 'dense', 'tiny'" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_waits_for_the_training_to_close_its_journal(tmp_path):
    training = (
        "import sys\ntry:\n    print('training', flush=True)\n    sys.stdin.read()\n"
        "except KeyboardInterrupt:\n    print('closing', flush=True)\n    sys.stdin.read()\n"
        "    open('closed', 'w').close()\n    sys.exit(130)\n"
    )
    script = f"import sys\nfrom envcfg.cli.training import run\nsys.exit(run([sys.executable, '-c', {training!r}]))"
    with subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as demo:
        assert demo.stderr.readline() == "training\n"
        os.killpg(demo.pid, signal.SIGINT)  # as a terminal does it: both hear of it
        assert demo.stderr.readline() == "closing\n"
        demo.send_signal(signal.SIGINT)  # an impatient second one, to us alone
        demo.stdin.close()
        assert demo.wait() == 130
    assert (tmp_path / "closed").exists()


def test_the_error_for_an_unknown_metric_lists_the_known_ones(staged, tmp_path):
    done = envcfg("timeline", staged, "--metric", "nope", "-o", tmp_path / "t.html")
    assert done.returncode == 2
    assert "no metrics of run staged were found" in done.stderr


def test_hostile_names_do_not_reach_the_terminal(journal):
    from envcfg import Tracker

    with Tracker(journal, run="\x1b]0;owned\x07") as tracker:
        tracker.record({"\x1b[2J": 1, "max_steps": "[bold]x[/bold]"}, step=0, task="\x1b[31m[red]evil\x07")
        tracker.record({"\x1b[2J": 2}, step=1, task="b")
    for options in ({}, {"FORCE_COLOR": "1", "NO_COLOR": "1", "TERM": "xterm"}):
        output = envcfg("analyze", journal, **options).stdout
        assert "\x1b]" not in output
        assert "\x1b[2J" not in output
        assert "\x1b[31m" not in output
        assert "\x07" not in output
        assert "[red]evil" in output
        assert "[bold]x[/bold]" in output


def test_help_and_version_are_printed(tmp_path):
    assert "analyze" in envcfg("--help").stdout
    assert envcfg_process("--version").stdout.strip().count(".") == 2
    assert "--export-csv" in envcfg("analyze", "--help").stdout


def test_help_loads_no_heavy_library():
    script = (
        "import sys\nfrom envcfg.cli.main import app\n"
        "try:\n    app(['--help'])\nexcept SystemExit:\n    print(*sys.modules)"
    )
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    assert not {"wandb", "torch", "plotly", "polars", "pandas", "numpy", "hydra", "omegaconf"} & set(loaded)


def test_a_reader_that_stops_early_is_no_error(staged):
    command = f"{shlex.join([*ENVCFG, 'analyze', str(staged)])} | head -1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
    assert done.stdout == "=== Environment Configuration Analysis ===\n"
    assert done.stderr == ""


def test_the_demo_names_the_missing_extra(tmp_path):
    hidden = tmp_path / "hidden.py"
    hidden.write_text(
        "import sys, importlib.util as u\nfind = u.find_spec\n"
        "u.find_spec = lambda name, package=None: None if name == 'torch' else find(name, package)\n"
        "sys.argv = ['envcfg', 'demo']\nfrom envcfg.cli.main import main\nmain()\n"
    )
    done = subprocess.run([sys.executable, hidden], capture_output=True, text=True, cwd=Path(tmp_path), check=False)
    assert done.returncode == 2
    assert "pip install 'envcfg[demo]'" in done.stderr
