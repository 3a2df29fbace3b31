"""Partial BCE: binary cross-entropy of a row, weighted by the share of observed labels."""

from __future__ import annotations

import functools
import math
from typing import Unpack

from ..._arrays.typing import Array
from ..._formula import Call, Terms
from ..._inputs.domain import UNIT
from ..._inputs.entries import Entries
from ..._inputs.layout import EntryLayout
from ..._inputs.options import Options, check_axis, check_number
from ..._loss import loss
from ..binary.cross_entropy import binary_terms


@loss(labels=UNIT)
def partial_bce_loss(
    logits: Array,
    labels: Array,
    *,
    class_axis: int = -1,
    alpha: float = -4.45,
    beta: float = 5.45,
    gamma: float = 1.0,
    **options: Unpack[Options],
) -> Call:
    r"""Partial cross-entropy of a row: the fewer labels are observed, the more each counts.

    .. math::

        \frac{g(n / C)}{C} \sum_c (y_c \log(1 + e^{-x_c}) + (1 - y_c) \log(1 + e^{x_c})), \quad
        g(p) = \alpha p^\gamma + \beta

    Parameters
    ----------
    logits : array, shape (..., C)
        Logits x, of real floating dtype. Each row along `class_axis` is an entry. The sum runs over
        the n of its C labels that are observed.
    labels : array, shape (..., C)
        Labels y in [0, 1], hard or soft; bool, integer or floating. `mask` and `missing` apply to
        each label.
    class_axis : int, default: -1
        The axis of the classes.
    alpha : float, default: -4.45
        The factor in g, a finite number.
    beta : float, default: 5.45
        The constant in g, a finite number.
    gamma : float, default: 1.0
        The exponent in g, a finite number.
    **options

    See Also
    --------
    multilabel_soft_margin_loss : The mean of the observed labels of a row.

    Notes
    -----
    The gradient is the derivative of the value.

    Durand et al., "Learning a Deep ConvNet for Multi-label Classification with Partial Labels",
    CVPR 2019. By default, a complete row has the factor 1, and a row with a tenth of its labels
    about 5. ``alpha=1, beta=0, gamma=-1`` divides by n, as other publications under this name do,
    and gives `multilabel_soft_margin_loss`.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> logits = np.asarray([[0.0, 2.0], [np.nan, -1.0]])
    >>> labels = np.asarray([[1, 0], [-1, 0]])
    >>> ml.partial_bce_loss(logits, labels, missing=-1, reduction="none").round(4)
    array([1.41  , 0.5051])
    """
    terms = functools.partial(
        _partial,
        alpha=check_number("alpha", alpha, least=-math.inf),
        beta=check_number("beta", beta, least=-math.inf),
        gamma=check_number("gamma", gamma, least=-math.inf),
    )
    layout = EntryLayout(check_axis("class_axis", class_axis), coupled=True)
    return Call(logits, labels, terms, options, layout=layout)


def _partial(entries: Entries, *, alpha: float, beta: float, gamma: float) -> Terms:
    terms = binary_terms(entries.xp, entries.prediction, entries.labels)
    classes = max(entries.layout.classes, 1)
    share = (entries.number / classes) ** gamma
    # Avoid cancellation: for alpha < 0, a complete row has exactly the factor alpha + beta.
    factor = alpha + beta - alpha * (1 - share) if alpha < 0 else alpha * share + beta
    factor = factor / classes
    return Terms(
        value=lambda: entries.total(factor * terms.value()),
        slope=lambda: factor * terms.slope(),
        curvature=lambda: factor * terms.curvature(),
    )
