"""Merge classes that a case does not tell apart."""

from __future__ import annotations

import math

from .._arrays.lookup import unify
from .._arrays.masked import refuse_masked_arrays
from .._arrays.namespace import Namespace, no_autograph
from .._arrays.typing import Array
from .._inputs.bound_layout import BoundLayout
from .._inputs.dtypes import as_mask, compute_dtype
from .._inputs.layout import EntryLayout
from .._inputs.options import check_axis, check_integer
from .._math.logsumexp import Along, SoftMaximum


@no_autograph
def merge_classes(
    logits: Array, merged: Array, *, into: int = 0, class_axis: int = -1
) -> tuple[Array, Array]:
    """Merge classes into another, such as organs that a case leaves in its background.

    Parameters
    ----------
    logits : array, shape (..., C)
        Logits, of real floating dtype.
    merged : bool array, shape (C,) or (..., C)
        True where a class is not told apart from the class `into`: for all rows, or an array with
        the dimensions of `logits` and sizes 1 or equal, such as (N, C, 1, 1) for cases.
    into : int, default: 0
        The index of the class whose label they have, such as the background.
    class_axis : int, default: -1
        The axis of the classes in `logits`.

    Returns
    -------
    logits : array, shape (..., C)
        The logits, float32 at least, with the logarithm of the sum of the exponentials of merged
        classes at `into`: their softmax over the classes of the mask has the sum of the merged
        probabilities there.
    mask : bool array, shape (..., C)
        True for the classes that are left, as `class_mask` of `cross_entropy`, or as `mask` of
        `dice_loss` with ``activation="softmax"``.

    Raises
    ------
    TypeError
        If an argument is not an array of the common library or has the wrong dtype.
    ValueError
        If a shape does not fit, or `into` is no class.

    See Also
    --------
    candidate_cross_entropy : The cross-entropy of a label that may be one of several classes.

    Notes
    -----
    The marginal loss of G. Shi, L. Xiao, Y. Chen, S. K. Zhou, Marginal loss and exclusion loss for
    partially supervised multi-organ segmentation, 2021. For `cross_entropy` it is the same as
    `candidate_cross_entropy` with the merged classes as candidates of the label `into`.

    A row with NaN or +inf at `into` or a merged class has NaN at `into`, and no gradient there:
    where the row is missing, nothing reaches its gradient. The library's automatic differentiation
    gives the gradient by the given logits; in NumPy, `value_and_grad` gives the one by the returned
    logits.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> x = np.log(np.asarray([[0.5, 0.2, 0.3], [0.5, 0.2, 0.3]]))
    >>> outlined = np.asarray([[True, True, True], [True, False, True]])
    >>> logits, mask = ml.merge_classes(x, ~outlined)
    >>> np.where(mask, np.exp(logits), 0.0).round(2)
    array([[0.5, 0.2, 0.3],
           [0.7, 0. , 0.3]])
    >>> loss = ml.cross_entropy(logits, np.asarray([0, 0]), class_mask=mask, reduction="none")
    >>> loss.round(4)
    array([0.6931, 0.3567])
    """
    arrays = {"logits": logits, "merged": merged}
    refuse_masked_arrays(arrays)
    xp, given = unify(arrays)
    x = xp.astype(given["logits"], compute_dtype(xp, "logits", given["logits"]))
    shape = xp.shape_of(x)
    (axis,) = EntryLayout(check_axis("class_axis", class_axis)).axes_of("logits", shape)
    index = check_integer("into", into)
    if not -shape[axis] <= index < shape[axis]:
        msg = f"`into` must be the index of one of {shape[axis]} classes, got {index}"
        raise ValueError(msg)
    is_merged = as_mask(xp, given["merged"], x, "merged", "a class is merged")
    layout = BoundLayout(shape, (axis,))
    is_merged = layout.line_up_classes(xp, "merged", is_merged, of_each_row=True)
    is_into = xp.positions_along(x, axis) == index % shape[axis]
    is_left = xp.logical_or(is_into, ~xp.broadcast_to(is_merged, shape))
    is_in = xp.logical_or(is_into, ~is_left)
    return xp.where(is_into, _log_sum(xp, x, is_in, axis), x), is_left


def _log_sum(xp: Namespace, x: Array, is_in: Array, axis: int) -> Array:
    """Return the logarithm of the sum of exponentials; NaN without a gradient where one is not."""
    # A missing row may hold such numbers, whose slope is NaN: 0 times it is not 0.
    is_bad = xp.logical_and(is_in, xp.logical_or(xp.isnan(x), x == math.inf))
    is_bad = xp.any(is_bad, axis=axis, keepdims=True)
    with xp.ignore_fp_errors():
        whole = SoftMaximum(xp, xp.where(is_bad, 0.0, x), is_in, Along(xp, axis))
        return xp.where(is_bad, math.nan, whole.peak + whole.excess)
