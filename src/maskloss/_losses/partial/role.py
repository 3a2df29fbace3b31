"""ROLE: learns predictions and estimates of unannotated labels, each from the other."""

from __future__ import annotations

import functools
from typing import Unpack

from ..._arrays.typing import Array
from ..._formula import Call, Terms, mixture
from ..._inputs.entries import Entries
from ..._inputs.layout import EntryLayout
from ..._inputs.options import Options, check_axis, check_number
from ..._loss import loss
from ..._math.logistic import logistic
from ..binary.cross_entropy import weighted_terms
from .annotation import ANNOTATED, document_annotated_labels
from .expected_positive import (
    WHOLE_BATCH,
    annotated_terms,
    expectation_terms,
    total_terms,
)


@loss(labels=ANNOTATED)
@document_annotated_labels
def role_loss(
    logits: Array,
    labels: Array,
    *,
    estimates: Array,
    expected_positives: float,
    class_axis: int = -1,
    **options: Unpack[Options],
) -> Call:
    r"""Regularised online label estimation (ROLE): predictions and estimated labels that agree.

    .. math:: \frac 1 2 \bigl(L(x) + L(z) + H(q, x) + H(p, z)\bigr)

    with :math:`p = \sigma(x)`, :math:`q = \sigma(z)`, L of `expected_positive_loss`, and the mean
    cross-entropy :math:`H(q, x) = \frac 1 n \sum (q \log(1 + e^{-x}) + (1 - q) \log(1 + e^x))` of
    the n observed elements.

    Parameters
    ----------
    logits : array
        Logits x, of any shape with a class axis and real floating dtype. The whole array is one
        entry; `mask` and `missing` apply to its elements.
    **labels
    estimates : array
        Logits z of the estimated labels, of the shape of `logits`: parameters, one per label of the
        training set, which are trained together with the model.
    expected_positives : float
        The number of positive classes per sample, 0 or more.
    class_axis : int, default: -1
        The axis of the classes.
    **options

    See Also
    --------
    expected_positive_loss : The loss L of the predictions alone.

    Notes
    -----
    The gradient is not the derivative of the value: it treats p and q as constants where they serve
    as labels. Automatic differentiation gives the gradient by `logits` and by `estimates`, the
    closed form by `logits`. ``reduction="sums"`` raises a `ValueError`: L needs a whole batch.

    Cole et al., "Multi-Label Learning from Single Positive Labels", CVPR 2021. They add 1e-5 to
    probabilities before they take logarithms; this loss does not.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> logits = np.asarray([[2.0, -1.0, 0.0], [-2.0, 1.0, -3.0]])
    >>> labels = np.asarray([[1, -1, -1], [-1, 1, -1]])
    >>> loss = ml.role_loss(logits, labels, estimates=0 * logits, expected_positives=1.2)
    >>> float(loss.round(4))
    1.0143
    """
    terms = functools.partial(
        _role,
        expected=check_number("expected_positives", expected_positives),
        class_axis=check_axis("class_axis", class_axis),
    )
    layout, arrays = EntryLayout(..., coupled=True), {"estimates": estimates}
    return Call(
        logits,
        labels,
        terms,
        options,
        layout=layout,
        arrays=arrays,
        not_summable_because=WHOLE_BATCH,
    )


def _role(entries: Entries, *, expected: float, class_axis: int) -> Terms:
    xp, x = entries.xp, entries.prediction
    z = entries.alongside("estimates")

    def half(logits: Array, target: Array) -> Terms:
        share = 1 / entries.number
        s = logistic(xp, xp.stop_gradient(target))
        agreement = weighted_terms(xp, logits, s.sigmoid, s.sigmoid_of_negative)
        return mixture(
            (0.5, annotated_terms(entries, logits)),
            (0.5, expectation_terms(entries, logits, expected, class_axis)),
            (0.5, total_terms(entries, mixture((share, agreement)))),
        )

    prediction, estimate = half(x, z), half(z, x)
    return Terms(
        value=lambda: prediction.value() + estimate.value(),
        slope=prediction.slope,
        curvature=prediction.curvature,
    )
