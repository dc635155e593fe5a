"""What the files around the package claim about each other is true: workflows, Makefile, metadata, pages."""

import re
import runpy
import shlex
import tomllib
from pathlib import Path

import pytest
import yaml
from build.util import project_wheel_metadata
from readme_renderer import markdown

ROOT = Path(__file__).parents[1]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = PYPROJECT["project"]


def loaded(path):
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def matrix():
    return loaded(ROOT / ".github" / "workflows" / "test.yml")["jobs"]["test"]["strategy"]["matrix"]


def commands():
    """Every command line that a workflow, a commit hook or CONTRIBUTING tells to run."""
    for workflow in WORKFLOWS:
        for job in loaded(workflow)["jobs"].values():
            yield from (step["run"] for step in job["steps"] if "run" in step)
    for repository in loaded(ROOT / ".pre-commit-config.yaml")["repos"]:
        yield from (hook["entry"] for hook in repository["hooks"])
    yield from re.findall(r"`([^`\n]+)`", CONTRIBUTING)


def made():
    """The arguments of every `make` among them."""
    return [words[1:] for words in map(shlex.split, commands()) if words[0] == "make" and "..." not in words]


def test_every_make_target_that_is_named_exists():
    targets = set(re.findall(r"(?m)^([a-z][a-z-]*):", MAKEFILE))
    named = {word for words in made() for word in words if "=" not in word}
    assert {"test", "lint", "dist"} <= named
    assert named <= targets


def test_every_make_variable_that_is_set_is_read():
    assignments = [word for words in made() for word in words if "=" in word]
    assert assignments
    for assignment in assignments:
        assert f"$({assignment.partition('=')[0]})" in MAKEFILE, assignment


def test_every_path_that_a_command_or_contributing_names_exists():
    words = {word for line in commands() for part in shlex.split(line) for word in part.split("=")[-1].split()}
    paths = {word for word in words if re.match(r"(tests|docs|conf|hydra_plugins|\.github)/", word)}
    assert len(paths) > 5
    assert [path for path in sorted(paths) if not (ROOT / path).exists()] == []


def test_the_least_versions_of_the_core_and_of_every_extra_have_tests_that_exist():
    script = runpy.run_path(str(ROOT / "scripts" / "least_versions.py"))
    tests, extras = script["TESTS"], script["EXTRAS"]
    assert set(tests) == {"core", *extras} - {"dev", "docs"}
    assert {path for paths in tests.values() for path in paths.split() if not (ROOT / path).exists()} == set()
    assert {part: script["constraints"](part) for part in tests}


def test_matrix_classifiers_and_requires_python_name_the_same_versions():
    prefix = "Programming Language :: Python :: "
    classified = [line.removeprefix(prefix) for line in PROJECT["classifiers"] if re.search(r":: 3\.\d+$", line)]
    assert matrix()["python"] == classified
    assert PROJECT["requires-python"] == f">={classified[0]}"


def test_contributing_says_of_each_cell_of_the_matrix_whether_it_ran():
    header, _, *rows = re.findall(r"(?m)^\|.*\|$", CONTRIBUTING.partition("**No job of")[2])
    versions, *cells = ([cell.strip() for cell in row.strip("|").split("|")] for row in (header, *rows))
    names = {"Linux": "ubuntu-latest", "macOS": "macos-latest", "Windows": "windows-latest"}
    assert versions[1:] == matrix()["python"]
    assert [names[row[0]] for row in cells] == matrix()["os"]
    assert all(len(row) == len(versions) and all(row) for row in cells)


def test_contributing_names_the_layers_that_are_checked():
    layers = PYPROJECT["tool"]["importlinter"]["contracts"][0]["layers"]
    rows = re.findall(r"(?m)^\| ((?:`\w+`(?:, )?)+) \|", CONTRIBUTING.partition("## Where things live")[2])
    assert [set(re.findall(r"\w+", row)) for row in rows] == [set(re.findall(r"\w+", layer)) for layer in layers]


def test_the_citation_has_the_version_and_the_licence_of_the_package():
    citation = loaded(ROOT / "CITATION.cff")
    assert (citation["version"], citation["license"]) == (PROJECT["version"], PROJECT["license"])


def test_everything_in_the_sdist_list_exists():
    include = PYPROJECT["tool"]["hatch"]["build"]["targets"]["sdist"]["include"]
    assert [name for name in include if not (ROOT / name.removeprefix("/")).exists()] == []


def test_every_page_of_the_root_is_in_the_sdist():
    include = PYPROJECT["tool"]["hatch"]["build"]["targets"]["sdist"]["include"]
    assert {f"/{page.name}" for page in ROOT.glob("*.md")} <= set(include)


@pytest.fixture(scope="module")
def description():
    """The page of the package on an index, as the index renders it."""
    metadata = project_wheel_metadata(ROOT, isolated=False)
    assert metadata["Description-Content-Type"] == "text/markdown"
    return markdown.render(metadata["Description"] or metadata.get_payload(), variant="GFM")


def test_the_page_on_an_index_has_no_link_or_picture_that_leads_nowhere_there(description):
    targets = re.findall(r'(?:href|src|srcset)="([^"]*)"', description)
    assert any(target.startswith("https://") for target in targets)
    assert [target for target in targets if not target.startswith(("https://", "#"))] == []


def test_the_page_on_an_index_shows_no_markup(description):
    text = re.sub(r"(?s)<pre.*?</pre>|<[^>]+>", "", description)
    assert "Read on" in text
    assert re.findall(r"\]\(|&lt;\w+|!\[", text) == []


def test_every_package_that_users_get_may_be_used_commercially():
    found = runpy.run_path(str(ROOT / "scripts" / "licences.py"))
    names = found["packages"]()
    assert {"hydra-core", "wandb", "plotly", "msgspec"} <= set(names)
    assert "pytest" not in names
    assert [name for name in names if not found["ALLOWED"].search(found["licence"](name))] == []
