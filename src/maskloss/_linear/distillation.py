"""The divergence from a teacher, of a linear layer whose logits are never all in memory."""

from __future__ import annotations

from typing import Unpack

from .._arrays.typing import Array
from .._inputs.domain import REAL
from .._inputs.layout import CLASS_AXIS, EntryLayout
from .._inputs.options import Options
from .._inputs.unused import refuses_unused
from .._losses.tokens.distillation import UNUSED
from .._losses.tokens.divergences import DistillationTerms, Divergence
from .layer import LinearCall
from .losses import linear_loss


@linear_loss(labels=REAL)
@refuses_unused(divergence=UNUSED)
def linear_distillation_loss(
    features: Array,
    linear_weight: Array,
    teacher: Array,
    linear_bias: Array | None = None,
    *,
    teacher_weight: Array | None = None,
    teacher_bias: Array | None = None,
    divergence: Divergence = "forward",
    beta: float = 0.5,
    temperature: float = 1.0,
    class_mask: Array | None = None,
    **options: Unpack[Options],
) -> LinearCall:
    r"""Divergence of softmax(W h + b) from a teacher, without all logits in memory at a time.

    .. math::
        T^2 \sum_c p_c \log \frac{p_c}{q_c}, \quad p = \mathrm{softmax}(y / T),
        \quad q = \mathrm{softmax}((W h + b) / T), \quad y = V g + a

    Parameters
    ----------
    features : array, shape (..., D)
        Features h of the student, such as the hidden states of tokens, of real floating dtype. Each
        row is an entry.
    linear_weight : array, shape (C, D)
        Matrix W of the student with one row per class, of real floating dtype.
    teacher : array, shape (..., E) or (..., C)
        With `teacher_weight`, features g of the teacher; without it, its logits y. A row with a
        missing number is missing.
    linear_bias : array, shape (C,), optional
        Bias b of the student, of real floating dtype.
    teacher_weight : array, shape (C, E), optional
        Matrix V of the teacher. The classes are those of the student.
    teacher_bias : array, shape (C,), optional
        Bias a of the teacher, with `teacher_weight`.
    divergence : str, default: "forward"
        ``"forward"``, ``"reverse"`` or ``"jsd"``, as in `distillation_loss`.
    beta : float, default: 0.5
        The share of the teacher in the mixture of ``"jsd"``, above 0 and below 1.
    temperature : float, default: 1.0
        The temperature T, 1e-6 or more.
    class_mask : bool array, shape (C,) or (..., C), optional
        True where a class takes part, as in `cross_entropy`; the others, such as the padding of a
        vocabulary, have the probability 0 in both distributions.
    **options

    Returns
    -------
    array or Sums
        The reduced loss, in the widest dtype of features, weight and bias, float32 at least; a
        `Sums` for ``reduction="sums"``.

    See Also
    --------
    distillation_loss : The same of the logits of both.

    Notes
    -----
    The same as `distillation_loss` of ``features @ linear_weight.T + linear_bias`` and the logits
    of the teacher; the notes of `linear_cross_entropy` apply. Features of a missing row, of the
    student and of the teacher, have no effect on the value or on a gradient.

    The teacher is constant: `value_and_grad` gives the gradients by features, weight and bias of
    the student. In torch and JAX, automatic differentiation by the teacher is possible as well; in
    torch it takes all logits in memory.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> h, g = np.asarray([[1.0, 0.0], [np.nan, np.nan]]), np.asarray([[1.0], [np.nan]])
    >>> student = np.asarray([[1.0, 0.0], [0.0, 1.0], [0.0, 2.0]])
    >>> teacher = np.asarray([[2.0], [0.0], [0.0]])
    >>> known = np.asarray([True, False])
    >>> loss = ml.value_and_grad(ml.linear_distillation_loss)
    >>> value, (by_h, by_student) = loss(h, student, g, teacher_weight=teacher, mask=known)
    >>> print(f"{value:.4f}")
    0.0989
    >>> by_h.round(3)
    array([[-0.211,  0.316],
           [ 0.   ,  0.   ]])
    """
    formula = DistillationTerms.of(divergence, beta, temperature)
    arrays = {
        "teacher_weight": teacher_weight,
        "teacher_bias": teacher_bias,
        "class_mask": class_mask,
    }
    layer, layout = (
        (features, linear_weight, linear_bias),
        EntryLayout(-1, same_shape=True, keyword=CLASS_AXIS),
    )
    held = formula.held(is_masked=class_mask is not None)
    held = held._replace(sizes=held.sizes + 2)  # the logits of both
    return LinearCall(*layer, teacher, formula, options, layout, arrays, held)
