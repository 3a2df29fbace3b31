"""The sections that the docstrings of all objectives share."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from .._docstrings import fill

T = TypeVar("T", bound=type)

_SECTIONS = """\
Parameters
----------
loss : callable
    A loss of maskloss that accepts unbounded predictions, such as logits, or a
    `functools.partial` of one.
hessian : float, optional
    A constant Hessian for every observed label, in place of the curvature of the loss: raise it
    if the steps are too long, lower it if they are too short.
missing : float, or tuple or list of float, optional
    Label values that mean missing, such as ``-1``, in addition to `MISSING`.
weight : float or array, optional
    Non-negative weight, which multiplies the weight of the rows: one number, or an array of
    shape (1, targets).
**options
    Further keywords of the loss, such as ``delta`` of `huber_loss`.

Attributes
----------
metric : {metric}
    The mean loss over the observed labels.
params : dict
    Parameters for the library: {params}.

Raises
------
TypeError
    If `loss` is no loss of maskloss, does not accept these keywords, or needs further ones.
ValueError
    If `loss` takes probabilities or their logarithms or couples the samples, `missing` is NaN,
    or `hessian` is not above 0.

Notes
-----
Convert labels by `mark_missing`: the libraries refuse NaN, or silently take it for 0. If a
number of the labels themselves means missing, pass them as they are, with `missing`.

Take the regressor of the library, also for classes. `XGBClassifier` and `LGBMClassifier` refuse
`MISSING`, and `CatBoostClassifier` takes it for one more class in silence (CatBoost 1.2). The
loss takes the predictions of a regressor as they are; for a loss of logits, the probability is
``1 / (1 + exp(-prediction))``.

The libraries' own objectives start at the mean of the labels, or at their log-odds; an objective in
Python starts at 0, and numbers far from 0 then cost many trees. ``objective.start(labels)`` is
the constant with the least loss, per target. {start}

The derivatives are derivatives of the sum of the loss. A minimum Hessian in a leaf and
penalties therefore mean the same as with the library's own objectives. The libraries' own
objectives for numbers use half the squared error: `mse_loss` with ``weight=0.5``.

Boosting divides by the Hessian, which must be above 0 for every observed label. Here it is the
absolute curvature, or the weight of the label where the curvature is 0. A loss that is not
convex has negative curvature in places; its magnitude still gives the length of a step, as in
saddle-free Newton (Dauphin et al. 2014). XGBoost would clip a negative Hessian to 0, and warns
of poor fits. Where a loss is straight, as are `l1_loss`, `quantile_loss` and the flanks of
`huber_loss`, the libraries' own objectives have a Hessian of 1 as well. No tree then moves a
prediction by more than the slope of the loss times the learning rate: scale the labels to about
1, or give a `hessian` of one by the spread of the labels.

For class indices the Hessian is twice the diagonal, an upper bound of the full Hessian of
`cross_entropy`, as in ``multi:softprob`` of XGBoost."""


def documented(*, metric: str, params: str, start: str) -> Callable[[T], T]:
    """Return a decorator that puts the shared sections into the docstring of a class."""

    def decorate(cls: T) -> T:
        sections = _SECTIONS.format(metric=metric, params=params, start=start)
        cls.__doc__ = fill(cls.__doc__, sections=sections)
        return cls

    return decorate
