"""A wheel in an environment that holds nothing of ours works: plugin, packaged configs and demo included."""

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

pytest.importorskip("hatchling")


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """A new environment with the wheel in it, and the dependencies lent by a path that brings no editable install."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "-q",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        str(folder),
        str(ROOT),
    ]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = folder.glob("envcfg-*.whl")
    venv.create(folder / "env", with_pip=False, symlinks=True)
    python = folder / "env" / "bin" / "python"
    install = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        str(python),
        "install",
        "-q",
        "--no-deps",
        "--no-index",
        str(wheel),
    ]
    subprocess.run(install, check=True, capture_output=True)
    (site,) = (folder / "env" / "lib").glob("python*/site-packages")
    (site / "lent.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    return folder


def run(environment, *command):
    clean = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    return subprocess.run(
        [str(environment / "env" / "bin" / command[0]), *command[1:]],
        cwd=environment,
        env=clean,
        capture_output=True,
        text=True,
        check=False,
    )


def test_what_is_imported_is_the_wheel(environment):
    done = run(environment, "python", "-c", "import envcfg; print(envcfg.__file__)")
    assert str(environment) in done.stdout, done.stderr


def test_the_demo_runs_from_the_wheel(environment):
    done = run(environment, "envcfg", "demo", "--preset", "tiny", "--output-dir", "out", "trainer.epochs=3")
    assert done.returncode == 0, done.stderr
    assert "Total configuration changes: " in done.stdout
    assert (environment / "out" / "timeline.html").exists()


def test_the_wheel_holds_what_it_needs_and_no_tests(environment):
    (wheel,) = environment.glob("envcfg-*.whl")
    names = subprocess.run(
        [sys.executable, "-m", "zipfile", "-l", str(wheel)], capture_output=True, text=True, check=True
    ).stdout
    files = ("hydra_plugins/hydra_envcfg/__init__.py", "envcfg/demo/conf/train.yaml", "envcfg/py.typed")
    for needed in (*files, "envcfg/samples/forage/envcfg/r0-w0-000001.json.gz"):
        assert needed in names
    assert "tests/" not in names
    assert "hydra_plugins/__init__.py" not in names


def test_the_wheel_holds_every_file_of_the_package(environment):
    (wheel,) = environment.glob("envcfg-*.whl")
    held = set(zipfile.ZipFile(wheel).namelist())
    files = [path for path in (ROOT / "envcfg").rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    assert [path for path in files if path.relative_to(ROOT).as_posix() not in held] == []


def test_every_folder_of_the_package_is_a_package():
    folders = {path.parent for path in (ROOT / "envcfg").rglob("*.py")}
    assert [folder for folder in folders if not (folder / "__init__.py").is_file()] == []


def test_an_extra_is_added_to_the_envcfg_that_is_installed_without_an_index(environment):
    python = str(environment / "env" / "bin" / "python")
    add = [sys.executable, "-m", "pip", "--python", python, "install", "--dry-run", "--no-index", "envcfg[stats]"]
    done = subprocess.run(add, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Requirement already satisfied: envcfg[stats]" in done.stdout


def test_the_readme_names_the_wheel_that_is_built(environment):
    (wheel,) = environment.glob("envcfg-*.whl")
    assert f"dist/{wheel.name}[" in (ROOT / "README.md").read_text(encoding="utf-8")
