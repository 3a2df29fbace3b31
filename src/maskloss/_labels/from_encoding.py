"""From the conventions in which labels with gaps are published to labels and mask."""

from __future__ import annotations

import functools
import math
import operator

from maskloss._arrays.indexing import multi_hot
from maskloss._arrays.namespace import (
    array_namespace,
    floating_dtype,
    index_dtype,
    is_readable,
    no_autograph,
    on_device_of,
    refuse_masked_array,
    shape_of,
    split_masked_array,
    stop_gradient,
)
from maskloss._arrays.typing import Array, Namespace
from maskloss._docstrings import fill
from maskloss._inputs.domain import check_domain
from maskloss._inputs.dtypes import as_number, check_labels
from maskloss._inputs.entries import is_array_like
from maskloss._inputs.layout import BoundLayout
from maskloss._inputs.missing import is_one_of
from maskloss._labels.counts import check_class_axis, check_size, class_domain
from maskloss._labels.encodings import Encoding, documentation, encoding_called, not_named


@no_autograph
def from_encoding(
    labels: Array,
    encoding: str,
    *,
    weight: Array | float | None = None,
    classes: int | None = None,
) -> tuple[Array, Array]:
    """Turn labels in a published convention into labels and mask, as every loss takes them.

    Parameters
    ----------
    labels : array
        Labels as they were published; bool, integer or floating. The mask of `numpy.ma` labels
        counts as well.
    encoding : str
        The name of the convention, from the list below.
    weight : float or array, optional
        The weights of ``"deepchem"``, which are 0 where a label is missing: a scalar, or an array
        with the dimensions of `labels` and sizes 1 or equal.
    classes : int, optional
        The number of classes of ``"index_list"``; by default the length of a list, as in torch.

    Returns
    -------
    labels : array
        0 and 1, or class indices, in the dtype of `labels`; 0 where missing.
    mask : bool array
        True where the label is observed.

    Raises
    ------
    TypeError
        If an argument is no array of the common library, has the wrong dtype, or does not go with
        the encoding.
    ValueError
        If no encoding has that name, a shape does not fit, or, where values can be read, a label
        has no meaning in the encoding. Where they cannot, such a label stays as it is and counts
        as observed; of an index list it is left out.

    Notes
    -----
    One number means different things to different authors, and a wrong guess trains without an
    error, so that nothing is guessed here. The encodings:

    **encodings

    Losses of partial labels, which make something of what is not observed, take the pair as one
    array of 1, 0 and -1: ``xp.where(mask, labels, -1)``, of a signed dtype.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> files = np.asarray([[1.0, -1.0], [np.nan, 0.0]])
    >>> labels, mask = ml.from_encoding(files, "chexpert_blank_missing")
    >>> labels
    array([[1., 0.],
           [0., 0.]])
    >>> mask
    array([[ True, False],
           [False,  True]])
    >>> loss = ml.binary_cross_entropy_with_logits(np.zeros((2, 2)), labels, mask=mask)
    >>> print(f"{loss:.4f}")
    0.6931
    """
    row = encoding_called(encoding)
    _check_keywords(encoding, row, weight, classes)
    arrays = {"labels": labels, **({"weight": weight} if is_array_like(weight) else {})}
    xp = array_namespace(arrays)
    refuse_masked_array("weight", weight)
    labels, known = split_masked_array(labels)
    check_labels(xp, "labels", labels, indexed=row.form in {"classes", "list"})
    if row.form == "list":
        return _from_lists(xp, labels, known, classes)
    result, is_named = _translate(xp, labels, row)
    mask = xp.ones_like(is_named) if known is None else known
    if weight is not None:
        mask = xp.logical_and(mask, _is_weighted(xp, labels, weight))
    for missing in (is_one_of(xp, labels, row.missing), _below_zero(xp, labels, row, "missing")):
        # Not `&`, which MLX gets wrong under vmap where only one of two arrays is mapped.
        mask = mask if missing is None else xp.logical_and(mask, ~missing)
    _check_named(xp, encoding, labels, xp.logical_and(mask, ~is_named))
    return xp.where(mask, result, xp.zeros_like(labels)), mask


from_encoding.__doc__ = fill(from_encoding.__doc__, encodings=documentation())


def _check_keywords(name: str, row: Encoding, weight: object, classes: object) -> None:
    if row.form == "weights" and weight is None:
        msg = f'"{name}" tells what is missing by weights of 0; give them as `weight`'
        raise TypeError(msg)
    for keyword, value, form in (("weight", weight, "weights"), ("classes", classes, "list")):
        if value is not None and row.form != form:
            msg = (
                f'`{keyword}` has no meaning in "{name}", got {type(value).__name__}; leave it out'
            )
            raise TypeError(msg)


def _is_weighted(xp: Namespace, labels: Array, weight: Array | float) -> Array:
    array = as_number(xp, "weight", weight, floating_dtype(xp), labels)
    layout = BoundLayout(shape_of(labels))
    return layout.line_up(xp, "weight", array) != 0


def _below_zero(xp: Namespace, labels: Array, row: Encoding, meaning: str) -> Array | None:
    """Return where the sign alone gives a label that meaning; None where it never does."""
    if row.below_zero != meaning or not xp.isdtype(
        labels.dtype, ("signed integer", "real floating")
    ):
        return None
    return (labels < 0) & (labels >= -1) if meaning == "soft" else labels < 0


def _translate(xp: Namespace, labels: Array, row: Encoding) -> tuple[Array, Array]:
    """Return 0 and 1, soft labels or class indices, and where the encoding names one of them."""
    if row.form == "classes":
        return labels, labels >= 0
    is_positive = is_one_of(xp, labels, row.positive)
    is_negative = is_one_of(xp, labels, row.negative)
    is_soft = _below_zero(xp, labels, row, "soft")
    result = xp.where(is_positive, xp.ones_like(labels), labels)
    if is_negative is not None:
        result = xp.where(is_negative, xp.zeros_like(labels), result)
    if is_soft is not None:
        result = xp.where(is_soft, -labels, result)
    given = [where for where in (is_positive, is_negative, is_soft) if where is not None]
    return result, functools.reduce(operator.or_, given)


def _check_named(xp: Namespace, encoding: str, labels: Array, is_strange: Array) -> None:
    """Refuse an observed label that has no meaning, where reading it costs no synchronisation."""
    if not is_readable(labels) or not is_readable(found := xp.any(is_strange)) or not bool(found):
        return
    numbers = xp.astype(stop_gradient(labels), floating_dtype(xp))
    is_number = is_strange & ~xp.isnan(numbers)
    least = float(xp.min(xp.where(is_number, numbers, math.inf)))
    raise ValueError(not_named(encoding, least if bool(xp.any(is_number)) else math.nan))


def _from_lists(
    xp: Namespace, labels: Array, known: Array | None, classes: int | None
) -> tuple[Array, Array]:
    shape = shape_of(labels)
    check_class_axis(shape)
    length = shape[-1]
    size = length if classes is None else check_size("classes", classes)
    index = xp.astype(labels, index_dtype(xp))
    if known is not None:
        index = xp.where(known, index, size)  # names no class and ends no list
    place = xp.arange(length, dtype=index.dtype, **on_device_of(xp, index))
    place = xp.reshape(place, (1,) * (len(shape) - 1) + (length,))
    end = xp.min(xp.where(index == -1, place, length), axis=-1, keepdims=True)
    is_listed = place < end if known is None else (place < end) & known
    advice = "; a list ends with -1, and its length or `classes` is the number of classes"
    domain = class_domain(size)._replace(advice=advice)
    check_domain(xp, "labels", xp.where(is_listed, index, 0), domain)
    result = multi_hot(xp, xp.where(is_listed, index, -1), size)
    return xp.astype(result, labels.dtype), xp.broadcast_to(end >= 0, result.shape)
