"""The public names, their pages and the names that other faces give a loss."""

import importlib
import inspect
from functools import cache

import maskloss
from maskloss._public import records

FACES = ("torch", "keras", "boosting", "sklearn", "testing")


@cache
def modules():
    """Return the public modules by name."""
    faces = {f"maskloss.{name}": importlib.import_module(f"maskloss.{name}") for name in FACES}
    return {"maskloss": maskloss, **faces}


@cache
def public():
    """Return the page of every public name, by its full name."""
    losses = {record.name for record in records()}
    pages = {}
    for module_name, module in modules().items():
        folder = "/".join(["api", *module_name.split(".")[1:]])
        for name in module.__all__:
            is_loss = module is maskloss and name in losses
            pages[f"{module_name}.{name}"] = f"losses/{name}" if is_loss else f"{folder}/{name}"
    return pages


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
    """Return the full names of the torch and Keras classes of a loss."""
    attributes = {"torch": "loss", "keras": "function"}
    return [
        f"{module.__name__}.{name}"
        for face, attribute in attributes.items()
        for module in [modules()[f"maskloss.{face}"]]
        for name in module.__all__
        if getattr(getattr(module, name), attribute, None) is record.function
    ]
