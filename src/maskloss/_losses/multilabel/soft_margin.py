"""Losses of a row of yes-or-no labels, several of which may be yes."""

from __future__ import annotations

from typing import Unpack

from maskloss._arrays.typing import Array
from maskloss._formula import Call, Terms
from maskloss._inputs.domain import UNIT
from maskloss._inputs.entries import Entries
from maskloss._inputs.layout import EntryLayout
from maskloss._inputs.options import Options, check_axis
from maskloss._loss import loss
from maskloss._losses.binary.cross_entropy import binary_terms


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
        Logits x, of real floating dtype. An entry is a row along `class_axis`, of whose C labels
        n are observed.
    target : array, shape (..., C)
        Labels y, in [0, 1], hard or soft; bool, integer or floating. `mask` and `missing` tell of
        each.
    class_axis : int, default: -1
        The axis of the classes.
    class_weight : float or array, shape (C,), optional
        Weight w of each class, in no denominator.
    **options

    Notes
    -----
    `torch.nn.functional.multilabel_soft_margin_loss`, exact to a few machine epsilons also for
    confident positives. Rows count alike however many of their labels are observed;
    `binary_cross_entropy_with_logits` counts labels alike.

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
    of_label = binary_terms(entries.xp, entries.prediction, entries.labels)
    factor = 1 / entries.number
    class_weight = entries.per_class("class_weight")
    if class_weight is not None:
        factor = factor * class_weight
    return Terms(
        value=lambda: entries.total(factor * of_label.value()),
        slope=lambda: factor * of_label.slope(),
        curvature=lambda: factor * of_label.curvature(),
    )
