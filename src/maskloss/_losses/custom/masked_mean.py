"""The masked reduction of losses that the caller has computed."""

from __future__ import annotations

from typing import Unpack

from ..._arrays.typing import Array
from ..._formula import Call, Terms
from ..._inputs.entries import Entries
from ..._inputs.options import Options
from ..._loss import loss


@loss()
def masked_mean(values: Array, labels: Array | None = None, **options: Unpack[Options]) -> Call:
    """Mean of the observed values, or another reduction: for losses of your own formula.

    Parameters
    ----------
    values : array
        Losses of any sign, of any shape and real floating dtype. Each element is an entry.
    labels : array, optional
        Labels of the same shape, in which `missing` is looked for. They do not change the loss.
        Without them, `missing` is looked for in the values: ``missing=nan`` leaves out NaN.
    **options

    See Also
    --------
    fill_unobserved : Makes your own formula safe where nothing is observed.

    Notes
    -----
    A value that is not observed has no effect, also if it is NaN, and its gradient is 0. But a
    formula before it may turn that 0 into NaN: 0 times an infinite slope is NaN. Fill its inputs
    where they are not observed first, by `fill_unobserved`.

    Weights are 0 or more, as for every loss. Factors of either sign, such as advantages, belong to
    the values: multiply the losses by them.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> losses = np.asarray([[1.0, -3.0, np.nan], [4.0, np.inf, np.inf]])
    >>> known = np.asarray([[True, True, False], [True, False, False]])
    >>> print(f"{ml.masked_mean(losses, mask=known):.4f}")
    0.6667
    >>> float(ml.masked_mean(losses, mask=known, reduction="samples"))
    1.5
    """
    return Call(values, labels, _own_values, options, may_lack_labels=True)


def _own_values(entries: Entries) -> Terms:
    xp, x = entries.xp, entries.prediction
    return Terms(
        value=lambda: x,
        slope=lambda: xp.ones_like(x),
        curvature=lambda: xp.zeros_like(x),
    )
