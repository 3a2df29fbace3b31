"""Mark missing labels by a number, for libraries that accept no missing labels."""

from __future__ import annotations

from typing import Any

import numpy as np

from .._arrays.numpy import xp
from .._arrays.typing import Array
from .._inputs.bound_layout import BoundLayout
from .._inputs.dtypes import as_mask
from .._inputs.missing import Missing
from .._labels.from_table import read_table
from .._signatures import show_types

# Finite, because XGBoost and CatBoost refuse NaN and LightGBM takes NaN for 0; exact in float32,
# the dtype of labels in all three; below 1e6 in magnitude, from which CatBoost 1.2.10 prints "Got
# unsafe target" whatever its verbosity; no integer, so that no classifier takes it for a class.
MISSING = -(1e6 - 2.0**-4)


@show_types
def mark_missing(labels: Any, *, mask: Array | None = None, missing: Missing = None) -> Array:
    """Return labels that the boosting libraries accept, with `MISSING` for a missing label.

    Parameters
    ----------
    labels : array, DataFrame or Series
        Labels, class indices or numbers, in any type that `maskloss.from_table` accepts: NumPy,
        pandas, polars or pyarrow. NaN, ``None``, ``NA``, null and values masked by `numpy.ma` are
        missing.
    mask : bool array, optional
        True where the label is observed: a scalar, or an array with the dimensions of `labels` and
        sizes 1 or equal. Numbers 0 and 1 are accepted as well.
    missing : float, or tuple or list of float, optional
        Further label values that mean missing, such as ``-1``.

    Returns
    -------
    array of float32
        The labels, in the dtype in which XGBoost, LightGBM and CatBoost store them.

    Raises
    ------
    TypeError
        If `labels` is of another type or holds values of another kind, or `mask` holds
        other values than True and False, or 0 and 1.
    ValueError
        If a shape does not fit, or `missing` cannot occur in `labels`.

    Examples
    --------
    >>> import numpy as np
    >>> from maskloss.boosting import MISSING, mark_missing
    >>> mark_missing(np.asarray([[1.0, np.nan], [0.0, 1.0]])) == MISSING
    array([[False,  True],
           [False, False]])
    """
    table = read_table("labels", labels, missing)
    known = table.mask
    if mask is not None:
        layout = BoundLayout(known.shape)
        known &= layout.line_up_mask(xp, as_mask(xp, mask, table.labels))
    return np.where(known, table.labels, MISSING).astype(np.float32)
