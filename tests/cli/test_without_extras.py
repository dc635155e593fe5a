"""What the command line does where only the core is installed. `make test-minimum` runs this with the core alone."""

import os
import subprocess
import sys

import pytest

from envcfg import sample

EXTRAS = ("wandb", "plotly", "numpy", "scipy", "polars", "ruptures", "gymnasium", "torch", "kaleido")
ALONE = f"""
import sys
sys.modules.update(dict.fromkeys({EXTRAS}))  # as if none was installed
from envcfg.cli.main import main
main()
"""
COMMANDS = {
    "--version": "0.",
    "RUN": "The metric returns ended at 0.841",
    "analyze RUN": "Total configuration changes: 5",
    "show RUN": "at step 307,200",
    "log RUN": "forage/winter",
    "doctor RUN": "note   Metrics: reading the metrics of a W&B run needs packages that are not installed",
}


def without_extras(*words, cwd):
    command = [sys.executable, "-c", ALONE, *words]
    environment = {**os.environ, "COLUMNS": "400"}
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_core_works_on_the_sample_without_any_extra(command, tmp_path):
    words = [str(sample()) if word == "RUN" else word for word in command.split()]
    done = without_extras(*words, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert COMMANDS[command] in done.stdout


def test_a_command_that_needs_the_metrics_names_the_extra(tmp_path):
    done = without_extras("effects", str(sample()), cwd=tmp_path)
    assert done.returncode == 2
    assert "pip install 'envcfg[" in done.stderr
