"""Turn labels of a published convention into labels and mask."""

from __future__ import annotations

import functools
import math
import operator

from .._arrays.lookup import unify
from .._arrays.masked import refuse_masked_arrays, split_masked_array
from .._arrays.namespace import Namespace, no_autograph
from .._arrays.typing import Array
from .._inputs.bound_layout import BoundLayout
from .._inputs.dtypes import as_index, as_number, check_labels
from .._inputs.masked_labels import is_array_like
from .._inputs.missing import is_one_of
from .._inputs.options import check_choice, check_integer
from .._inputs.outliers import check_domain
from .counts import check_class_axis, class_domain
from .docstrings import documented
from .encodings import ENCODINGS, Encoding, unnamed_label


@no_autograph
@documented
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
        Labels as published: bool, integer or floating. The mask of `numpy.ma` labels counts as
        well.
    encoding : str
        The name of the convention; see the list below.
    weight : float or array, optional
        The weights of ``"deepchem"``, which are 0 where a label is missing: a scalar, or an array
        with the dimensions of `labels` and sizes 1 or equal.
    classes : int, optional
        The number of classes of ``"index_list"``; by default the length of a list, as in torch.

    Returns
    -------
    labels : array
        0 and 1, soft labels, or class indices, in the dtype of `labels`; 0 where missing.
    mask : bool array
        True where the label is observed.

    Raises
    ------
    TypeError
        If an argument is no array of the common library, has the wrong dtype, or does not go with
        the encoding.
    ValueError
        If no encoding has that name, a shape does not fit, or, where values can be read, a label
        has no meaning in the encoding. Where values cannot be read, such a label stays as it is
        and counts as observed; in an index list it is ignored.

    Notes
    -----
    Authors give the same number different meanings, and a model trains on wrong labels without an
    error. Therefore this function guesses nothing. The encodings:

    **encodings

    Losses for partial labels also use the entries that are not observed. They take labels and mask
    as one array of 1, 0 and -1 with a signed dtype: ``xp.where(mask, labels, -1)``.

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
    check_choice("encoding", encoding, ENCODINGS)
    row = ENCODINGS[encoding]
    _check_keywords(encoding, row, weight, classes)
    arrays = {"labels": labels, **({"weight": weight} if is_array_like(weight) else {})}
    xp, given = unify(arrays)
    weight = given.get("weight", weight)
    refuse_masked_arrays({"weight": weight})
    labels, known = split_masked_array(labels)
    check_labels(xp, "labels", labels, indexed=row.form in {"classes", "list"})
    if row.form == "list":
        return _from_lists(xp, labels, known, classes)
    result, is_named = _translate(xp, labels, row)
    mask = xp.ones_like(is_named) if known is None else known
    if weight is not None:
        mask = xp.logical_and(mask, _is_weighted(xp, labels, weight))
    for missing in (is_one_of(xp, labels, row.missing), _below_zero(xp, labels, row, "missing")):
        # MLX 0.32 computes `&` wrongly under vmap if only one of the two arrays is mapped.
        mask = mask if missing is None else xp.logical_and(mask, ~missing)
    _check_named(xp, encoding, labels, xp.logical_and(mask, ~is_named))
    return xp.where(mask, result, xp.zeros_like(labels)), mask


def _check_keywords(name: str, row: Encoding, weight: object, classes: object) -> None:
    if row.form == "weights" and weight is None:
        msg = f'"{name}" marks missing labels by weights of 0; give the weights as `weight`'
        raise TypeError(msg)
    for keyword, value, form in (("weight", weight, "weights"), ("classes", classes, "list")):
        if value is not None and row.form != form:
            msg = (
                f'`{keyword}` has no meaning in "{name}", got {type(value).__name__}; leave it out'
            )
            raise TypeError(msg)


def _is_weighted(xp: Namespace, labels: Array, weight: Array | float) -> Array:
    array = as_number(xp, "weight", weight, xp.float_dtype, labels)
    layout = BoundLayout(xp.shape_of(labels))
    return layout.line_up(xp, "weight", array) != 0


def _below_zero(xp: Namespace, labels: Array, row: Encoding, meaning: str) -> Array | None:
    """Return where a negative number has this meaning by its sign; None if none can have it."""
    if row.below_zero != meaning or not xp.isdtype(
        labels.dtype, ("signed integer", "real floating")
    ):
        return None
    return (labels < 0) & (labels >= -1) if meaning == "soft" else labels < 0


def _translate(xp: Namespace, labels: Array, row: Encoding) -> tuple[Array, Array]:
    """Return 0 and 1, soft labels or class indices, and the mask of labels that have a meaning."""
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
    """Raise for an observed label without a meaning, if reading it needs no synchronisation."""
    if (
        not xp.is_readable(labels)
        or not xp.is_readable(found := xp.any(is_strange))
        or not bool(found)
    ):
        return
    numbers = xp.astype(xp.stop_gradient(labels), xp.float_dtype)
    is_number = is_strange & ~xp.isnan(numbers)
    least = float(xp.min(xp.where(is_number, numbers, math.inf)))
    raise ValueError(unnamed_label(encoding, least if bool(xp.any(is_number)) else math.nan))


def _from_lists(
    xp: Namespace, labels: Array, known: Array | None, classes: int | None
) -> tuple[Array, Array]:
    """Turn lists of class indices that end with -1 into labels and mask."""
    shape = xp.shape_of(labels)
    check_class_axis(shape)
    length = shape[-1]
    size = length if classes is None else check_integer("classes", classes, least=1)
    index = as_index(xp, labels)
    if known is not None:
        index = xp.where(known, index, size)  # `size` is no class, and does not end a list
    position = xp.arange(length, dtype=index.dtype, **xp.device_of(index))
    position = xp.reshape(position, (1,) * (len(shape) - 1) + (length,))
    end = xp.min(xp.where(index == -1, position, length), axis=-1, keepdims=True)
    is_listed = position < end if known is None else (position < end) & known
    advice = "; a list ends with -1, and its length or `classes` is the number of classes"
    domain = class_domain(size)._replace(advice=advice)
    check_domain(xp, "labels", xp.where(is_listed, index, 0), domain, given=labels)
    result = xp.multi_hot(xp.where(is_listed, index, -1), size)
    return xp.astype(result, labels.dtype), xp.broadcast_to(end >= 0, result.shape)
