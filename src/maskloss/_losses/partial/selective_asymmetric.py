"""Asymmetric loss for partially annotated labels, with a class-aware selection (CSL)."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Literal, Unpack, get_args

from ..._arrays.kinds import integer, shown
from ..._arrays.typing import Array
from ..._formula import Call, Terms, mixture
from ..._inputs.domain import UNIT
from ..._inputs.entries import Entries
from ..._inputs.options import Options, check_choice, check_fraction, check_number
from ..._inputs.unused import refuses_unused
from ..._loss import loss
from .annotation import ANNOTATED, Annotation, document_annotated_labels
from .asymmetric import Focus
from .largest import largest_mask, number_of_samples

Mode = Literal["negative", "ignore", "selective"]

_OF_SELECTION = ("likelihood_topk", "class_prior", "prior_threshold")


@loss(labels=ANNOTATED)
@document_annotated_labels
@refuses_unused(
    mode={"negative": _OF_SELECTION, "ignore": (*_OF_SELECTION, "gamma_unann", "alpha_unann")},
    class_prior={None: ["prior_threshold"]},
)
def selective_asymmetric_loss(
    logits: Array,
    labels: Array,
    *,
    mode: Mode = "selective",
    gamma_pos: float = 0.0,
    gamma_neg: float = 1.0,
    gamma_unann: float = 2.0,
    clip: float = 0.0,
    alpha_pos: float = 1.0,
    alpha_neg: float = 1.0,
    alpha_unann: float = 1.0,
    likelihood_topk: int = 5,
    class_prior: Array | float | None = None,
    prior_threshold: float = 0.05,
    **options: Unpack[Options],
) -> Call:
    r"""Partial asymmetric loss with class-aware selection (CSL) of assumed negatives.

    .. math::

        -\alpha_+ (1 - p)^{\gamma_+} \log p, \quad
        -\alpha_- p_m^{\gamma_-} \log(1 - p_m), \quad
        -\alpha_u \, w \, p_m^{\gamma_u} \log(1 - p_m)

    for a positive, a negative and an unannotated label, with :math:`p = \sigma(x)` and
    :math:`p_m = \max(p - m, 0)`; w is 1, or 0 where an unannotated entry is ignored.

    Parameters
    ----------
    logits : array
        Logits x, of any shape and real floating dtype. Each element is an entry; samples lie
        along the first axis, classes along the last.
    **labels
    mode : str, default: "selective"
        Which unannotated entries have w = 0: ``"negative"`` none, ``"ignore"`` all, and
        ``"selective"`` those likely to be positive, by `likelihood_topk` and `class_prior`.
    gamma_pos : float, default: 0.0
        Focus of positives, 0 or more.
    gamma_neg : float, default: 1.0
        Focus of negatives, 0 or more.
    gamma_unann : float, default: 2.0
        Focus of unannotated entries, 0 or more.
    clip : float, default: 0.0
        The margin m, in [0, 1).
    alpha_pos : float, default: 1.0
        Factor of positives, 0 or more; not counted in any denominator.
    alpha_neg : float, default: 1.0
        Factor of negatives, 0 or more.
    alpha_unann : float, default: 1.0
        Factor of unannotated entries, 0 or more.
    likelihood_topk : int, default: 5
        Number of unannotated entries to ignore per sample with an observed entry, 0 or more. The
        largest logits of the whole batch are ignored, and ties with the smallest of them.
    class_prior : float or array, shape (C,), optional
        Frequency of positives in each class, in [0, 1].
    prior_threshold : float, default: 0.05
        Unannotated entries of classes with a larger prior are ignored; in [0, 1].
    **options

    See Also
    --------
    asymmetric_loss : The same loss for complete labels.
    partial_bce_loss : Weights samples by the share of their observed labels.

    Notes
    -----
    The gradient is not the derivative of the value: it treats the powers and the selection as
    constants. With ``mode="selective"``, ``reduction="sums"`` raises a `ValueError`: the
    selection needs a whole batch. An ignored entry still counts in a mean; ``missing=-1`` leaves
    out all unannotated entries.

    Ben-Baruch et al., "Multi-label Classification with Partial Annotations using Class-aware
    Selective Loss", CVPR 2022, with the defaults of their code, which returns the sum and clips
    probabilities at 1e-8. This loss does not clip; it is as accurate as `asymmetric_loss`.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> logits = np.asarray([[0.0, 2.0, -1.0], [np.nan, 1.0, 3.0]])
    >>> labels = np.asarray([[1, 0, -1], [1, -1, -1]])
    >>> known = ~np.isnan(logits)
    >>> ml.selective_asymmetric_loss(
    ...     logits, labels, mask=known, likelihood_topk=1, reduction="none"
    ... ).round(4)
    array([[0.6931, 1.8734, 0.0227],
           [0.    , 0.    , 0.    ]])
    """
    check_choice("mode", mode, get_args(Mode))
    focus = Focus.of(clip, constant=True)
    threshold = check_fraction("prior_threshold", prior_threshold)
    gammas = {"gamma_pos": gamma_pos, "gamma_neg": gamma_neg, "gamma_unann": gamma_unann}
    alphas = {"alpha_pos": alpha_pos, "alpha_neg": alpha_neg, "alpha_unann": alpha_unann}
    terms = functools.partial(
        _selective,
        focus=focus,
        gammas=[check_number(*item) for item in gammas.items()],
        alphas=[check_number(*item) for item in alphas.items()],
        selection=_Selection(mode, _check_topk(likelihood_topk), threshold),
    )
    reason = "the unannotated entries to ignore are selected over a whole batch"
    arrays = {"class_prior": class_prior}
    return Call(
        logits,
        labels,
        terms,
        options,
        arrays=arrays,
        not_summable_because=reason if mode == "selective" else "",
    )


def _check_topk(value: int) -> int:
    number = integer(value)
    if number is None:
        msg = f"`likelihood_topk` must be an integer, entries per sample, got {shown(value)}"
        raise TypeError(msg)
    if number < 0:
        msg = f"`likelihood_topk` must be 0 or more, got {shown(value)}"
        raise ValueError(msg)
    return min(number, 2**53)  # more than any batch has


@dataclass(frozen=True, slots=True)
class _Selection:
    """Selects the unannotated entries that count as negative."""

    mode: Mode
    topk: int
    threshold: float

    def kept(self, entries: Entries, unannotated: Array) -> Array | float:
        """Return 1 where an unannotated entry is kept, 0 where it is ignored."""
        if self.mode != "selective":
            return 1.0 if self.mode == "negative" else 0.0
        xp, x = entries.xp, entries.prediction
        number = self.topk * number_of_samples(entries)
        ignored = largest_mask(entries, x, unannotated == 1, number)
        prior = entries.per_class("class_prior", domain=UNIT, fill_value=0.0)
        if prior is None:
            return xp.where(ignored, 0.0, xp.ones_like(x))
        ignored = xp.logical_or(ignored, prior > self.threshold)
        return xp.where(ignored, 0.0, 1 + 0 * prior)  # a NaN stays visible


def _selective(
    entries: Entries,
    *,
    focus: Focus,
    gammas: list[float],
    alphas: list[float],
    selection: _Selection,
) -> Terms:
    kind = Annotation.from_entries(entries)
    positive, negative = focus.positive(entries), focus.negative(entries)
    kept = kind.unannotated * selection.kept(entries, kind.unannotated)
    return mixture(
        (alphas[0] * kind.positive, focus.terms(positive, gammas[0])),
        (alphas[1] * kind.negative, focus.terms(negative, gammas[1])),
        (alphas[2] * kept, focus.terms(negative, gammas[2])),
    )
