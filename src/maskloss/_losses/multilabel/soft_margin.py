"""Multi-label soft margin loss: mean binary cross-entropy of a row."""

from __future__ import annotations

from typing import Unpack

from ..._arrays.typing import Array
from ..._formula import Call, Terms
from ..._inputs.domain import UNIT
from ..._inputs.entries import Entries
from ..._inputs.layout import EntryLayout
from ..._inputs.options import Options, check_axis
from ..._loss import loss
from ..binary.cross_entropy import binary_terms


@loss(labels=UNIT)
def multilabel_soft_margin_loss(
    input: Array,
    target: Array,
    *,
    class_axis: int = -1,
    class_weight: Array | float | None = None,
    **options: Unpack[Options],
) -> Call:
    r"""Mean binary cross-entropy of the observed labels of a row, from logits x.

    .. math:: \frac 1 n \sum_c w_c \, (y_c \log(1 + e^{-x_c}) + (1 - y_c) \log(1 + e^{x_c}))

    Parameters
    ----------
    input : array, shape (..., C)
        Logits x, of real floating dtype. Each row along `class_axis` is an entry; n of its C labels
        are observed.
    target : array, shape (..., C)
        Labels y in [0, 1], hard or soft; bool, integer or floating. `mask` and `missing` apply to
        each label.
    class_axis : int, default: -1
        The axis of the classes.
    class_weight : float or array, shape (C,), optional
        Weight w of each class, not counted in any denominator.
    **options

    Notes
    -----
    The same as `torch.nn.functional.multilabel_soft_margin_loss`. For hard labels, value and
    slope are accurate to a few machine epsilons, also for confident rows; for soft ones the slope
    is a difference, accurate to a few epsilons of its larger term. Every row counts the same,
    however many of its labels are observed; in `binary_cross_entropy_with_logits` every label
    counts the same.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> logits = np.asarray([[0.0, 2.0], [np.nan, -1.0]])
    >>> labels = np.asarray([[1, 0], [-1, 0]])
    >>> ml.multilabel_soft_margin_loss(logits, labels, missing=-1, reduction="none").round(4)
    array([1.41  , 0.3133])
    """
    layout = EntryLayout(check_axis("class_axis", class_axis), coupled=True)
    arrays = {"class_weight": class_weight}
    return Call(input, target, _soft_margin, options, layout=layout, arrays=arrays)


def _soft_margin(entries: Entries) -> Terms:
    terms = binary_terms(entries.xp, entries.prediction, entries.labels)
    factor = 1 / entries.number
    class_weight = entries.per_class("class_weight")
    if class_weight is not None:
        factor = factor * class_weight
    return Terms(
        value=lambda: entries.total(factor * terms.value()),
        slope=lambda: factor * terms.slope(),
        curvature=lambda: factor * terms.curvature(),
    )
