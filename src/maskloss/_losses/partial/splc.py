"""SPLC: confident predictions correct unannotated labels."""

from __future__ import annotations

import functools
from typing import Unpack

from ..._arrays.namespace import Namespace
from ..._arrays.typing import Array
from ..._formula import Call, Terms
from ..._inputs.entries import Entries
from ..._inputs.options import Options, check_flag, check_fraction, check_number
from ..._loss import loss
from ..._math.arithmetic import subtraction_error
from ..._math.constants import logit, split
from ..binary.focal import focal_terms
from ..binary.wrong_answer import WrongAnswer, wrong_answer
from .annotation import ANNOTATED, Annotation, document_annotated_labels


@loss(labels=ANNOTATED)
@document_annotated_labels
def splc_loss(
    logits: Array,
    labels: Array,
    *,
    correct: bool = True,
    threshold: float = 0.6,
    margin: float = 1.0,
    gamma: float = 2.0,
    **options: Unpack[Options],
) -> Call:
    r"""Self-paced loss correction (SPLC): confident predictions correct unannotated labels.

    .. math::

        \sigma(-z)^\gamma \log(1 + e^{-z}) \text{ for a positive or corrected label, else }
        \sigma(x)^\gamma \log(1 + e^x)

    where z = x - m for a positive label and z = x for a corrected one: an unannotated label with
    :math:`\sigma(x)` above the threshold.

    Parameters
    ----------
    logits : array
        Logits x, of any shape and real floating dtype. Each element is an entry.
    **labels
    correct : bool, default: True
        Whether to correct labels; the authors do so from the second epoch on.
    threshold : float, default: 0.6
        The probability, in [0, 1], above which an unannotated label counts as positive.
    margin : float, default: 1.0
        The margin m of positives, 0 or more.
    gamma : float, default: 2.0
        Focus, 0 or more.
    **options

    See Also
    --------
    hill_loss : Reduces the gradient of such labels instead.
    large_loss : Corrects a share of the labels of a batch.

    Notes
    -----
    The gradient is not the derivative of the value where a prediction crosses the threshold: the
    value jumps there, and the gradient treats the corrected labels as constants. Both are accurate
    to about 2.5 + gamma machine epsilons.

    Zhang et al., "Simple and Robust Loss Design for Multi-Label Learning with Missing Labels",
    2021. Their code returns the sum and has no annotated negatives; these are not corrected here.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> logits = np.asarray([1.0, 3.0, 3.0, -1.0])
    >>> labels = np.asarray([1, 0, -1, -1])
    >>> ml.splc_loss(logits, labels, reduction="none").round(4)
    array([1.7330e-01, 2.7663e+00, 1.0000e-04, 2.2700e-02])
    """
    threshold = check_fraction("threshold", threshold)
    least = logit(threshold if check_flag("correct", correct) else 1.0)
    margin, gamma = check_number("margin", margin), check_number("gamma", gamma)
    terms = functools.partial(_splc, least=least, margin=margin, gamma=gamma)
    return Call(logits, labels, terms, options)


def _splc(entries: Entries, *, least: tuple[float, float], margin: float, gamma: float) -> Terms:
    # Nothing else of the labels is kept while the terms are computed.
    return focal_terms(_wrong_answer(entries, least, margin), gamma)


def _wrong_answer(entries: Entries, least: tuple[float, float], margin: float) -> WrongAnswer:
    """Return the probability of the wrong answer to corrected labels."""
    xp, x = entries.xp, entries.prediction
    kind = Annotation.from_entries(entries)
    is_likely = _is_above(xp, xp.stop_gradient(x), least)
    corrected = xp.where(is_likely, kind.unannotated, 0.0)
    shift = margin * kind.positive
    shifted = x - shift
    rounding = subtraction_error(xp, x, shift, shifted)
    return wrong_answer(xp, shifted, kind.positive + corrected, rounding)


def _is_above(xp: Namespace, x: Array, least: tuple[float, float]) -> Array:
    """Return whether x is above a number in two parts: a rounded sigmoid would not tell."""
    number, rest = split(*least, float(xp.finfo(x.dtype).eps))
    return x >= number if rest < 0 else x > number
