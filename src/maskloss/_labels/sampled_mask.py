"""Labels and mask from sampled negatives, for recommender systems."""

from __future__ import annotations

from .._arrays.lookup import unify
from .._arrays.masked import refuse_masked_arrays
from .._arrays.namespace import Namespace, no_autograph
from .._arrays.typing import Array, Shape
from .._inputs.domain import Domain
from .._inputs.dtypes import as_index
from .._inputs.options import check_integer
from .._inputs.outliers import check_domain


@no_autograph
def sampled_mask(positives: Array, negatives: Array, items: int) -> tuple[Array, Array]:
    """Turn the positives and the sampled negatives of each row into labels and mask.

    Each positive and each sampled negative observes one item of its row; all other items are
    missing.

    Parameters
    ----------
    positives : array, shape (...) or (..., P)
        Indices of the positive items: one per row, or P per row with the dimensions of `negatives`.
        -1 pads a row with fewer positives.
    negatives : array, shape (..., K)
        Indices of the negative items sampled for each row, with -1 as padding. Axes of size 1 share
        the negatives between rows. An item may be sampled twice, and a positive of a row stays
        positive if it is sampled as well.
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
        If the shapes do not fit or, where values can be read, an index is no item. Where values
        cannot be read, such an index observes nothing.

    Notes
    -----
    `binary_cross_entropy_with_logits` with these labels and mask and ``reduction="mean"`` is the
    loss of Neural Collaborative Filtering: X. He, L. Liao, H. Zhang, L. Nie, X. Hu, T.-S. Chua,
    WWW 2017. A negative that was sampled twice counts once.

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
    xp, given = unify({"positives": positives, "negatives": negatives})
    positives, negatives = given["positives"], given["negatives"]
    size = check_integer("items", items, least=1)
    positives = _indices(xp, "positives", positives, size)
    negatives = _indices(xp, "negatives", negatives, size)
    if len(positives.shape) == len(negatives.shape) - 1:
        positives = xp.expand_dims(positives, axis=-1)
    _check_rows(tuple(positives.shape), tuple(negatives.shape))
    labels, sampled = (xp.multi_hot(index, size) for index in (positives, negatives))
    return labels, labels | xp.broadcast_to(sampled, labels.shape)


def _indices(xp: Namespace, name: str, array: Array, size: int) -> Array:
    """Check indices of items, or -1 as padding, and cast them to the index dtype."""
    refuse_masked_arrays({name: array})
    if not xp.isdtype(array.dtype, "integral"):
        msg = f"`{name}` must be indices of items, integers, got {array.dtype}; cast them"
        raise TypeError(msg)
    index = as_index(xp, array)
    domain = Domain(-1, size - 1, meaning="indices of items or -1, ")
    check_domain(xp, name, index, domain, given=array)
    return index


def _check_rows(positives: Shape, negatives: Shape) -> None:
    """Raise unless the rows of the negatives broadcast to the rows of the positives."""
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
            f"(1, K) if all rows share the sampled negatives"
        )
        raise ValueError(msg)
