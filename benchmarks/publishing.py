"""Measures publishing the shipped catalogue as a folder, beside pyLODE, which makes one page of it."""

import shutil
import sys
import tempfile
from pathlib import Path
from statistics import median

from report import OURS, machine, process, row, timed, write

from policygraph import Catalog

ROUNDS, TARGET = 2, 20  # seconds for the whole site
ONTOLOGY = Catalog.find().ontology


def main() -> None:
    """Measure and write."""
    about = machine(("policygraph", "pyoxigraph", "jinja2", "pylode", "rdflib"), ())
    reference = next(path for path in ONTOLOGY if "owl:Ontology" in path.read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        publish = [OURS.with_name("policygraph"), "publish"]
        commands: dict[str, list[str | Path]] = {
            "`policygraph publish`": [*publish, folder / "site"],
            "the same in one process": [*publish, folder / "one", "--processes", "1"],
            "`pylode`, the ontology's page": [
                OURS.with_name("pylode"),
                reference,
                "-o",
                folder / "page.html",
            ],
        }
        times: dict[str, list[float]] = {}
        for number in range(ROUNDS):
            for made in ("site", "one"):  # or else there would be nothing to do
                shutil.rmtree(folder / made, ignore_errors=True)
            for tool, command in commands.items():
                times.setdefault(tool, []).append(timed(process, command)[0] / 1000)
            print(f"round {number + 1} of {ROUNDS}", file=sys.stderr)
        files = [each.stat().st_size for each in (folder / "site").rglob("*") if each.is_file()]
        pages = sum(1 for _ in (folder / "site").rglob("*.html"))
    ours = median(next(iter(times.values())))
    lines = [row("what", "seconds, median", "fastest and slowest", "times as long as the first")]
    lines.append("|---|---:|---:|---:|")
    for tool, taken in times.items():
        target = (
            f" (target {TARGET}{'' if ours < TARGET else ', missed'})"
            if taken is times[next(iter(times))]
            else ""
        )
        lines.append(
            row(
                tool,
                f"{median(taken):.1f}{target}",
                f"{min(taken):.1f} to {max(taken):.1f}",
                f"{median(taken) / ours:.2f}",
            )
        )
    write(
        "\n\n".join(
            [
                about,
                "\n".join(lines),
                f"The folder holds {pages:,} pages in {len(files):,} files, {sum(files):,} bytes.",
            ]
        )
    )


if __name__ == "__main__":
    main()
