"""Weights per entry and per row, computed from observed labels, for the keywords of losses."""

from __future__ import annotations

import math

from .._arrays.kinds import scalar, shown
from .._arrays.namespace import Namespace, no_autograph
from .._arrays.typing import Array, Shape
from .._inputs.domain import NON_NEGATIVE
from .._inputs.dtypes import as_number
from .._inputs.missing import Missing
from .._inputs.options import check_number
from .._inputs.outliers import in_domain
from .._math.logistic import logistic
from .counts import (
    bind_class_axis,
    check_class_axis,
    count_positives,
    read_labels,
)
from .docstrings import documented


@no_autograph
@documented
def distribution_balanced_weight(
    labels: Array,
    *,
    counts: Array | None = None,
    alpha: float = 0.1,
    beta: float = 10.0,
    mu: float = 0.2,
    class_axis: int | None = None,
    mask: Array | None = None,
    missing: Missing = None,
) -> Array:
    r"""Weight each entry against oversampling of its class through the other labels of its row.

    .. math:: w_{ic} = \alpha + \mathrm{sigmoid}(\beta (r_{ic} - \mu)), \quad
        r_{ic} = \frac{1 / n_c}{\sum_k y_{ik} / n_k}

    with :math:`n_c` the number of observed positives of class c. The sum is over the observed
    labels of the row.

    Parameters
    ----------
    **class_labels
    counts : array, shape (C,), optional
        The :math:`n_c` of the training set, if `labels` are one batch: numbers of positives, or
        shares of all rows. By default the function counts the positives in `labels`.
    alpha : float, default: 0.1
        The lower bound of the weights, 0 or more.
    beta : float, default: 10.0
        The slope at which the weight grows with r, more than 0.
    mu : float, default: 0.2
        The r at which the weight is halfway between its bounds, 0 or more.
    **class_axis
    **observation

    Returns
    -------
    array
        The `weight` of any loss whose entries are elements, in the shape of `labels`. A missing
        entry has the weight that its row and class give. A row without an observed positive has
        weight :math:`\alpha + 1`. A class without an observed positive counts as the rarest class.

    Raises
    ------
    TypeError
        If an argument is no array of the common library, or has the wrong dtype.
    ValueError
        If a shape does not fit, a number is out of range, or, where values can be read, an
        observed label lies outside [0, 1] or a count is negative.

    Notes
    -----
    T. Wu, Q. Huang, Z. Liu, Y. Wang, D. Lin, Distribution-Balanced Loss for Multi-Label
    Classification in Long-Tailed Datasets, ECCV 2020. The defaults are the parameters of the
    authors' code for COCO; for VOC, its `mu` is 0.3. In that code a missing label of -1 still
    enters the sum, and the weights of negatives are later divided by the scale of their logits:
    ``xp.where(labels == 1, w, w / 2)`` for COCO, with 5 in place of 2 for VOC.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> labels = np.asarray([[1, 1], [1, -1], [1, 0]])
    >>> weight = ml.distribution_balanced_weight(labels, missing=-1)
    >>> weight.round(3)
    array([[0.722, 1.096],
           [1.1  , 1.1  ],
           [1.1  , 1.1  ]])
    >>> loss = ml.binary_cross_entropy_with_logits(
    ...     np.zeros((3, 2)), labels, weight=weight, missing=-1
    ... )
    >>> print(f"{loss:.4f}")
    0.7095
    """
    least = check_number("alpha", alpha)
    slope = check_number("beta", beta, above=True)
    middle = check_number("mu", mu)
    known = read_labels(labels, mask, missing, others={"counts": counts})
    with known.xp.ignore_fp_errors():
        xp, shape = known.xp, known.shape
        axis = _class_axis(shape, class_axis)
        if counts is None:
            number = count_positives(known, axis).positive
        else:
            number = _given_counts(xp, counts, known.values, axis)
        rarity = _rarity(xp, number, axis)
        rate = xp.sum_along(known.values * rarity, (axis,))
        is_empty = rate <= 0
        excess = rarity / xp.where(is_empty, 1.0, rate)
        weight = logistic(xp, slope * (excess - middle)).sigmoid
        return least + xp.where(is_empty, 1.0, weight)


def _class_axis(shape: Shape, class_axis: int | None) -> int:
    """Return the axis of the classes, of which there is at least one, counted from the front."""
    axis = bind_class_axis(shape, class_axis) if shape else -1
    check_class_axis(shape, axis)
    return axis


def _given_counts(xp: Namespace, counts: Array, labels: Array, axis: int) -> Array:
    """Check the numbers of positives per class, and broadcast them against the labels."""
    size = labels.shape[axis]
    array = as_number(xp, "counts", counts, labels.dtype, labels)
    if tuple(array.shape) != (size,):
        msg = (
            f"`counts` must have shape ({size},), one number per class of `labels` of shape "
            f"{tuple(labels.shape)}, got shape {tuple(array.shape)}"
        )
        raise ValueError(msg)
    array = in_domain(xp, "counts", xp.astype(array, labels.dtype), NON_NEGATIVE)
    return xp.reshape(array, tuple(size if k == axis else 1 for k in range(len(labels.shape))))


def _rarity(xp: Namespace, counts: Array, axis: int) -> Array:
    """Divide the least positive count by each count; a class without positives has rarity 1."""
    is_absent = counts <= 0
    least = xp.min(xp.where(is_absent, math.inf, counts), axis=axis, keepdims=True)
    return xp.where(is_absent, 1.0, least / xp.where(is_absent, 1.0, counts))


@no_autograph
@documented
def partial_label_weight(
    labels: Array,
    *,
    alpha: float = -4.45,
    beta: float = 5.45,
    gamma: float = 1.0,
    class_axis: int | None = None,
    mask: Array | None = None,
    missing: Missing = None,
) -> Array:
    r"""Weight each row by the share of its labels that are observed.

    .. math:: w_i = \alpha \, p_i^\gamma + \beta

    with :math:`p_i` the share of the classes that are observed in row i.

    Parameters
    ----------
    **class_labels
    alpha : float, default: -4.45
        The factor of the power of the share.
    beta : float, default: 5.45
        The offset: the limit of the weight as the share goes to 0, if `gamma` is positive.
    gamma : float, default: 1.0
        The exponent of the share.
    **class_axis
    **observation

    Returns
    -------
    array
        The `weight` of any loss whose entries are elements, in the shape of `labels` with size 1
        along the class axis: (N, 1). A row without an observed label has
        weight 1.

    Raises
    ------
    TypeError
        If `labels` is no array or has the wrong dtype, or a parameter is no number.
    ValueError
        If a shape does not fit, the parameters give some row a negative weight, or, where values
        can be read, an observed label lies outside [0, 1].

    Notes
    -----
    T. Durand, N. Mehrasa, G. Mori, Learning a Deep ConvNet for Multi-label Classification with
    Partial Labels, CVPR 2019. Binary cross-entropy with this weight and
    ``reduction="mean_over_all"`` is the partial binary cross-entropy of that paper: a row with all
    labels observed has weight 1, a row with a tenth of them weight 5. With ``alpha=1, beta=0,
    gamma=-1`` the loss of each row is divided by the number of its observed labels instead, as in
    other public code under the same name.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> labels = np.asarray([[1, 0, 0, 1], [1, -1, -1, -1]])
    >>> weight = ml.partial_label_weight(labels, missing=-1)
    >>> weight
    array([[1.    ],
           [4.3375]])
    >>> loss = ml.binary_cross_entropy_with_logits(
    ...     np.zeros((2, 4)), labels, weight=weight, missing=-1, reduction="mean_over_all"
    ... )
    >>> print(f"{loss:.4f}")
    0.7224
    """
    factor, offset = _finite("alpha", alpha), _finite("beta", beta)
    power = _finite("gamma", gamma)
    known = read_labels(labels, mask, missing)
    with known.xp.ignore_fp_errors():
        axis = _class_axis(known.shape, class_axis)
        size = known.shape[axis]
        # A power is monotonic: its extremes are at the least and the greatest share of a row.
        extremes = [factor * _power(share, power) + offset for share in (1 / size, 1.0)]
        for extreme in extremes:
            if not 0 <= extreme < math.inf:
                msg = (
                    f"`alpha`={alpha!r}, `beta`={beta!r} and `gamma`={gamma!r} give rows of "
                    f"{size} classes a weight of {extreme:g}; a weight is finite and 0 or more"
                )
                raise ValueError(msg)
        xp = known.xp
        share = xp.sum_along(known.ones, (axis,)) / size
        is_empty = share == 0
        weight = factor * xp.where(is_empty, 1.0, share) ** power + offset
        return xp.where(is_empty, 1.0, weight)


def _power(base: float, exponent: float) -> float:
    try:
        return float(base**exponent)
    except OverflowError:
        return math.inf


def _finite(name: str, value: float) -> float:
    number = scalar(value)
    if number is None or isinstance(number, bool):
        msg = f"`{name}` must be a number, got {shown(value)}"
        raise TypeError(msg)
    if not math.isfinite(number):
        msg = f"`{name}` must be finite, got {shown(value)}"
        raise ValueError(msg)
    return float(number)
