"""The rows of the reduction of losses that the caller has computed."""

import maskloss as ml
from helpers.case import Case
from tables.cases.regression import _number_range
from tables.oracles import custom as oracles

SHAPE = (4, 5)


def _losses(rng):
    """Make losses of either sign, and labels that a formula of the caller has used."""
    return rng.normal(0, 3, SHAPE), rng.normal(0, 3, SHAPE)


CUSTOM = [
    Case(
        "masked_mean",
        ml.masked_mean,
        _losses,
        oracles.own,
        extremes=_number_range,
        held=("labels",),
    ),
]
