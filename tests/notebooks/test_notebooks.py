from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
FIGURE = "application/vnd.plotly.v1+json"
WIDGET = "application/vnd.jupyter.widget-view+json"


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def notebook(request):
    return nbformat.read(request.param, as_version=4)


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    """One kernel for all notebooks, since each kernel takes seconds to import what they use."""
    folder = str(tmp_path_factory.mktemp("notebooks"))
    client = NotebookClient(nbformat.v4.new_notebook(), timeout=120, resources={"metadata": {"path": folder}})
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IPYTHONDIR", folder)
        with client.setup_kernel():
            yield client


@pytest.fixture
def executed(notebook, client, tmp_path):
    """The notebook with its outputs. It sees no name and no file of another notebook."""
    notebook.cells.insert(0, nbformat.v4.new_code_cell(f"%reset -f\n%cd -q {tmp_path}"))
    client.nb = notebook
    client.execute(cleanup_kc=False)
    return notebook


def code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_there_are_those_that_the_readme_names():
    assert [path.stem for path in NOTEBOOKS] == ["effects", "live", "replay", "sweep", "tasks", "timeline"]


def test_it_stores_no_output(notebook):
    assert all(cell.outputs == [] and cell.execution_count is None for cell in code(notebook))


def test_it_is_switched_to_another_run_in_one_line(notebook):
    (switch,) = [cell for cell in code(notebook) if "parameters" in cell.metadata.get("tags", [])]
    assert [line for line in switch.source.splitlines() if line.startswith("source = sample(")]
    assert all("sample" not in cell.source for cell in code(notebook) if cell is not switch)


def test_it_tells_a_story_and_defines_nothing(notebook):
    for before, cell in zip(notebook.cells, notebook.cells[1:], strict=False):
        if cell.cell_type == "code":
            assert len(cell.source.splitlines()) <= 10
            assert not any(line.startswith(("def ", "class ", "for ", "if ")) for line in cell.source.splitlines())
            assert before.cell_type == "markdown" or "parameters" in before.metadata.get("tags", [])


def test_it_runs_as_it_comes(executed):
    shown = [output.data for cell in code(executed) for output in cell.outputs if "data" in output]
    assert any(FIGURE in data for data in shown)
    assert not [
        output for cell in code(executed) for output in cell.outputs if output.output_type in ("error", "stream")
    ]
    if any("explore" in cell.source for cell in code(executed)):
        assert any(WIDGET in data and FIGURE in data for data in shown)
