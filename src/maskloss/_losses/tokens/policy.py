"""Clipped losses of policy optimisation, from log-probabilities of sampled tokens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol, Unpack

from ..._arrays.cached_property import cached_property
from ..._arrays.namespace import Namespace
from ..._arrays.typing import Array
from ..._formula import Call, Terms
from ..._inputs.domain import REAL
from ..._inputs.entries import Entries
from ..._inputs.layout import ELEMENTS, EntryLayout
from ..._inputs.options import Options, check_choice, check_number
from ..._inputs.unused import refuses_unused
from ..._loss import loss
from ..._math.exponential import ExpDifference
from ..._math.logistic import logistic

LossType = Literal["clip", "cispo", "sapo"]
Level = Literal["token", "sequence"]

_OF_CLIP, _OF_SAPO = ("epsilon_low", "dual_clip"), ("sapo_temperature_pos", "sapo_temperature_neg")


@loss()
@refuses_unused(
    loss_type={
        "clip": _OF_SAPO,
        "cispo": _OF_CLIP + _OF_SAPO,
        "sapo": (*_OF_CLIP, "epsilon_high"),
    }
)
def clipped_policy_loss(
    log_probs: Array,
    old_log_probs: Array,
    advantages: Array | float,
    *,
    loss_type: LossType = "clip",
    importance_sampling_level: Level = "token",
    epsilon_low: float = 0.2,
    epsilon_high: float = 0.2,
    dual_clip: float | None = None,
    sapo_temperature_pos: float = 1.0,
    sapo_temperature_neg: float = 1.05,
    **options: Unpack[Options],
) -> Call:
    r"""Clipped policy loss of sampled tokens (PPO, GRPO, DAPO, GSPO, CISPO, SAPO).

    .. math::
        -\min\bigl(r A, \mathrm{clip}(r, 1 - \epsilon_{low}, 1 + \epsilon_{high}) A\bigr),
        \quad r = e^{x - o}

    Parameters
    ----------
    log_probs : array, shape (..., T)
        Log-probabilities x of the sampled tokens under the policy, of real floating dtype.
    old_log_probs : array, shape (..., T)
        Log-probabilities o of the same tokens under the policy that sampled them.
    advantages : float or array
        Advantages A of either sign, one per entry: a scalar, or an array with the entries' number
        of dimensions and sizes 1 or equal. One per sequence has the shape (..., 1) if an entry is a
        token, and (...) if it is a sequence.
    loss_type : str, default: "clip"
        ``"clip"``: the formula above. ``"cispo"``: :math:`-A x \min(r, 1 + \epsilon_{high})`, whose
        last factor is a constant for the gradient. ``"sapo"``:
        :math:`-A (4 / t) \, \mathrm{sigmoid}(t (r - 1))`, with t by the sign of A.
    importance_sampling_level : str, default: "token"
        ``"token"``: each element is an entry. ``"sequence"``: each row along the last axis is an
        entry, whose log-probabilities are the means over its observed tokens (GSPO). `mask` has an
        element per token then, and `weight` one per sequence.
    epsilon_low : float, default: 0.2
        How far below 1 the ratio r is clipped, 0 or more. Only for ``"clip"``.
    epsilon_high : float, default: 0.2
        How far above 1 it is clipped, 0 or more; 0.28 in DAPO. Not for ``"sapo"``.
    dual_clip : float, optional
        The largest ratio for negative advantages, 1 or more; 3 in verl. Only for ``"clip"``.
    sapo_temperature_pos : float, default: 1.0
        The temperature t, more than 0, for positive advantages. Only for ``"sapo"``.
    sapo_temperature_neg : float, default: 1.05
        The temperature for other advantages.
    **options

    See Also
    --------
    kl_penalty : The penalty that GRPO adds, times a coefficient.
    masked_mean : Reduces losses of your own formula in the same ways.

    Notes
    -----
    PPO: Schulman et al., 2017; GRPO: Shao et al., 2024; dual clip: Ye et al., 2020; DAPO: Yu et
    al., 2025; GSPO: Zheng et al., 2025; CISPO: MiniMax-M1, 2025; SAPO: Gao et al., 2025. In TRL,
    `dual_clip` is ``delta``, and the ``epsilon_high`` of ``"cispo"`` is the bound itself, here
    ``1 + epsilon_high``. How TRL, verl and others average tokens is a `reduction` here, see
    "Language models" in the documentation.

    Value and derivatives are accurate to a few machine epsilons, also for large ratios. For
    ``"sapo"`` the bound is 2 t r epsilons where t r is large; for a sequence it is a few epsilons
    times the mean size of its log-ratios.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> new, old = np.log([[0.5, 0.9, 1.0]]), np.log([[0.5, 0.3, 1.0]])
    >>> completion = np.asarray([[True, True, False]])
    >>> ml.clipped_policy_loss(new, old, 2.0, mask=completion, reduction="none").round(4)
    array([[-2. , -2.4,  0. ]])
    """
    check_choice("loss_type", loss_type, _TERMS)
    check_choice("importance_sampling_level", importance_sampling_level, ("token", "sequence"))
    choice = _Choice(
        loss_type,
        low=1 - check_number("epsilon_low", epsilon_low),
        high=1 + check_number("epsilon_high", epsilon_high),
        dual=None if dual_clip is None else check_number("dual_clip", dual_clip, least=1.0),
        positive=check_number("sapo_temperature_pos", sapo_temperature_pos, above=True),
        negative=check_number("sapo_temperature_neg", sapo_temperature_neg, above=True),
    )
    is_row = importance_sampling_level == "sequence"
    layout = EntryLayout(-1, coupled=True, keyword="the last axis") if is_row else ELEMENTS
    arrays = {"advantages": advantages}
    return Call(log_probs, old_log_probs, choice, options, layout=layout, arrays=arrays)


@dataclass(frozen=True)
class _Choice:
    """The formula: the kind of clipping, with its bounds."""

    loss_type: LossType
    low: float
    high: float
    dual: float | None
    positive: float
    negative: float

    def __call__(self, entries: Entries) -> Terms:
        if entries.layout.row_axes and "class_weight" in entries.checked.arrays:
            msg = "`class_weight` is for tokens, not for sequences; pass `weight`, one per sequence"
            raise TypeError(msg)
        advantage = entries.per_entry("advantages", domain=REAL)
        ratio = _OfSequence(entries) if entries.layout.row_axes else _OfToken(entries)
        return _TERMS[self.loss_type](self, entries.xp, ratio, advantage)


class _Ratio(Protocol):
    """The ratio of the probabilities of an entry."""

    @property
    def log_prob(self) -> Array:
        """The log-probability of the entry."""

    @property
    def exp(self) -> Array:
        """The ratio."""

    def along(self, derivative: Array, order: int) -> Array:
        """Return derivatives by the elements, given the derivative by the log-probability."""


class _OfToken:
    def __init__(self, entries: Entries) -> None:
        self._ratio = ExpDifference(entries.xp, entries.prediction, entries.labels)
        self.log_prob = entries.prediction

    @property
    def exp(self) -> Array:
        return self._ratio.exp

    def along(self, derivative: Array, order: int) -> Array:  # noqa: ARG002
        return derivative


class _OfSequence:
    def __init__(self, entries: Entries) -> None:
        self._entries, self._number = entries, entries.number

    @property
    def log_prob(self) -> Array:
        return self._mean(self._entries.prediction)

    @cached_property
    def exp(self) -> Array:
        entries = self._entries
        return entries.xp.exp(self._mean(entries.prediction - entries.labels))

    def along(self, derivative: Array, order: int) -> Array:
        ones = self._entries.xp.ones_like(self._entries.prediction)
        return derivative / self._number**order * ones

    def _mean(self, array: Array) -> Array:
        return self._entries.total(array) / self._number


def _clip(choice: _Choice, xp: Namespace, ratio: _Ratio, advantage: Array) -> Terms:
    # A NaN is not clipped, and stays visible. With an advantage of 0, an infinite ratio has no
    # effect.
    r, is_negative = ratio.exp, advantage < 0
    is_high = xp.logical_and(advantage >= 0, r > choice.high)
    is_low = xp.logical_and(is_negative, r < choice.low)
    bounded = xp.where(is_high, choice.high, xp.where(is_low, choice.low, r))
    is_clipped = xp.logical_or(is_high, is_low)
    if choice.dual is not None:
        is_dual = xp.logical_and(is_negative, r > choice.dual)
        bounded = xp.where(is_dual, choice.dual, bounded)
        is_clipped = xp.logical_or(is_clipped, is_dual)
    first = xp.where(is_clipped, 0.0, -advantage * r)
    return Terms(
        value=lambda: -advantage * bounded,
        slope=lambda: ratio.along(first, 1),
        curvature=lambda: ratio.along(first, 2),
    )


def _cispo(choice: _Choice, xp: Namespace, ratio: _Ratio, advantage: Array) -> Terms:
    bounded = xp.where(ratio.exp > choice.high, choice.high, ratio.exp)
    power, factor = -advantage * bounded, -advantage * xp.stop_gradient(bounded)

    def value() -> Array:
        log_prob = ratio.log_prob
        loss = factor * log_prob
        if not xp.differentiates:
            return loss
        # The product of two zeros has no slope, and the curvature power' * log_prob'.
        constant = xp.stop_gradient(log_prob)
        step = xp.where(xp.isinf(constant), 0.0, log_prob - constant)
        return loss + 0.5 * ((power - factor) * step)

    return Terms(
        value=value,
        # The curvature is the derivative of this slope, in which the ratio changes.
        slope=lambda: ratio.along(power, 1),
        curvature=lambda: ratio.along(xp.where(ratio.exp > choice.high, 0.0, power), 2),
    )


def _sapo(choice: _Choice, xp: Namespace, ratio: _Ratio, advantage: Array) -> Terms:
    ones = xp.ones_like(advantage)
    t = xp.where(advantage > 0, choice.positive * ones, choice.negative * ones)
    # Of an infinite ratio, the slope would be 0 times infinity.
    most = float(xp.finfo(ratio.exp.dtype).max) ** 0.5
    r = xp.where(ratio.exp > most, most, ratio.exp)
    s = logistic(xp, t * (r - 1))

    def first() -> Array:
        return -4 * advantage * (s.sigmoid_slope * r)

    def second() -> Array:
        return first() * (1 + t * r * s.sigmoid_second_derivative)

    return Terms(
        value=lambda: -4 * advantage * (s.sigmoid / t),
        slope=lambda: ratio.along(first(), 1),
        curvature=lambda: ratio.along(second(), 2),
    )


_TERMS = {"clip": _clip, "cispo": _cispo, "sapo": _sapo}
