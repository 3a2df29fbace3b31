"""Weights from how often each label was seen, for labels that are missed more often if rare."""

from __future__ import annotations

import math

from .._arrays.lookup import array_namespace
from .._arrays.masked import refuse_masked_arrays
from .._arrays.namespace import no_autograph
from .._arrays.typing import Array
from .._inputs.domain import Domain
from .._inputs.dtypes import compute_dtype
from .._inputs.options import check_number
from .._inputs.outliers import in_domain, refuse


@no_autograph
def propensity_weight(counts: Array, *, samples: float, a: float = 0.55, b: float = 1.5) -> Array:
    r"""Weight each label by the inverse of the probability that it is given where it is true.

    .. math:: \frac 1 {t_c} = 1 + C \, (n_c + b)^{-a}, \quad C = (\log N - 1) \, (b + 1)^a

    with :math:`n_c` the number of positives of label c among N samples. Rare labels are missed more
    often than frequent ones.

    Parameters
    ----------
    counts : array
        The numbers of positives :math:`n_c`, one per label, 0 or more; integer or floating. Any
        shape.
    samples : float
        The number of samples N, 3 or more.
    a : float, default: 0.55
        How fast the propensity grows with the number of positives, 0 or more.
    b : float, default: 1.5
        The number that is added to the positives, 0 or more. With 0, the weight of a label without
        a positive is infinite.

    Returns
    -------
    array
        The inverse propensities, 1 or more, in the shape of `counts`: the `propensity_weight` of
        `propensity_scored_loss`, or the `pos_weight` of `binary_cross_entropy_with_logits`.

    Raises
    ------
    TypeError
        If `counts` is no array or has the wrong dtype.
    ValueError
        If a number is out of range or, where values can be read, a count is.

    Notes
    -----
    Jain, Prabhu and Varma, "Extreme Multi-label Loss Functions for Recommendation, Tagging, Ranking
    & Other Missing Label Applications", 2016. They fit ``a=0.5, b=0.4`` for Wikipedia and
    ``a=0.6, b=2.6`` for Amazon, and take the defaults elsewhere.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> ml.propensity_weight(np.asarray([0, 10, 1000]), samples=10_000).round(3)
    array([11.874,  4.547,  1.304])
    """
    xp = array_namespace({"counts": counts})
    refuse_masked_arrays({"counts": counts})
    number = check_number("samples", samples, least=3.0)
    power, offset = check_number("a", a), check_number("b", b)
    if xp.isdtype(counts.dtype, "real floating"):
        dtype = compute_dtype(xp, "counts", counts)
    elif xp.isdtype(counts.dtype, "integral"):
        dtype = xp.float_dtype
    else:
        msg = f"`counts` must be numbers of positives, integer or floating, got {counts.dtype}"
        raise TypeError(msg)
    domain = Domain(0.0, number, meaning="numbers of positives among `samples`, ")
    positive = in_domain(xp, "counts", xp.astype(counts, dtype), domain)
    refuse(xp, "counts", positive, xp.isnan(positive), str(domain), "")
    scale = (math.log(number) - 1) * (offset + 1) ** power
    base = positive + offset
    # A lazy array would divide by 0 after this call, and NumPy would warn.
    inverse = xp.where(base == 0, 1.0, base) ** -power
    return 1 + scale * (xp.where(base == 0, math.inf, inverse) if power > 0 else inverse)
