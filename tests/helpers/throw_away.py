"""A loss that exists while a test runs: a formula and its registration, and no other line."""

from __future__ import annotations

from contextlib import contextmanager
from typing import Unpack

from mpmath import mpf

from helpers.case import Case
from maskloss._arrays.typing import Array
from maskloss._formula import Call, Terms
from maskloss._inputs.options import Options
from maskloss._loss import loss
from maskloss._registry import REGISTRY
from tables.oracles.exact import Exact


def _quartic(entries):
    difference = entries.prediction - entries.labels
    square = difference * difference
    return Terms(
        value=lambda: square * square,
        slope=lambda: 4 * square * difference,
        curvature=lambda: 12 * square,
    )


def quartic_loss(input: Array, target: Array, **options: Unpack[Options]) -> Call:
    """Fourth power of the error.

    Parameters
    ----------
    input : array
        Predictions, of any shape and real floating dtype. An entry is an element.
    target : array
        Numbers of the same shape.
    **options
    """
    return Call(input, target, _quartic, options)


quartic_loss.__module__ = "maskloss._losses.regression.quartic"


def _numbers(rng):
    return rng.normal(0, 1, (4, 5)), rng.normal(0, 1, (4, 5))


def _oracle(x, y):
    difference = mpf(x[0]) - mpf(y)
    return Exact(difference**4, [4 * difference**3], [12 * difference**2])


@contextmanager
def throw_away_case():
    """Register the loss, give a case of it, and take it out of the registry again."""
    before = dict(REGISTRY)
    try:
        yield Case("quartic_loss", loss()(quartic_loss), _numbers, _oracle)
    finally:
        REGISTRY.clear()
        REGISTRY.update(before)
