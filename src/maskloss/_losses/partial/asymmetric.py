"""Asymmetric loss: focal loss with one focus for positives and one for negatives."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Unpack

from ..._arrays.typing import Array
from ..._formula import Call, Held, Terms, mixture_by_label
from ..._inputs.entries import Entries
from ..._inputs.options import Options, check_flag, check_fraction, check_number
from ..._loss import loss
from ..._math.constants import logit
from ..binary.focal import constant_focus_terms, focal_terms
from ..binary.wrong_answer import WrongAnswer, wrong_answer
from .annotation import UNMARKED_AS_0
from .clipped import clipped_wrong_answer


@loss(labels=UNMARKED_AS_0)
def asymmetric_loss(
    logits: Array,
    labels: Array,
    *,
    gamma_pos: float = 1.0,
    gamma_neg: float = 4.0,
    clip: float = 0.05,
    constant_focus: bool = True,
    **options: Unpack[Options],
) -> Call:
    r"""Asymmetric loss (ASL): cross-entropy that gives confident negatives the least weight.

    .. math::

        -y \, (1 - p)^{\gamma_+} \log p
        - (1 - y) \, p_m^{\gamma_-} \log(1 - p_m), \quad p_m = \max(p - m, 0)

    with :math:`p = \sigma(x)`.

    Parameters
    ----------
    logits : array
        Logits x, of any shape and real floating dtype. Each element is an entry.
    labels : array
        Labels y of the same shape, in [0, 1], hard or soft; bool, integer or floating. Mark
        unannotated labels by `missing`, or use `selective_asymmetric_loss`.
    gamma_pos : float, default: 1.0
        Focus of positives, 0 or more.
    gamma_neg : float, default: 4.0
        Focus of negatives, 0 or more.
    clip : float, default: 0.05
        The margin m, in [0, 1): a negative with a lower probability has the loss 0.
    constant_focus : bool, default: True
        Whether derivatives treat the powers as constants.
    **options

    See Also
    --------
    selective_asymmetric_loss : The same loss for partially annotated labels.
    sigmoid_focal_loss : One focus for positives and negatives.

    Notes
    -----
    The gradient is the derivative of the value only with ``constant_focus=False``. By default the
    gradient treats the powers as constants, and the second derivative is the derivative of this
    gradient.

    Ridnik et al., "Asymmetric Loss For Multi-Label Classification", ICCV 2021. Their code has both
    gradients, by ``disable_torch_grad_focal_loss``, and returns the sum. It clips the loss of a
    positive to 18.4, without a gradient beyond, and mixes the powers for a soft label; here a soft
    label mixes the two losses, as in the paper.

    Value and derivatives are finite at every finite logit, for every focus. For hard labels, value
    and slope are accurate to about 2.5 + gamma machine epsilons, and in float32 to 3 + 2 gamma
    where p - m is small, down to the first float above logit(m). For soft labels, this is the error
    of each of the two losses that are mixed.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> logits = np.asarray([[0.0, 2.0], [np.nan, -4.0]])
    >>> labels = np.asarray([[1.0, 0.0], [-1.0, 0.0]])
    >>> ml.asymmetric_loss(logits, labels, missing=-1, reduction="none").round(4)
    array([[0.3466, 0.8464],
           [0.    , 0.    ]])
    """
    focus = Focus.of(clip, constant=check_flag("constant_focus", constant_focus))
    gammas = check_number("gamma_pos", gamma_pos), check_number("gamma_neg", gamma_neg)
    terms = functools.partial(_asymmetric, focus=focus, gammas=gammas)
    return Call(logits, labels, terms, options, held=Held(14.3))


def _asymmetric(entries: Entries, *, focus: Focus, gammas: tuple[float, float]) -> Terms:
    positive = focus.terms(focus.positive(entries), gammas[0])
    negative = focus.terms(focus.negative(entries), gammas[1])
    return mixture_by_label(entries.xp, entries.labels, positive, negative)


@dataclass(frozen=True, slots=True)
class Focus:
    """The focal terms of positives and negatives that the asymmetric losses share."""

    constant: bool
    clip: float
    root: tuple[float, float]

    @classmethod
    def of(cls, clip: float, *, constant: bool) -> Focus:
        """Return the terms with a margin."""
        clip = check_fraction("clip", clip)
        if clip == 1:
            msg = f"`clip` must be less than 1, where every negative has the loss 0, got {clip!r}"
            raise ValueError(msg)
        return cls(constant, clip, logit(clip))

    @property
    def terms(self) -> Callable[[WrongAnswer, float], Terms]:
        """The focal terms of a wrong answer's probability and a focus."""
        return constant_focus_terms if self.constant else focal_terms

    def positive(self, entries: Entries) -> WrongAnswer:
        """Return the probability of the wrong answer for a positive label."""
        return wrong_answer(entries.xp, entries.prediction, 1.0)

    def negative(self, entries: Entries) -> WrongAnswer:
        """Return the probability of the wrong answer for a negative label, minus the margin."""
        xp, x = entries.xp, entries.prediction
        # The second derivative of log(q) has the square of the margin, which must not underflow.
        if self.clip < math.sqrt(float(xp.finfo(x.dtype).smallest_normal)):
            return wrong_answer(xp, x, 0.0)
        return clipped_wrong_answer(xp, x, self.clip, self.root)
