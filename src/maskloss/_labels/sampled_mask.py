"""Labels and mask of drawn negatives, for recommenders."""

from __future__ import annotations

from maskloss._arrays.indexing import multi_hot
from maskloss._arrays.namespace import (
    array_namespace,
    index_dtype,
    no_autograph,
    refuse_masked_array,
)
from maskloss._arrays.typing import Array, Namespace, Shape
from maskloss._inputs.domain import Domain, check_domain
from maskloss._labels.counts import check_size


@no_autograph
def sampled_mask(positives: Array, negatives: Array, items: int) -> tuple[Array, Array]:
    """Turn the positives of each row and the negatives drawn for it into labels and mask.

    Each of them observes one item of its row; nothing else is observed.

    Parameters
    ----------
    positives : array, shape (...) or (..., P)
        Indices of the positive items: one for each row, or P with the dimensions of `negatives`,
        where -1 fills up the row.
    negatives : array, shape (..., K)
        Indices of the negative items that were drawn for each row, with -1 for none. With rows of
        size 1, the same for all. An item may be drawn twice, and one that is a positive of its
        row stays positive.
    items : int
        The number of items.

    Returns
    -------
    labels : bool array, shape (..., items)
        True at the positives.
    mask : bool array, shape (..., items)
        True at the positives and at the negatives.

    Raises
    ------
    TypeError
        If an argument is no array of the common library or has the wrong dtype.
    ValueError
        If the shapes do not fit or, where values can be read, an index is no item. Where they
        cannot, such an index observes nothing.

    Notes
    -----
    With `binary_cross_entropy_with_logits` and ``reduction="mean"`` this is the loss of Neural
    Collaborative Filtering: X. He, L. Liao, H. Zhang, L. Nie, X. Hu, T.-S. Chua, WWW 2017. A
    negative that was drawn twice counts once.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> bought = np.asarray([[0, 3], [2, -1]])
    >>> drawn = np.asarray([[1], [0]])
    >>> labels, mask = ml.sampled_mask(bought, drawn, 4)
    >>> np.where(mask, labels.astype(int), -1)
    array([[ 1,  0, -1,  1],
           [ 0, -1,  1, -1]])
    >>> print(f"{ml.binary_cross_entropy_with_logits(np.zeros((2, 4)), labels, mask=mask):.4f}")
    0.6931
    """
    xp = array_namespace({"positives": positives, "negatives": negatives})
    size = check_size("items", items)
    positives = _indices(xp, "positives", positives, size)
    negatives = _indices(xp, "negatives", negatives, size)
    if len(positives.shape) == len(negatives.shape) - 1:
        positives = xp.expand_dims(positives, axis=-1)
    _check_rows(tuple(positives.shape), tuple(negatives.shape))
    labels, drawn = (multi_hot(xp, index, size) for index in (positives, negatives))
    return labels, labels | xp.broadcast_to(drawn, labels.shape)


def _indices(xp: Namespace, name: str, array: Array, size: int) -> Array:
    refuse_masked_array(name, array)
    if not xp.isdtype(array.dtype, "integral"):
        msg = f"`{name}` must be indices of items, integers, got {array.dtype}; cast them"
        raise TypeError(msg)
    index = xp.astype(array, index_dtype(xp))
    check_domain(xp, name, index, Domain(-1, size - 1, meaning="indices of items or -1, "))
    return index


def _check_rows(positives: Shape, negatives: Shape) -> None:
    if (
        len(positives) != len(negatives)
        or not positives
        or any(
            number not in (1, wanted)
            for number, wanted in zip(negatives[:-1], positives[:-1], strict=True)
        )
    ):
        msg = (
            f"`negatives` must have shape (..., K) for `positives` of shape (...) or (..., P), "
            f"got shapes {negatives} and {positives}; reshape one of them, for example (K,) to "
            f"(1, K) where all rows share the drawn negatives"
        )
        raise ValueError(msg)
