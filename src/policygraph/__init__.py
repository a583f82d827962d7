"""What a government has said it will do, as a graph you can question.

import policygraph as pg

catalog = pg.Catalog.find()
print(catalog.ask("plans-in-force", year=2014))
graph = pg.network(catalog)
print(pg.paths(graph, "NemID", "Job creation"))
"""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

# Type checkers read the stub file, so it is the one list of the public names.
_STUB = Path(__file__).with_suffix(".pyi").read_text(encoding="utf-8")
_IMPORTS = re.findall(r"from (\S+) import ([^\n(]+|\([^)]*\))", _STUB)
_HOME = {name: module for module, names in _IMPORTS for name in re.findall(r"as (\w+)", names)}
__all__ = sorted(_HOME)


def __getattr__(name: str) -> object:
    # Modules are imported when a name of theirs is first asked for, to keep the start cheap.
    if name not in (*__all__, "__version__"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = _version() if name == "__version__" else getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def _version() -> str:
    """Return the version of the installed package, or else that in the pyproject.toml of its checkout."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("policygraph")
    except PackageNotFoundError:
        import tomllib

        text = (Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8")
        return str(tomllib.loads(text)["project"]["version"])


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
