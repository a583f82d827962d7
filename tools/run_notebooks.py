"""Run notebooks from top to bottom and store what they show, small enough for a code host to show it too.

`python tools/run_notebooks.py FILE…`; of a large page its still picture is kept.
"""

from __future__ import annotations

import base64
import json
import os
import sys
import tempfile
import warnings
from contextlib import chdir
from pathlib import Path
from typing import Any

LARGEST = 120_000  # bytes of HTML or SVG in an output
_RICH = ("text/html", "image/svg+xml", "image/png")

Cell = dict[str, Any]


def run(cells: list[Cell]) -> list[Cell]:
    """The cells with what each shows, run one after the other in a folder of their own."""
    os.environ["MPLBACKEND"] = "agg"
    from IPython.core import interactiveshell, pylabtools
    from IPython.utils.capture import capture_output

    console: Any = interactiveshell
    drawing: Any = pylabtools
    shell, done, shown = console.InteractiveShell(), [], []

    def show(value: object) -> None:
        if value is not None:
            shown.append(shell.display_formatter.format(value)[0])

    shell.display_trap.hook = show
    number = 0
    with tempfile.TemporaryDirectory() as folder, chdir(folder), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # others' warnings, of which a reader can do nothing
        for cell in cells:
            if cell["cell_type"] == "code":
                number += 1
                with capture_output() as said:
                    shell.run_cell("".join(cell["source"])).raise_error()
                outputs = [_stream(said.stdout)] if said.stdout else []
                outputs += [_output(each) for each in (*(one.data for one in said.outputs), *shown)]
                shown.clear()
                if "matplotlib.pyplot" in sys.modules:
                    plots = sys.modules["matplotlib.pyplot"]
                    for figure in map(plots.figure, plots.get_fignums()):
                        drawn = drawing.print_figure(figure, "png", dpi=72)
                        png = base64.b64encode(drawn).decode()
                        outputs.append(_output({"image/png": png, "text/plain": "<Figure>"}))
                    plots.close("all")
                cell = {**cell, "execution_count": number, "outputs": outputs}
            done.append(cell)
    return done


def _stream(text: str) -> Cell:
    return {"name": "stdout", "output_type": "stream", "text": text.splitlines(keepends=True)}


def _output(data: dict[str, Any]) -> Cell:
    """One output, in its plain form and the first rich one that is small."""
    fits = {form for form in data if form == "image/png" or len(data[form]) <= LARGEST}
    rich = next((form for form in _RICH if form in fits), None)
    kept = {form: data[form] for form in (rich, "text/plain") if form in data}
    lines = {
        form: value if form == "image/png" else value.splitlines(keepends=True)
        for form, value in kept.items()
    }
    return {"data": lines, "metadata": {}, "output_type": "display_data"}


def main(paths: list[str]) -> None:
    """Run the notebooks in these files, and write them again."""
    for path in map(Path, paths):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        notebook["cells"] = run(notebook["cells"])
        path.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
