"""Expected positive regularisation: the number of positives in a batch should be as expected."""

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
from ..binary.cross_entropy import binary_terms
from .annotation import ANNOTATED, Annotation, document_annotated_labels

WHOLE_BATCH = "it compares the expected number of positives with the predictions of a whole batch"


@loss(labels=ANNOTATED)
@document_annotated_labels
def expected_positive_loss(
    logits: Array,
    labels: Array,
    *,
    expected_positives: float,
    class_axis: int = -1,
    **options: Unpack[Options],
) -> Call:
    r"""Cross-entropy of annotated labels, with a penalty on the number of positives (EPR).

    .. math::

        \frac 1 n \sum_{y \ge 0} (y \log(1 + e^{-x}) + (1 - y) \log(1 + e^x))
        + \Bigl(\frac 1 n \sum \sigma(x) - \frac k C\Bigr)^2

    over the n observed elements, with k of C classes expected to be positive.

    Parameters
    ----------
    logits : array
        Logits x, of any shape with a class axis and real floating dtype. The whole array is one
        entry; `mask` and `missing` apply to its elements.
    **labels
    expected_positives : float
        The number k of positive classes per sample, 0 or more.
    class_axis : int, default: -1
        The axis of the C classes.
    **options

    See Also
    --------
    role_loss : Also learns the unannotated labels.

    Notes
    -----
    The gradient is the derivative of the value. ``reduction="sums"`` raises a `ValueError`:
    the second term needs a whole batch.

    Cole et al., "Multi-Label Learning from Single Positive Labels", CVPR 2021, who use k = 1.5
    (VOC), 2.9 (COCO), 1.9 (NUS) and 31.4 (CUB). They have no annotated negatives. They add 1e-5 to
    probabilities before they take logarithms; this loss does not. If elements are missing, the mean
    probability of the observed elements is compared with k / C.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> logits = np.asarray([[2.0, -1.0, 0.0], [-2.0, 1.0, -3.0]])
    >>> labels = np.asarray([[1, -1, -1], [-1, 1, -1]])
    >>> float(ml.expected_positive_loss(logits, labels, expected_positives=1.2).round(4))
    0.074
    """
    terms = functools.partial(
        _expected_positive,
        expected=check_number("expected_positives", expected_positives),
        class_axis=check_axis("class_axis", class_axis),
    )
    layout = EntryLayout(..., coupled=True)
    return Call(logits, labels, terms, options, layout=layout, not_summable_because=WHOLE_BATCH)


def _expected_positive(entries: Entries, *, expected: float, class_axis: int) -> Terms:
    return mixture(
        (1.0, annotated_terms(entries, entries.prediction)),
        (1.0, expectation_terms(entries, entries.prediction, expected, class_axis)),
    )


def annotated_terms(entries: Entries, x: Array) -> Terms:
    """Return the cross-entropy of annotated elements, divided by the number of observed ones."""
    kind = Annotation.from_entries(entries)
    share = (kind.positive + kind.negative) / entries.number
    return total_terms(entries, mixture((share, binary_terms(entries.xp, x, kind.positive))))


def total_terms(entries: Entries, terms: Terms) -> Terms:
    """Sum the terms of the observed elements."""
    return Terms(
        value=lambda: entries.total(terms.value()), slope=terms.slope, curvature=terms.curvature
    )


def expectation_terms(entries: Entries, x: Array, expected: float, class_axis: int) -> Terms:
    """Return the squared difference of the mean probability and the expected one."""
    s = logistic(entries.xp, x)
    gap = entries.total(s.sigmoid) / entries.number - expected / _classes(entries, class_axis)
    step = s.sigmoid_slope / entries.number
    return Terms(
        value=lambda: gap * gap,
        slope=lambda: 2 * gap * step,
        curvature=lambda: 2 * step * step + 2 * gap * (step * s.sigmoid_second_derivative),
    )


def _classes(entries: Entries, class_axis: int) -> int:
    shape = entries.layout.shape
    (axis,) = EntryLayout(class_axis, coupled=True).axes_of("logits", shape)
    return max(shape[axis], 1)
