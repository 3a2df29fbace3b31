"""Weights per class, computed from observed labels, for the keywords of losses."""

from __future__ import annotations

import math

from .._arrays.namespace import Namespace, no_autograph
from .._arrays.typing import Array
from .._evaluation.sums import ratio
from .._inputs.missing import Missing
from .._inputs.options import check_fraction, check_integer
from .counts import (
    Counts,
    bind_class_axis,
    check_class_axis,
    count_classes,
    count_positives,
    read_labels,
)
from .docstrings import documented


@no_autograph
@documented
def class_balanced_weight(
    labels: Array,
    *,
    classes: int | None = None,
    beta: float = 0.9999,
    class_axis: int | None = None,
    mask: Array | None = None,
    missing: Missing = None,
) -> Array:
    r"""Weight each class by the inverse of the effective number of its positives.

    .. math:: w_c \propto \frac{1 - \beta}{1 - \beta^{n_c}}

    with :math:`n_c` the number of observed positives of class c. The mean of the weights is 1.

    Parameters
    ----------
    **counted_labels
    beta : float, default: 0.9999
        A number in [0, 1]: 0 gives all classes the same weight, 1 the inverse of :math:`n_c`.
    **class_axis
    **observation

    Returns
    -------
    **class_weight

    Raises
    ------
    TypeError
        If `labels` is no array, has the wrong dtype, or `classes` is no integer.
    ValueError
        If a shape does not fit, `beta` lies outside [0, 1], or, where values can be read, an
        observed label is out of range. Where values cannot be read, all weights are NaN if a class
        index is out of range.

    See Also
    --------
    inverse_frequency_weight : Weight each class by the inverse of its frequency.

    Notes
    -----
    Y. Cui, M. Jia, T.-Y. Lin, Y. Song, S. Belongie, Class-Balanced Loss Based on Effective Number
    of Samples, CVPR 2019, which tries 0.9, 0.99, 0.999 and 0.9999 for `beta`. The authors' code
    gives an infinite weight to a class that does not occur. Here such a class has weight 1, and the
    weights of the other classes add up to their number. All weights add up to C, as in the paper.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> labels = np.asarray([0, 0, 0, 1, -100])
    >>> weight = ml.class_balanced_weight(labels, classes=3, missing=-100)
    >>> weight.round(3)
    array([0.5, 1.5, 1. ])
    >>> logits = np.zeros((5, 3))
    >>> print(f"{ml.cross_entropy(logits, labels, class_weight=weight, missing=-100):.4f}")
    0.8240
    """
    rate = check_fraction("beta", beta)
    counts = _count(labels, classes, class_axis, mask, missing)
    with counts.xp.ignore_fp_errors():
        xp, is_absent = counts.xp, counts.positive <= 0
        number = xp.where(is_absent, 1.0, counts.positive)
        if rate < 1:
            # With t = tanh(n log(beta) / 2), 1 - beta**n is -2 t / (1 - t) without cancellation.
            # `expm1` is off by thousands of epsilons under torch.compile (torch 2.13).
            tanh = xp.tanh(number * (math.log(rate) / 2 if rate else -math.inf))
            number = tanh / (1 - tanh)
        weight, ones = 1 / number, xp.ones_like(number)
        weight_sum, present = (_sum_present(xp, is_absent, each) for each in (weight, ones))
        return xp.where(is_absent, 1.0, weight / ratio(xp, weight_sum, present, 1.0))


@no_autograph
@documented
def inverse_frequency_weight(
    labels: Array,
    *,
    classes: int | None = None,
    class_axis: int | None = None,
    mask: Array | None = None,
    missing: Missing = None,
) -> Array:
    r"""Weight each class by the inverse of the frequency of its positives.

    .. math:: w_c = \frac{\bar f}{f_c}, \quad f_c = \frac{n_c}{N_c}, \quad
        \bar f = \frac{\sum_c n_c}{\sum_c N_c}

    with :math:`n_c` the number of observed positives of class c and :math:`N_c` the number of its
    observed labels. Every observed class index is a label of each class.

    Parameters
    ----------
    **counted_labels
    **class_axis
    **observation

    Returns
    -------
    **class_weight
        No sum includes such a class.

    Raises
    ------
    TypeError
        If `labels` is no array, has the wrong dtype, or `classes` is no integer.
    ValueError
        If a shape does not fit or, where values can be read, an observed label is out of range.
        Where values cannot be read, all weights are NaN if a class index is out of range.

    See Also
    --------
    class_balanced_weight : Weights that grow more slowly with rarity.

    Notes
    -----
    If every class occurs among class indices, the weights are :math:`N / (C n_c)`, as with
    ``class_weight="balanced"`` in scikit-learn. For labels with gaps, the weights depend on the
    frequency of the positives and not on their number: a class that is seldom observed does not
    count as rare.

    Examples
    --------
    Half of the observed labels of each class are positive:

    >>> import numpy as np
    >>> import maskloss as ml
    >>> labels = np.asarray([[1, 0], [1, -1], [0, -1], [0, 1]])
    >>> weight = ml.inverse_frequency_weight(labels, missing=-1)
    >>> weight
    array([[1., 1.]])
    >>> loss = ml.binary_cross_entropy_with_logits(
    ...     np.zeros((4, 2)), labels, weight=weight, missing=-1
    ... )
    >>> print(f"{loss:.4f}")
    0.6931
    """
    counts = _count(labels, classes, class_axis, mask, missing)
    with counts.xp.ignore_fp_errors():
        xp, positive, is_absent = counts.xp, counts.positive, counts.positive <= 0
        numbers = (positive, counts.observed)
        positives, observed = (_sum_present(xp, is_absent, each) for each in numbers)
        mean_frequency = ratio(xp, positives, observed, 1.0)
        weight = mean_frequency * counts.observed / xp.where(is_absent, 1.0, positive)
        return xp.where(is_absent, 1.0, weight)


@no_autograph
@documented
def balanced_pos_weight(
    labels: Array,
    *,
    class_axis: int | None = None,
    mask: Array | None = None,
    missing: Missing = None,
) -> Array:
    r"""Weight the positives of each class so that they count as much as its negatives.

    .. math:: p_c = \frac{N_c - n_c}{n_c}

    with :math:`n_c` the number of observed positives of class c and :math:`N_c` the number of its
    observed labels.

    Parameters
    ----------
    labels : array, shape (..., C) or (N,)
        Labels y in [0, 1] with the classes along the last axis; labels with one axis are of a
        single class. Pass all labels of the training set, or a sample that represents it.
    **class_axis
    **observation

    Returns
    -------
    array, shape (C,) or ()
        The `pos_weight` of `binary_cross_entropy_with_logits`. A class without an observed
        positive or without an observed negative has weight 1.

    Raises
    ------
    TypeError
        If `labels` is no array or has the wrong dtype.
    ValueError
        If a shape does not fit or, where values can be read, an observed label lies outside
        [0, 1].

    Notes
    -----
    The documentation of `torch.nn.BCEWithLogitsLoss` proposes this weight. For a class without an
    observed negative, its formula gives 0, which would remove the class from the loss.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> labels = np.asarray([[1, 0], [0, -1], [0, -1], [0, 0]])
    >>> pos_weight = ml.balanced_pos_weight(labels, missing=-1)
    >>> pos_weight
    array([3., 1.])
    >>> loss = ml.binary_cross_entropy_with_logits(
    ...     np.zeros((4, 2)), labels, pos_weight=pos_weight, missing=-1
    ... )
    >>> print(f"{loss:.4f}")
    0.9242
    """
    known = read_labels(labels, mask, missing)
    with known.xp.ignore_fp_errors():
        xp, shape = known.xp, known.shape
        axis = bind_class_axis(shape, class_axis) if shape else -1
        counts = count_positives(known, axis)
        positive, negative = counts.positive, counts.observed - counts.positive
        is_single = (positive <= 0) | (negative <= 0)
        weight = xp.where(is_single, 1.0, negative / xp.where(is_single, 1.0, positive))
        return xp.reshape(weight, (shape[axis],) if len(shape) > 1 else ())


def _count(
    labels: Array,
    classes: int | None,
    class_axis: int | None,
    mask: Array | None,
    missing: Missing,
) -> Counts:
    """Count the labels of each class; with `classes`, the labels are class indices."""
    if classes is not None:
        classes = check_integer("classes", classes, least=1)
        return count_classes(read_labels(labels, mask, missing, classes=classes), classes)
    known = read_labels(labels, mask, missing)
    shape = known.shape
    if len(shape) < 2:
        msg = (
            f"`labels` must have an axis of rows and one of classes, (N, C), got shape {shape}; "
            f"if they are class indices, give the number of classes as `classes`"
        )
        raise ValueError(msg)
    axis = bind_class_axis(shape, class_axis)
    check_class_axis(shape, axis)
    return count_positives(known, axis)


def _sum_present(xp: Namespace, is_absent: Array, array: Array) -> Array:
    """Sum over the classes that are not absent, and keep all axes."""
    return xp.sum_along(xp.where(is_absent, 0.0, array), tuple(range(len(array.shape))))
