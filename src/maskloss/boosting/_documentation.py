"""What the docstrings of all objectives share."""

from __future__ import annotations

from typing import TypeVar

from maskloss._docstrings import fill

T = TypeVar("T", bound=type)

_PARTS = {
    "parameters": """\
loss : callable
    A loss of maskloss of predictions that may be any numbers, such as logits, or a
    `functools.partial` of one.
hessian : float, optional
    Use this number for every observed label, instead of the curvature of the loss: large where
    steps are too long, small where they are too short.
missing : float or tuple of float, optional
    Label values that mean missing, such as ``-1``, besides `MISSING`.
weight : float or array, optional
    Non-negative weight, which multiplies that of the rows: one number, or an array of shape
    (1, targets).
**options
    Further keywords of the loss, such as ``delta`` of `huber_loss`.""",
    "errors": """\
TypeError
    If `loss` is no loss of maskloss, does not have these keywords, or needs further ones.
ValueError
    If `loss` is one of probabilities or their logarithms or couples the samples, `missing` is
    NaN, or `hessian` not above 0.""",
    "notes": """\
Labels are those of `mark_missing`, as NaN is refused or silently taken for 0; labels that mark
what is missing by a number of their own are given as they are, with `missing`.

Derivatives are those of the sum of the loss, so that a least Hessian in a leaf and penalties
mean what they do for objectives of the library. Those of numbers are for half the squared
error: `mse_loss` with ``weight=0.5``.

Boosting divides by the Hessian, which must be above 0 where a label is observed. It is the
absolute curvature, and the weight of the label where the curvature is 0. Of the curvature below
0 of a loss that is not convex (XGBoost would clip it to 0, and warns of poor fits), the size
tells how far to go, as in saddle-free Newton (Dauphin et al. 2014). Where a loss is straight,
as `l1_loss`, `quantile_loss` and the flanks of `huber_loss` are, 1 is what the libraries' own
objectives have. No tree then moves a prediction by more than its slope times the learning rate:
scale the labels to about 1, or give `hessian` as one by their spread.

Of class indices it is twice the diagonal, a bound of the whole Hessian of `cross_entropy`, as
in XGBoost's ``multi:softprob``.""",
}


def documented(cls: T) -> T:
    """Put the shared parts into the docstring of a class."""
    cls.__doc__ = fill(cls.__doc__, **_PARTS)
    return cls
