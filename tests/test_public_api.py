"""`__all__` is what is there, and what is there is `__all__`."""

from __future__ import annotations

import inspect
import subprocess
import sys

import pytest

import policygraph
from policygraph import errors


@pytest.mark.parametrize("name", policygraph.__all__)
def test_every_public_name_is_there(name):
    assert getattr(policygraph, name) is not None
    assert not inspect.ismodule(getattr(policygraph, name))


@pytest.mark.parametrize("name", sorted(set(policygraph.__all__) - {"Answer"}))
def test_every_public_name_says_what_it_is(name):
    assert inspect.getdoc(getattr(policygraph, name))


def test_public_names_are_sorted_and_unique():
    assert policygraph.__all__ == sorted(set(policygraph.__all__))


def test_nothing_public_is_left_out():
    # Modules appear as they are imported; they are reached by their names.
    names = {name for name in vars(policygraph) if not name.startswith("_")}
    modules = {name for name in names if inspect.ismodule(getattr(policygraph, name))}
    tools = {"annotations", "TYPE_CHECKING", "ModuleType", "import_module"}
    assert names - modules - tools <= set(policygraph.__all__)


def test_every_error_is_public():
    tree = {name for name, value in vars(errors).items() if inspect.isclass(value) and name[0] != "_"}
    tree = {name for name in tree if issubclass(getattr(errors, name), Exception)}
    assert tree <= set(policygraph.__all__)
    assert all(issubclass(getattr(errors, name), errors.PolicyGraphError) for name in tree)


def test_dir_lists_the_public_names():
    assert set(policygraph.__all__) <= set(dir(policygraph))


def test_an_unknown_name_is_an_ordinary_attribute_error():
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        policygraph.nothing  # noqa: B018


def test_a_function_named_as_a_module_is_the_function():
    code = (
        "import policygraph.analysis.network, policygraph.explorer.page\n"
        "from policygraph import network, view\nassert callable(view) and callable(network)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
