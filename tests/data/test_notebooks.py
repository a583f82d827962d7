"""Every notebook runs from top to bottom, and shows what is stored in it."""

from __future__ import annotations

import json

import pytest
from checkout import SHIPPED

from policygraph.catalog import catalog as catalogues

NOTEBOOKS = sorted((SHIPPED / "notebooks").glob("*.ipynb"))


def test_notebooks_are_small_and_have_their_outputs():
    assert len(NOTEBOOKS) == 5
    for path in NOTEBOOKS:
        notebook = json.loads(path.read_text(encoding="utf-8"))
        assert notebook["metadata"]["language_info"]["file_extension"] == ".py", f"{path}: as a script, .txt"
        cells = [cell for cell in notebook["cells"] if "outputs" in cell]
        assert path.stat().st_size < 200_000, path
        assert [cell["execution_count"] for cell in cells] == [*range(1, len(cells) + 1)], path
        assert sum(bool(cell["outputs"]) for cell in cells) >= len(cells) - 1, path
        data = [output.get("data", {}) for cell in cells for output in cell["outputs"]]
        assert all("image/png" in each for each in data if each.get("text/plain") == ["<Figure>"]), path


@pytest.mark.full
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_shows_what_is_stored_in_it(path, monkeypatch):
    """But for pictures, whose bytes depend on the fonts of a machine."""
    from run_notebooks import run

    monkeypatch.setattr(catalogues, "_shipped", lambda: SHIPPED)
    stored = json.loads(path.read_text(encoding="utf-8"))["cells"]
    what = f"where the data changed: .venv/bin/python tools/run_notebooks.py notebooks/{path.name}"
    assert [shown(cell) for cell in run(stored)] == [shown(cell) for cell in stored], what


def shown(cell):
    outputs = cell.get("outputs", ())
    return [
        (
            output.get("text"),
            {form: form[:5] == "image" or text for form, text in output.get("data", {}).items()},
        )
        for output in outputs
    ]
