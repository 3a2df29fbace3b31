"""The names in the message of an error, and those that the function called has."""

import importlib
import inspect
import pkgutil
import re

import maskloss as ml
import tables.mistakes
from maskloss._registry import REGISTRY
from tables.mistakes.mistake import Mistake

PUBLIC = {*ml.__all__}


def all_mistakes():
    """Return the tables of mistakes by the name of their file."""
    found = {}
    for module in pkgutil.iter_modules(tables.mistakes.__path__):
        names = vars(importlib.import_module(f"tables.mistakes.{module.name}"))
        rows = [row for value in names.values() if isinstance(value, list) for row in value]
        found[module.name] = [row for row in rows if isinstance(row, Mistake)]
    return {name: rows for name, rows in found.items() if rows}


def strangers(message, known):
    """Return what a message puts in backticks that is neither `known` nor a public name.

    ``name=`` and ``name=value`` stand for a keyword, ``name['key']`` and ``name.part`` for a part
    of an argument.
    """
    quoted = (text.removeprefix("maskloss.") for text in re.findall(r"`([^`]*)`", message))
    names = {re.split(r"[=\[.]", text)[0] for text in quoted}
    return names - {*known} - PUBLIC


def parameters_of(function, args=()):
    """Return the names that a message may use: parameters of the function, and of a loss inside."""
    heads = getattr(function, "heads", None)
    if heads is not None:  # an objective, whose messages name the head before its arguments
        heads = heads.values() if isinstance(heads, dict) else heads
        inside = [name for head in heads for name in parameters_of(head.loss)]
        return {*inspect.signature(function).parameters, *inside, *dir(function)}
    losses = [loss for loss in args if getattr(loss, "__name__", "") in REGISTRY]
    of_losses = [name for loss in losses for name in parameters_of(loss)]
    return {*inspect.signature(function).parameters, *of_losses}


def parameters_of_count(loss):
    """Return the names that `maskloss.count` of a loss may use: it takes labels, no prediction."""
    arrays = 3 if loss.record.inputs is None else 2  # features, the matrix of a layer, labels
    others = [*inspect.signature(loss).parameters][arrays:]
    return {*others, "labels", "shape"}
