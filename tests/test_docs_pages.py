"""The pages that this project has beside its guides: what they show runs, what they quote exists, and all are found."""

import ast
import os
import re
import shlex
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

import envcfg

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
BLOCK = re.compile(r'(?ms)^```(python|bash)(?: title="([^"]+)")?\n(.*?)^```$')
QUOTED = re.compile(r"(?m)^### `([^`]+)`$")
PACKAGES = {
    "envcfg": "envcfg",
    **{name: f"envcfg/{name}" for name in ("adapters", "figures", "sinks", "sources", "tables", "testing")},
}


def sections(page):
    """Of each section of a page: its Python as one program, its files by name, and its command lines."""
    for section in re.split(r"(?m)^## ", (DOCS / page).read_text(encoding="utf-8")):
        found = BLOCK.findall(section)
        program = "\n".join(code for kind, title, code in found if kind == "python" and not title)
        files = {title: code for _, title, code in found if title}
        yield program, files, [line for kind, _, code in found if kind == "bash" for line in code.splitlines()]


def run(command, folder):
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=folder, env={**os.environ, "WANDB_MODE": "offline"}, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def run_line(line, folder):
    program, *arguments = shlex.split(line, comments=True)
    starts = {"envcfg": [sys.executable, "-m", "envcfg.cli.main"], "python": [sys.executable]}
    return run([*starts[program], *arguments], folder)


@pytest.fixture(scope="module")
def tried(tmp_path_factory):
    """A folder in which every block of the quick start was run, and what its commands printed."""
    folder, printed = tmp_path_factory.mktemp("quickstart"), {}
    for program, files, lines in sections("quickstart.md"):
        for name, code in files.items():
            (folder / name).write_text(code, encoding="utf-8")
        run([sys.executable, "-c", program], folder)
        printed |= {line: run_line(line, folder) for line in lines}
    return folder, printed


def test_the_script_of_the_quick_start_records_what_the_page_says(tried):
    history = envcfg.load(tried[0] / "runs" / "1")
    assert (history.at(0)["max_steps"], history.at("last")["max_steps"]) == (100, 200)
    assert [change.step for change in history.changes] == [2000]
    assert history.status == "completed"


def test_the_commands_of_the_quick_start_answer(tried):
    printed = tried[1]
    assert len(printed) == 6
    assert "runs/1" in printed["envcfg ls"]
    assert "The run completed at step 4,000" in printed["envcfg runs/1"]
    assert "The run completed at step 4,000" in printed["envcfg last"]
    assert "max_steps: 200" in printed["envcfg show runs/1 --step 2500"]
    assert "max_steps 100 → 200" in printed["envcfg log runs/1"]


def test_the_hydra_app_of_the_quick_start_is_recorded(tried):
    history = envcfg.load(tried[0] / "outputs" / "first")
    assert [change.step for change in history.changes] == [2000]


def test_the_examples_of_the_concepts_run(tmp_path):
    programs = [program for program, _, _ in sections("concepts.md") if program]
    assert programs
    for program in programs:
        run([sys.executable, "-c", program], tmp_path)


def strings(path):
    """Every text that a module may print; in the place of a value stands a NUL."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.JoinedStr):
            yield "".join(part.value if isinstance(part, ast.Constant) else "\0" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


@pytest.fixture(scope="module")
def messages():
    return [text for path in (ROOT / "envcfg").rglob("*.py") if "demo" not in path.parts for text in strings(path)]


def says(text, quoted):
    """Whether *text* has the parts of a message that stand between its `...`, in their order."""
    parts = [part for part in map(str.strip, quoted.split("...")) if part.strip(" .:")]
    return re.search(".*?".join(map(re.escape, parts)), text, re.DOTALL) is not None


@pytest.mark.parametrize("quoted", QUOTED.findall((DOCS / "troubleshooting.md").read_text(encoding="utf-8")))
def test_a_message_that_the_page_explains_is_one_that_envcfg_prints(quoted, messages):
    assert any(says(text, quoted) for text in messages), quoted


def test_a_message_that_envcfg_does_not_print_is_found_out(messages):
    assert not any(says(text, "run ... has no curve of metric ...") for text in messages)
    assert len(QUOTED.findall((DOCS / "troubleshooting.md").read_text(encoding="utf-8"))) > 15


def test_the_times_of_the_comparison_are_those_that_were_measured():
    rows = re.findall(r"(?m)^\| .* \| ([\d,]+) \|$", (DOCS / "comparison.md").read_text(encoding="utf-8"))
    measured = re.findall(r"\b\d+\.\d\d\b", (DOCS / "performance.md").read_text(encoding="utf-8"))
    assert len(rows) == 5
    assert {int(row.replace(",", "")) for row in rows} <= {round(float(number)) for number in measured}


NAMED = re.compile(
    r"(?<![\w/.])(?:envcfg|tests|benchmarks|scripts|core|journal|tracking|history|analysis|figures)/[\w/]+(?:\.\w+)+"
)
READ_BY_PEOPLE = [path for path in (*ROOT.glob("*.md"), *DOCS.rglob("*.md")) if path.name != "CHANGELOG.md"]


def named_files(page):
    """The files of the repository that a page names, such as `tests/faults.py` or `core/record.py`."""
    return NAMED.findall(page.read_text(encoding="utf-8"))


def test_a_file_of_the_repository_that_a_page_names_is_there():
    named = {name: page.name for page in READ_BY_PEOPLE for name in named_files(page)}
    assert len(named) > 20
    assert {
        name: page for name, page in named.items() if not any((top / name).exists() for top in (ROOT, ROOT / "envcfg"))
    } == {}


def nav(entry):
    """The pages below an entry of the navigation."""
    match entry:
        case str():
            return [entry]
        case list():
            return [page for inner in entry for page in nav(inner)]
    return [page for inner in entry.values() for page in nav(inner)]


def test_every_page_is_in_the_navigation_once():
    text = re.sub(r"!!python\S*", "", (ROOT / "mkdocs.yml").read_text(encoding="utf-8"))
    pages = [path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")]
    told_by_their_list = [page for page in pages if page.startswith("decisions/0")]
    assert sorted(nav(yaml.safe_load(text)["nav"])) == sorted(set(pages) - set(told_by_their_list))
    listed = (DOCS / "decisions" / "README.md").read_text(encoding="utf-8")
    assert [page for page in told_by_their_list if f"]({Path(page).name})" not in listed] == []


@pytest.mark.parametrize("name", PACKAGES)
def test_the_reference_has_every_public_name(name):
    package = "envcfg" if name == "envcfg" else f"envcfg.{name}"
    stub = ast.parse((ROOT / PACKAGES[name] / "__init__.pyi").read_text(encoding="utf-8"))
    names = [alias.name for node in stub.body if node.module for alias in node.names if alias.name != "__version__"]
    shown = re.findall(r"(?m)^::: (\S+)$", (DOCS / "reference" / f"{name}.md").read_text(encoding="utf-8"))
    assert sorted(shown) == sorted(f"{package}.{one}" for one in names)


def test_the_start_page_leads_to_every_guide():
    start = (DOCS / "index.md").read_text(encoding="utf-8")
    guides = {path.name for path in DOCS.glob("*.md")} - {"index.md", "glossary.md"}
    assert sorted(guide for guide in guides if f"]({guide}" not in start) == []


def script(name):
    """A file of `scripts/`, as MkDocs loads it: by its path."""
    found = spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    module = module_from_spec(found)
    found.loader.exec_module(module)
    return module


@pytest.fixture
def hooks():
    return script("docs_hooks")


def test_an_example_of_a_docstring_is_shown_as_code(monkeypatch):
    monkeypatch.setitem(sys.modules, "griffe", SimpleNamespace(Extension=object))  # it comes with `make docs` only
    docstring = SimpleNamespace(value="It adds.\n\n>>> 1 + 1\n2\n>>> [1][0]\n1\n\nMore.")
    script("docs_examples").Examples().on_object(obj=SimpleNamespace(docstring=docstring))
    assert docstring.value == "It adds.\n\n```pycon\n>>> 1 + 1\n2\n>>> [1][0]\n1\n```\n\nMore."


@pytest.mark.parametrize(
    "page",
    [
        '<script src="https://cdn.example/x.js"></script>',
        '<link rel="stylesheet" href="//fonts.example/css">',
        "<img alt='' src=http://a.example/b.png>",
        "@import url(https://a.example/b.css);",
        "a { background: url('https://a.example/b.png') }",
    ],
)
def test_a_site_that_loads_something_from_a_network_is_refused(hooks, page, tmp_path):
    (tmp_path / "index.html").write_text(page, encoding="utf-8")
    with pytest.raises(SystemExit, match="loads from a network"):
        hooks.on_post_build(config={"site_dir": tmp_path})


def test_a_site_with_links_to_other_sites_is_let_pass(hooks, tmp_path):
    (tmp_path / "index.html").write_text('<a href="https://a.example">a</a><img src="images/b.png">', encoding="utf-8")
    hooks.on_post_build(config={"site_dir": tmp_path})


def test_a_link_that_leaves_the_documentation_becomes_text(hooks):
    page = SimpleNamespace(file=SimpleNamespace(abs_src_path=str(DOCS / "security.md")))
    shown = hooks.on_page_markdown("[us](../SECURITY.md), [it](hydra.md#x)", page=page, config={"docs_dir": str(DOCS)})
    assert shown == "us (`SECURITY.md`), [it](hydra.md#x)"
