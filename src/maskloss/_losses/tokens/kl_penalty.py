"""Estimates of the divergence from a reference model, from log-probabilities of sampled tokens."""

from __future__ import annotations

from typing import Literal, Unpack

from ..._arrays.typing import Array
from ..._formula import Call, Terms
from ..._inputs.entries import Entries
from ..._inputs.options import Options, check_choice
from ..._loss import loss
from ..._math.exponential import ExpDifference

Estimator = Literal["k1", "k2", "k3"]


@loss()
def kl_penalty(
    log_probs: Array,
    ref_log_probs: Array,
    *,
    estimator: Estimator = "k3",
    **options: Unpack[Options],
) -> Call:
    r"""Estimate of the divergence of a policy from a reference model, token by token.

    .. math:: k_1 = -d, \quad k_2 = \frac{d^2}{2}, \quad k_3 = e^d - d - 1, \quad d = r - x

    Parameters
    ----------
    log_probs : array
        Log-probabilities x of the sampled tokens under the policy, of any shape and real floating
        dtype. Each element is an entry.
    ref_log_probs : array
        Log-probabilities r of the same tokens under the reference model, of the same shape.
    estimator : str, default: "k3"
        Which estimate: ``"k1"``, unbiased, of either sign; ``"k2"``, whose gradient is that of the
        divergence, for tokens sampled from the policy; ``"k3"``, unbiased and never negative.
    **options

    See Also
    --------
    clipped_policy_loss : The loss to which the penalty is added, times a coefficient.
    distillation_loss : The divergence of all classes, from logits.

    Notes
    -----
    J. Schulman, Approximating KL Divergence, 2020. The penalty of GRPO is ``"k3"``;
    ``kl_penalty`` of verl calls these ``"kl"``, ``"mse"`` and ``"low_var_kl"``, and clips the last.

    For tokens with almost equal probabilities, ``"k3"`` keeps its relative precision, where the
    formula as written returns rounding errors: at d = 1e-4, its error in float32 is 100 %.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> policy, reference = np.asarray([-1.0, -2.0, 0.0]), np.asarray([-1.0, -1.5, np.nan])
    >>> known = np.asarray([True, True, False])
    >>> ml.kl_penalty(policy, reference, mask=known, reduction="none").round(4)
    array([0.    , 0.1487, 0.    ])
    """
    check_choice("estimator", estimator, _ESTIMATORS)
    return Call(log_probs, ref_log_probs, _ESTIMATORS[estimator], options)


def _k1(entries: Entries) -> Terms:
    xp, x = entries.xp, entries.prediction
    return Terms(
        value=lambda: x - entries.labels,
        slope=lambda: xp.ones_like(x),
        curvature=lambda: xp.zeros_like(x),
    )


def _k2(entries: Entries) -> Terms:
    difference = entries.prediction - entries.labels
    return Terms(
        value=lambda: difference * (difference / 2),
        slope=lambda: difference,
        curvature=lambda: entries.xp.ones_like(difference),
    )


def _k3(entries: Entries) -> Terms:
    ratio = ExpDifference(entries.xp, entries.labels, entries.prediction)
    return Terms(
        value=lambda: ratio.excess,
        slope=lambda: -ratio.minus_1,
        curvature=lambda: ratio.exp,
    )


_ESTIMATORS = {"k1": _k1, "k2": _k2, "k3": _k3}
