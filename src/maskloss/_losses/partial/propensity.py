"""Binary cross-entropy of labels of which a known share is missed."""

from __future__ import annotations

import functools
from typing import Unpack

from ..._arrays.kinds import scalar
from ..._arrays.typing import Array
from ..._formula import Call, Terms
from ..._inputs.domain import Domain
from ..._inputs.entries import Entries
from ..._inputs.options import Options, check_flag
from ..._loss import loss
from ..binary.cross_entropy import binary_terms
from .annotation import UNMARKED_AS_0

_INVERSE = Domain(
    low=1.0,
    meaning="inverse propensities ",
    advice="; the weight is 1 / t of a propensity t in (0, 1]",
)


@loss(labels=UNMARKED_AS_0)
def propensity_scored_loss(
    logits: Array,
    labels: Array,
    *,
    propensity_weight: Array | float,
    non_negative: bool = False,
    **options: Unpack[Options],
) -> Call:
    r"""Propensity-scored binary cross-entropy: an unbiased one, though positives were missed.

    .. math:: w y \log(1 + e^{-x}) + (1 - w y) \log(1 + e^x)

    The weight w is 1 / t, where t is the propensity: the probability that a positive is labelled
    1. All other labels are 0. The expectation of this loss is the binary cross-entropy of the true
    labels.

    Parameters
    ----------
    logits : array
        Logits x, of any shape and real floating dtype. Each element is an entry.
    labels : array
        Labels y of the same shape: 1 where a positive was seen, 0 elsewhere; in [0, 1], bool,
        integer or floating. Mark labels to leave out by `missing`.
    propensity_weight : float or array
        Inverse propensities w, 1 or more: a scalar, one number per class (C,) along the last axis,
        or an array that broadcasts to `logits` with the same number of dimensions. One that is
        infinite, of a label that is never seen, leaves negatives as they are.
    non_negative : bool, default: False
        Clip the loss of each entry at 0, with slope 0 there. Otherwise the loss of a positive with
        a weight above 1 has no lower bound, and its logit grows without end.
    **options

    See Also
    --------
    propensity_weight : Inverse propensities from the numbers of positives.
    assume_negative_loss : Unannotated labels as negatives, of which some are wrong.
    nnpu_loss : Positives whose share is known.

    Notes
    -----
    Jain et al., "Extreme Multi-label Loss Functions for Recommendation, Tagging, Ranking & Other
    Missing Label Applications", 2016, and, for implicit feedback, Saito et al., "Unbiased
    Recommender Learning from Missing-Not-At-Random Implicit Feedback", 2020, which takes the
    popularity ``(counts / counts.max()) ** 0.5`` for t. Small propensities make the mean noisy:
    clip them, as by ``np.maximum(t, 0.1)``. Qaraei et al., 2021, take a convex bound of the loss
    in its place, which is `binary_cross_entropy_with_logits` with ``pos_weight=2 * w - 1``.

    Value and slope are accurate to a few machine epsilons of their larger term. For a weight of 1
    it is `binary_cross_entropy_with_logits`.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> logits, labels = np.asarray([[0.0, 2.0, 2.0]]), np.asarray([[1, 1, 0]])
    >>> weight = np.asarray([4.0, 2.0, 1.0])
    >>> ml.propensity_scored_loss(
    ...     logits, labels, propensity_weight=weight, reduction="none"
    ... ).round(4)
    array([[ 0.6931, -1.8731,  2.1269]])
    """
    terms = functools.partial(
        _scored,
        number=scalar(propensity_weight),
        non_negative=check_flag("non_negative", non_negative),
    )
    return Call(logits, labels, terms, options, arrays={"propensity_weight": propensity_weight})


def _scored(entries: Entries, *, number: float | None, non_negative: bool) -> Terms:
    xp, x = entries.xp, entries.prediction
    weight = entries.per_class("propensity_weight", domain=_INVERSE, fill_value=1.0)
    if weight is None:
        msg = "`propensity_weight` must be a number or an array, got None"
        raise TypeError(msg)
    y = entries.labels
    # A label that was never seen may have the propensity 0.
    positive = xp.where(y == 0, 0.0, y * weight)
    # Of a weight close to 1 in float32, w - 1 would have few digits.
    excess = weight - 1 if number is None else number - 1
    negative = (1 - y) - xp.where(y == 0, 0.0, y * excess)
    terms = binary_terms(xp, x, positive, negative)
    if not non_negative:
        return terms

    def clipped(array: Array) -> Array:
        # The test is `<=`, so that a NaN stays visible.
        return xp.where(terms.value() <= 0, 0.0, array)

    return Terms(
        value=lambda: clipped(terms.value()),
        slope=lambda: clipped(terms.slope()),
        curvature=lambda: clipped(terms.curvature()),
    )
