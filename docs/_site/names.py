"""The public names, their pages and the names that other faces give a loss."""

import importlib
import inspect
from functools import cache

from sphinx.ext.autodoc.mock import mock, undecorate

import maskloss
from maskloss._public import records

FACES = ("torch", "keras", "boosting", "sklearn", "testing")
# Their packages take minutes to install, and their names and docstrings need none of them.
STANDING_IN = ("maskloss.chemprop", "maskloss.neuralforecast", "maskloss.verl")


@cache
def modules():
    """Return the public modules by name."""
    with mock([name.removeprefix("maskloss.") for name in STANDING_IN]):
        names = (*(f"maskloss.{face}" for face in FACES), *STANDING_IN)
        found = {name: importlib.import_module(name) for name in names}
    for module in map(found.get, STANDING_IN):
        for name in module.__all__:
            setattr(module, name, undecorate(getattr(module, name)))
    return {"maskloss": maskloss, **found}


@cache
def public():
    """Return the page of every public name, by its full name."""
    losses = {record.name for record in records()}
    pages = {}
    for module_name, module in modules().items():
        folder = "/".join(["api", *module_name.split(".")[1:]])
        for name in _names(module):
            is_loss = module is maskloss and name in losses
            pages[f"{module_name}.{name}"] = f"losses/{name}" if is_loss else f"{folder}/{name}"
    return pages


def _names(module):
    """Return the public names of a module, with the classes that it makes of losses."""
    made = getattr(module, "_classes", None)
    return sorted({*module.__all__, *(made() if callable(made) else ())})


def value(full_name):
    """Return the object of a full name."""
    module, _, name = full_name.rpartition(".")
    return getattr(modules()[module], name)


def summary(full_name):
    """Return the first line of a docstring, as one line."""
    found = value(full_name)
    if not (inspect.isclass(found) or callable(found)):
        return f"The constant {found!r}."
    return (inspect.getdoc(found) or "").partition("\n\n")[0].replace("\n", " ")


def classes_of(record):
    """Return the full names of the classes that modules for frameworks make of a loss."""
    attributes = {"torch": "loss", "keras": "function", "chemprop": "loss"}
    return [
        f"{module.__name__}.{name}"
        for face, attribute in attributes.items()
        for module in [modules()[f"maskloss.{face}"]]
        for name in _names(module)
        if getattr(getattr(module, name), attribute, None) is record.function
    ]
