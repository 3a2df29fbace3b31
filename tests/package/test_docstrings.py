"""Every public name has a complete docstring."""

import doctest
import inspect
import re

import pytest
from numpydoc.validate import validate

import maskloss as ml
from helpers.package import FUNCTIONS, MODULES


@pytest.mark.parametrize("name", ml.__all__)
def test_docstrings_follow_numpydoc(name):
    errors = {code for code, _ in validate(f"maskloss.{name}")["errors"]}
    # Not everything needs a "See Also" or a second paragraph, and a named tuple has attributes.
    assert errors <= {"SA01", "ES01"} | (
        {"PR01"} if hasattr(getattr(ml, name), "_fields") else set()
    )


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.__name__)
def test_every_docstring_is_complete(function):
    text = inspect.getdoc(function)
    for section in ("Parameters", "Returns", "Raises", "Notes", "Examples"):
        assert f"\n{section}\n{'-' * len(section)}\n" in text
    for name in inspect.signature(function).parameters:
        assert re.search(rf"^\*{{0,2}}{name} : ", text, re.MULTILINE), name
    assert not re.findall(r"^\*\*\w+$", text, re.MULTILINE), "a placeholder that nothing fills"


@pytest.mark.parametrize("name", [k for k in ml.__all__ if inspect.isclass(getattr(ml, k))])
def test_the_examples_of_classes_run(name):
    """The session `doctests` finds those of functions, but no class with a public module."""
    finder = doctest.DocTestFinder(exclude_empty=True)
    for example in finder.find(getattr(ml, name), name, module=False, globs={}):
        assert not doctest.DocTestRunner().run(example).failed, example.name


def test_every_docstring_says_alike_what_missing_may_be():
    """As docs/keywords.md does, and the error for anything else; cells of tables are objects."""
    texts = {path: path.read_text("utf-8") for path in MODULES if path.parent.name != "_cli"}
    entry = re.compile(r"^ *missing : (.*), optional$", re.MULTILINE)
    found = {(path.name, kind) for path, text in texts.items() for kind in entry.findall(text)}
    assert len(found) > 10
    kinds = {f"{kind}, or tuple or list of {kind}" for kind in ("float", "object")}
    assert {kind for _, kind in found} == kinds, found
