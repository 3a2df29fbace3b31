"""Weights of classes from the labels that are observed, for keywords of the losses."""

from __future__ import annotations

import math

from maskloss._arrays.namespace import ignore_fp_errors, no_autograph
from maskloss._arrays.summation import total
from maskloss._arrays.typing import Array, Namespace
from maskloss._evaluation.sums import ratio
from maskloss._inputs.missing import Missing
from maskloss._inputs.options import check_fraction
from maskloss._labels.counts import (
    Counts,
    check_class_axis,
    check_size,
    count_classes,
    count_positives,
    read_labels,
)


@no_autograph
def class_balanced_weight(
    labels: Array,
    *,
    classes: int | None = None,
    beta: float = 0.9999,
    mask: Array | None = None,
    missing: Missing = None,
) -> Array:
    r"""Weight of each class by the effective number of its positives.

    .. math:: w_c \propto \frac{1 - \beta}{1 - \beta^{n_c}}

    with :math:`n_c` the observed positives of class c. The mean of the weights is 1.

    Parameters
    ----------
    labels : array, shape (..., C) or any
        Labels y in [0, 1] with the classes along the last axis; or, with `classes`, class indices
        of any shape. All those of the training set, or as many as stand for it.
    classes : int, optional
        The number of classes C that class indices name.
    beta : float, default: 0.9999
        From 0, all weights alike, to 1, weights by the inverse of :math:`n_c`.
    mask : bool array, optional
        True where the label is observed: a scalar, or an array with the dimensions of `labels`
        and sizes 1 or equal.
    missing : float or tuple of float, optional
        Label values that mean missing, such as ``-1`` or ``nan``.

    Returns
    -------
    array
        For class indices of shape (C,), as the `class_weight` of `cross_entropy`. Else with the
        dimensions of `labels` and sizes 1 but C at the end, as the `weight` of any loss whose
        entries are elements. A class without an observed positive has weight 1.

    Raises
    ------
    TypeError
        If `labels` is no array, has the wrong dtype, or `classes` is no integer.
    ValueError
        If a shape does not fit, `beta` lies outside [0, 1], or, where values can be read, an
        observed label is out of range. Where they cannot, the weights of labels of which one is
        no class are NaN.

    See Also
    --------
    inverse_frequency_weight : Weights by the inverse of how often a class occurs.

    Notes
    -----
    Y. Cui, M. Jia, T.-Y. Lin, Y. Song, S. Belongie, Class-Balanced Loss Based on Effective Number
    of Samples, CVPR 2019, which tries 0.9, 0.99, 0.999 and 0.9999 for `beta`. Its code gives an
    infinite weight to a class that does not occur. The weights of the others add up to their
    number here, so that the weights of all classes add up to C as there.

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
    with ignore_fp_errors(labels):
        counts = _count(labels, classes, mask, missing)
        xp, is_absent = counts.xp, counts.positive <= 0
        number = xp.where(is_absent, 1.0, counts.positive)
        if rate < 1:
            # A multiple of 1 - beta**n, exact; the `expm1` of torch.compile is off by thousands of
            # epsilons.
            tanh = xp.tanh(number * (math.log(rate) / 2 if rate else -math.inf))
            number = tanh / (1 - tanh)
        weight, ones = 1 / number, xp.ones_like(number)
        whole, present = (_sum_where(xp, is_absent, each) for each in (weight, ones))
        return xp.where(is_absent, 1.0, weight / ratio(xp, whole, present, 1.0))


@no_autograph
def inverse_frequency_weight(
    labels: Array,
    *,
    classes: int | None = None,
    mask: Array | None = None,
    missing: Missing = None,
) -> Array:
    r"""Weight of each class by how rare its positives are.

    .. math:: w_c = \frac{\bar f}{f_c}, \quad f_c = \frac{n_c}{N_c}, \quad
        \bar f = \frac{\sum_c n_c}{\sum_c N_c}

    with :math:`n_c` the observed positives of class c and :math:`N_c` its observed labels, which
    for class indices are all that are observed.

    Parameters
    ----------
    labels : array, shape (..., C) or any
        Labels y in [0, 1] with the classes along the last axis; or, with `classes`, class indices
        of any shape. All those of the training set, or as many as stand for it.
    classes : int, optional
        The number of classes C that class indices name.
    mask : bool array, optional
        True where the label is observed: a scalar, or an array with the dimensions of `labels`
        and sizes 1 or equal.
    missing : float or tuple of float, optional
        Label values that mean missing, such as ``-1`` or ``nan``.

    Returns
    -------
    array
        For class indices of shape (C,), as the `class_weight` of `cross_entropy`. Else with the
        dimensions of `labels` and sizes 1 but C at the end, as the `weight` of any loss whose
        entries are elements. A class without an observed positive has weight 1, and is in no sum.

    Raises
    ------
    TypeError
        If `labels` is no array, has the wrong dtype, or `classes` is no integer.
    ValueError
        If a shape does not fit or, where values can be read, an observed label is out of range.
        Where they cannot, the weights of class indices of which one is no class are NaN.

    See Also
    --------
    class_balanced_weight : Weights that grow less with rarity.

    Notes
    -----
    For class indices that name every class, the ``class_weight="balanced"`` of scikit-learn,
    :math:`N / (C n_c)`. Of labels with gaps the frequency counts, not the number: a class that is
    seldom observed is not taken for a rare one.

    Examples
    --------
    Half of the observed labels of either class are positive:

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
    with ignore_fp_errors(labels):
        counts = _count(labels, classes, mask, missing)
        xp, positive, is_absent = counts.xp, counts.positive, counts.positive <= 0
        numbers = (positive, counts.observed)
        positives, known = (_sum_where(xp, is_absent, each) for each in numbers)
        frequency = ratio(xp, positives, known, 1.0)
        weight = frequency * counts.observed / xp.where(is_absent, 1.0, positive)
        return xp.where(is_absent, 1.0, weight)


@no_autograph
def balanced_pos_weight(
    labels: Array, *, mask: Array | None = None, missing: Missing = None
) -> Array:
    r"""Weight of the positives of each class that makes them count as much as its negatives.

    .. math:: p_c = \frac{N_c - n_c}{n_c}

    with :math:`n_c` the observed positives of class c and :math:`N_c` its observed labels.

    Parameters
    ----------
    labels : array, shape (..., C) or (N,)
        Labels y in [0, 1], with the classes along the last axis; of one axis, those of one class.
        All those of the training set, or as many as stand for it.
    mask : bool array, optional
        True where the label is observed: a scalar, or an array with the dimensions of `labels`
        and sizes 1 or equal.
    missing : float or tuple of float, optional
        Label values that mean missing, such as ``-1`` or ``nan``.

    Returns
    -------
    array, shape (C,) or ()
        The `pos_weight` of `binary_cross_entropy_with_logits`. A class of which no positive or no
        negative is observed has weight 1.

    Raises
    ------
    TypeError
        If `labels` is no array or has the wrong dtype.
    ValueError
        If a shape does not fit or, where values can be read, an observed label lies outside
        [0, 1].

    Notes
    -----
    The weight that the documentation of `torch.nn.BCEWithLogitsLoss` proposes. Without an observed
    negative its formula gives 0, which would take the class out of the loss.

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
    with ignore_fp_errors(labels):
        known = read_labels(labels, mask, missing)
        xp, shape = known.xp, known.shape
        counts = count_positives(known)
        positive, negative = counts.positive, counts.observed - counts.positive
        is_single = (positive <= 0) | (negative <= 0)
        weight = xp.where(is_single, 1.0, negative / xp.where(is_single, 1.0, positive))
        return xp.reshape(weight, shape[-1:] if len(shape) > 1 else ())


def _count(labels: Array, classes: int | None, mask: Array | None, missing: Missing) -> Counts:
    if classes is not None:
        classes = check_size("classes", classes)
        return count_classes(read_labels(labels, mask, missing, classes=classes), classes)
    known = read_labels(labels, mask, missing)
    shape = known.shape
    if len(shape) < 2:
        msg = (
            f"`labels` must have an axis of rows and one of classes, (N, C), got shape {shape}; "
            f"for class indices, give their number as `classes`"
        )
        raise ValueError(msg)
    check_class_axis(shape)
    return count_positives(known)


def _sum_where(xp: Namespace, is_absent: Array, array: Array) -> Array:
    """Sum over the classes that are not absent, keeping all axes."""
    return total(xp, xp.where(is_absent, 0.0, array), tuple(range(len(array.shape))))
