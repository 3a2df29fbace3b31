"""Divergences between the distributions of a teacher and a student, from the logits of both."""

from __future__ import annotations

from typing import Unpack

from ..._arrays.typing import Array
from ..._formula import Call
from ..._inputs.layout import EntryLayout
from ..._inputs.options import Options, check_axis
from ..._inputs.unused import refuses_unused
from ..._loss import loss
from .divergences import DistillationTerms, Divergence

# Of each divergence, the options without effect.
UNUSED = {"forward": ["beta"], "reverse": ["beta"]}


@loss()
@refuses_unused(divergence=UNUSED)
def distillation_loss(
    logits: Array,
    teacher_logits: Array,
    *,
    divergence: Divergence = "forward",
    beta: float = 0.5,
    temperature: float = 1.0,
    class_axis: int = -1,
    class_mask: Array | None = None,
    **options: Unpack[Options],
) -> Call:
    r"""Divergence of a student's distribution from a teacher's, from the logits of both.

    .. math::
        T^2 \sum_c p_c \log \frac{p_c}{q_c}, \quad p = \mathrm{softmax}(y / T),
        \quad q = \mathrm{softmax}(x / T)

    Parameters
    ----------
    logits : array, shape (..., C)
        Logits x of the student, of real floating dtype. Each row along `class_axis`, such as a
        token, is an entry.
    teacher_logits : array, shape (..., C)
        Logits y of the teacher, of the same shape. A row with a missing number is missing. A class
        with the logit -inf has the probability 0.
    divergence : str, default: "forward"
        ``"forward"``: of the student from the teacher, the formula above. ``"reverse"``: with p and
        q exchanged. ``"jsd"``: the generalised Jensen-Shannon divergence
        :math:`\beta \, \mathrm{KL}(p, m) + (1 - \beta) \, \mathrm{KL}(q, m)` with
        :math:`m = \beta p + (1 - \beta) q`.
    beta : float, default: 0.5
        The share of the teacher in m, above 0 and below 1. Only for ``"jsd"``.
    temperature : float, default: 1.0
        The temperature T, 1e-6 or more. The factor T squared keeps the size of the gradient.
    class_axis : int, default: -1
        The axis of the classes.
    class_mask : bool array, shape (C,) or (..., C), optional
        True where a class takes part, as in `cross_entropy`; the others have probability 0 in both
        distributions, such as the padding of a vocabulary.
    **options

    See Also
    --------
    kl_div : The divergence from log-probabilities.
    kl_penalty : An estimate of the divergence from sampled tokens.

    Notes
    -----
    Hinton et al., Distilling the Knowledge in a Neural Network, 2015; Agarwal et al., On-Policy
    Distillation of Language Models (GKD), 2024, from which ``"jsd"`` and its `beta` are, without
    the factor T squared.

    Value and derivatives are sums of terms of both signs, accurate to a few machine epsilons of the
    largest term; the quotients by a temperature that is no power of 2 add the rounding of x / T,
    abs(x / T) epsilons for the largest logit of a row.
    The value of close distributions is much smaller than its terms, T squared times p log(p): at a
    temperature of 1000 it has no digits in float32.
    With ``"reverse"`` the loss of a class that the teacher excludes is infinite; leave such classes
    out by `class_mask`.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> student = np.asarray([[1.0, 0.0, 0.0], [np.nan, np.nan, np.nan]])
    >>> teacher = np.asarray([[2.0, 0.0, -np.inf], [0.0, 0.0, 0.0]])
    >>> known = np.asarray([True, False])
    >>> print(f"{ml.distillation_loss(student, teacher, mask=known):.4f}")
    0.3053
    """
    formula = DistillationTerms.of(divergence, beta, temperature)
    held = formula.held(is_masked=class_mask is not None)
    layout = EntryLayout(check_axis("class_axis", class_axis), same_shape=True)
    arrays = {"class_mask": class_mask}
    return Call(logits, teacher_logits, formula, options, layout, arrays, held=held)
