"""Losses of preferences between two answers, from log-probabilities of whole sequences."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Unpack

from ..._arrays.kinds import quoted
from ..._arrays.namespace import Namespace
from ..._arrays.typing import Array
from ..._formula import Call, Terms
from ..._inputs.entries import Entries
from ..._inputs.layout import EntryLayout
from ..._inputs.options import (
    Options,
    check_axis,
    check_choice,
    check_fraction,
    check_number,
)
from ..._inputs.unused import refuses_unused
from ..._loss import loss
from ..._math.arithmetic import product, subtraction_error
from ..._math.logistic import Logistic, logistic

LossType = Literal["sigmoid", "hinge", "ipo"]


@loss()
@refuses_unused(loss_type={"hinge": ["label_smoothing"], "ipo": ["label_smoothing", "margin"]})
def preference_loss(
    log_probs: Array,
    ref_log_probs: Array | None = None,
    *,
    loss_type: LossType = "sigmoid",
    beta: float = 0.1,
    label_smoothing: float = 0.0,
    margin: float = 0.0,
    pair_axis: int = -1,
    **options: Unpack[Options],
) -> Call:
    r"""Loss of preferences between two sequences (DPO, cDPO, IPO, SLiC, SimPO), from their scores.

    .. math::
        -(1 - s) \log \sigma(z) - s \log \sigma(-z), \quad z = \beta h - \gamma,
        \quad h = (x_0 - r_0) - (x_1 - r_1)

    Parameters
    ----------
    log_probs : array, shape (..., 2)
        Log-probabilities x of the chosen sequence (0) and the rejected one (1) under the policy, of
        real floating dtype. Each pair along `pair_axis` is an entry. A pair with a missing number
        is missing.
    ref_log_probs : array, shape (..., 2), optional
        Log-probabilities r of the same sequences under the reference model; 0 by default.
    loss_type : str, default: "sigmoid"
        ``"sigmoid"``: the formula above. ``"hinge"``: :math:`\max(0, 1 - z)`. ``"ipo"``:
        :math:`(h - 1 / (2 \beta))^2`, of means over the tokens.
    beta : float, default: 0.1
        The factor of the scores, more than 0.
    label_smoothing : float, default: 0.0
        The share s in [0, 1] of preferences that are wrong (cDPO). Only for ``"sigmoid"``.
    margin : float, default: 0.0
        The difference of rewards :math:`\gamma` to reach, 0 or more. Not for ``"ipo"``.
    pair_axis : int, default: -1
        The axis of the two sequences.
    **options

    See Also
    --------
    sequence_log_probability : The scores of sequences, from logits.
    kto_loss : The loss of answers that are good or bad, without pairs.

    Notes
    -----
    DPO: Rafailov et al., 2023; cDPO: Mitchell, 2023; IPO: Azar et al., 2023; SLiC: Zhao et al.,
    2023. SimPO (Meng et al., 2024) has means over the tokens, no reference, ``beta=2.0`` and
    ``margin=1.0``; `margin` is its :math:`\gamma`, not the ratio that TRL calls ``simpo_gamma``
    divided by beta. The defaults are those of DPO in TRL.

    Value and derivatives of ``"sigmoid"`` are accurate to a few machine epsilons, also for
    confident pairs of long sequences. With `label_smoothing`, and for ``"hinge"`` and ``"ipo"``,
    they are differences, accurate to a few epsilons of their larger term.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> policy = np.asarray([[-10.0, -12.0], [-9.0, np.nan]])
    >>> reference = np.asarray([[-11.0, -11.0], [-9.0, -9.0]])
    >>> both = np.asarray([True, False])
    >>> print(f"{ml.preference_loss(policy, reference, mask=both):.4f}")
    0.5981
    """
    check_choice("loss_type", loss_type, _TERMS)
    formula = _Choice(
        loss_type,
        beta=check_number("beta", beta, above=True),
        smoothing=check_fraction("label_smoothing", label_smoothing),
        margin=check_number("margin", margin),
        has_reference=ref_log_probs is not None,
    )
    axis = check_axis("pair_axis", pair_axis)
    layout = EntryLayout(axis, same_shape=True, keyword="pair_axis")
    return Call(log_probs, ref_log_probs, formula, options, layout=layout, may_lack_labels=True)


@dataclass(frozen=True)
class _Choice:
    """The formula of a pair: the kind of the loss, with its numbers."""

    loss_type: LossType
    beta: float
    smoothing: float
    margin: float
    has_reference: bool

    def __call__(self, entries: Entries) -> Terms:
        signs = signs_of_pair(entries)
        terms = _TERMS[self.loss_type](self, entries.xp, *self._difference(entries, signs))
        return Terms(
            value=terms.value,
            slope=lambda: signs * terms.slope(),
            curvature=lambda: signs * signs * terms.curvature(),
        )

    def _difference(self, entries: Entries, signs: Array) -> tuple[Array, Array]:
        """Return h, and its rounding error."""
        xp, x, axes = entries.xp, entries.prediction, entries.layout.row_axes
        scores, lost = x, xp.zeros_like(signs)
        if self.has_reference:
            scores = x - entries.labels
            lost = subtraction_error(xp, x, entries.labels, scores)
        chosen, rejected = (
            xp.sum_along(xp.where(signs == sign, scores, 0.0), axes) for sign in (1, -1)
        )
        h = chosen - rejected
        return h, subtraction_error(xp, chosen, rejected, h) + xp.sum_along(signs * lost, axes)


def signs_of_pair(entries: Entries) -> Array:
    """Return 1 for the chosen and -1 for the rejected sequence of each pair."""
    xp, x, axis = entries.xp, entries.prediction, entries.layout.class_axis
    if xp.shape_of(x)[axis] != 2:
        whole, name = entries.checked.layout, quoted(entries.checked.spec.names[0])
        msg = (
            f"{name} must have 2 sequences along `pair_axis`, the chosen and the rejected "
            f"one, got {whole.shape[whole.class_axis]} in shape {whole.shape}; stack the two"
        )
        raise ValueError(msg)
    is_chosen = xp.positions_along(x, axis) == 0
    ones = xp.ones_like(x)
    return xp.where(is_chosen, ones, -ones)


def _sigmoid(choice: _Choice, xp: Namespace, h: Array, lost: Array) -> Terms:
    beta, wrong = choice.beta, choice.smoothing
    s = scaled_logistic(xp, h, lost, beta, choice.margin)
    right = 1 - wrong

    def value() -> Array:
        first = right * s.softplus_of_negative
        return first + wrong * s.softplus if wrong else first

    def slope() -> Array:
        first = -beta * right * s.sigmoid_of_negative
        return first + beta * wrong * s.sigmoid if wrong else first

    return Terms(value=value, slope=slope, curvature=lambda: beta * beta * s.sigmoid_slope)


def scaled_logistic(
    xp: Namespace, x: Array, lost: Array, beta: float, margin: float = 0.0
) -> Logistic:
    """Return the functions of beta * (x + lost) - margin, without the rounding of the product."""
    # Beyond, nothing but the size of the product counts.
    end = 1.25 * (math.log(float(xp.finfo(x.dtype).max)) + margin) / beta
    is_far = xp.abs(x) > end
    z, rounding = product(xp, xp.where(is_far, 0.0, x), xp.where(is_far, 0.0, lost), beta)
    z, rounding = xp.where(is_far, beta * x, z), xp.where(is_far, 0.0, rounding)
    if not margin:
        return logistic(xp, z, rounding)
    rest = z - margin
    return logistic(xp, rest, rounding + subtraction_error(xp, z, margin, rest))


def _hinge(choice: _Choice, xp: Namespace, h: Array, lost: Array) -> Terms:  # noqa: ARG001
    gap = 1 + choice.margin - choice.beta * h
    # The test by `<=` lets a NaN through.
    active = xp.where(gap <= 0, 0.0, xp.ones_like(gap))
    return Terms(
        value=lambda: xp.where(gap <= 0, 0.0, gap),
        slope=lambda: -choice.beta * active,
        curvature=lambda: xp.zeros_like(gap),
    )


def _ipo(choice: _Choice, xp: Namespace, h: Array, lost: Array) -> Terms:
    gap = h - 1 / (2 * choice.beta) + lost
    return Terms(
        value=lambda: gap * gap,
        slope=lambda: 2 * gap,
        curvature=lambda: 2 * xp.ones_like(gap),
    )


_TERMS: dict[str, Callable[[_Choice, Namespace, Array, Array], Terms]] = {
    "sigmoid": _sigmoid,
    "hinge": _hinge,
    "ipo": _ipo,
}
