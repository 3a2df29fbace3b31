"""Losses of a linear output layer that do not keep all its logits in memory."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import ParamSpec, Unpack

from .._arrays.typing import Array
from .._inputs.checked_call import InputSpec
from .._inputs.domain import REAL, UNIT, Domain
from .._inputs.layout import CLASS_AXIS, EntryLayout
from .._inputs.options import Options, check_fraction
from .._loss import register
from .._losses.binary.cross_entropy import logistic_terms
from .._losses.categorical.cross_entropy import cross_entropy_terms
from .evaluate import evaluate
from .layer import LinearCall

P = ParamSpec("P")


def linear_loss(*, labels: Domain) -> Callable[[Callable[P, LinearCall]], Callable[P, Array]]:
    """Make a loss of a function that returns a `LinearCall`, given the domain of its labels."""

    def decorate(build: Callable[P, LinearCall]) -> Callable[P, Array]:
        _, _, third, *_ = inspect.signature(build).parameters
        spec = InputSpec(("the logits", third), (REAL, labels))
        return register(build, functools.partial(evaluate, spec=spec))

    return decorate


@linear_loss(labels=UNIT)
def linear_cross_entropy(
    features: Array,
    linear_weight: Array,
    labels: Array,
    linear_bias: Array | None = None,
    *,
    class_weight: Array | None = None,
    label_smoothing: float = 0.0,
    **options: Unpack[Options],
) -> LinearCall:
    r"""Cross-entropy of softmax(W h + b), without all logits in memory at a time.

    .. math:: -\sum_c w_c \, t_c \log \mathrm{softmax}(W h + b)_c

    Parameters
    ----------
    features : array, shape (..., D)
        Features h, of real floating dtype. Each row is an entry.
    linear_weight : array, shape (C, D)
        Matrix W with one row per class, of real floating dtype.
    labels : array, shape (...) or (..., C)
        Class indices, integers in [0, C), in the shape of `features` without its last axis; or
        class probabilities t, bool, integer or floating. A row with a missing probability is
        missing.
    linear_bias : array, shape (C,), optional
        Bias b, of real floating dtype.
    class_weight : array, shape (C,), optional
        Weight w of each class, as in `cross_entropy`.
    label_smoothing : float, default: 0.0
        Moves labels towards 1 / C: t (1 - s) + s / C, with s in [0, 1].
    **options

    Returns
    -------
    array or Sums
        The reduced loss, in the widest dtype of features, weight and bias, float32 at least; a
        `Sums` for ``reduction="sums"``.

    Notes
    -----
    The same as `cross_entropy` of ``features @ linear_weight.T + linear_bias`` and, if nothing is
    missing, as `torch.nn.functional.linear_cross_entropy`. Features of a missing row have no effect
    on the value or on a gradient. `value_and_grad` gives the gradients by features, weight
    and, if given, bias; `grad_and_hessian` raises a `TypeError`.

    In NumPy, in torch on a CPU and, with ``jax.jit`` and ``jax.grad``, in JAX, logits and their
    derivatives are in memory for a few rows at a time, and missing rows are not computed. All
    logits are computed if torch traces the call, runs it on an accelerator or needs a second
    derivative, of DTensors, whose matrix may be split along the classes, and on other libraries.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> features = np.asarray([[1.0, 0.0], [np.nan, np.nan]])
    >>> weight = np.asarray([[2.0, 0.0], [0.0, 1.0], [0.0, 2.0]])
    >>> loss = ml.value_and_grad(ml.linear_cross_entropy)
    >>> value, (by_features, by_weight) = loss(features, weight, np.asarray([0, -1]), missing=-1)
    >>> print(f"{value:.4f}")
    0.2395
    >>> by_features.round(3)
    array([[-0.426,  0.32 ],
           [ 0.   ,  0.   ]])
    """
    smoothing = check_fraction("label_smoothing", label_smoothing)
    terms = functools.partial(cross_entropy_terms, smoothing=smoothing)
    layout, arrays = EntryLayout(-1, keyword=CLASS_AXIS), {"class_weight": class_weight}
    layer = (features, linear_weight, linear_bias)
    return LinearCall(*layer, labels, terms, options, layout=layout, arrays=arrays)


@linear_loss(labels=UNIT)
def linear_binary_cross_entropy(
    features: Array,
    linear_weight: Array,
    labels: Array,
    linear_bias: Array | None = None,
    *,
    pos_weight: Array | float | None = None,
    class_weight: Array | None = None,
    label_smoothing: float = 0.0,
    **options: Unpack[Options],
) -> LinearCall:
    r"""Binary cross-entropy of sigmoid(W h + b), without all logits in memory at a time.

    .. math:: p \, y \log(1 + e^{-x}) + (1 - y) \log(1 + e^x), \quad x = W h + b

    Parameters
    ----------
    features : array, shape (..., D)
        Features h, of real floating dtype.
    linear_weight : array, shape (C, D)
        Matrix W with one row per class, of real floating dtype.
    labels : array, shape (..., C), or Observed
        Labels y in [0, 1], hard or soft; bool, integer or floating. Each element is an entry. For
        labels stored with their indices, as `Observed` or a sparse matrix, only the logits at these
        indices are computed.
    linear_bias : array, shape (C,), optional
        Bias b, of real floating dtype.
    pos_weight : float or array, optional
        Weight p of the positive term, as in `binary_cross_entropy_with_logits`.
    class_weight : array, shape (C,), optional
        Non-negative weight per class, which multiplies the weight of each entry of the class.
    label_smoothing : float, default: 0.0
        Moves labels towards 1/2: y (1 - s) + s / 2, with s in [0, 1].
    **options

    Returns
    -------
    array or Sums
        The reduced loss, in the widest dtype of features, weight and bias, float32 at least; a
        `Sums` for ``reduction="sums"``.

    Notes
    -----
    The same as `binary_cross_entropy_with_logits` of ``features @ linear_weight.T + linear_bias``;
    the notes of `linear_cross_entropy` apply. The logits of a row are computed if one of its labels
    is observed; features of the other rows have no effect on the value or on a gradient.
    ``reduction="none"`` takes as much memory as the logits.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> features = np.asarray([[1.0, 0.0], [np.nan, np.nan]])
    >>> weight = np.asarray([[0.0, 1.0], [2.0, 0.0]])
    >>> labels = np.asarray([[1.0, 0.0], [-1.0, -1.0]])
    >>> loss = ml.linear_binary_cross_entropy(features, weight, labels, missing=-1)
    >>> print(f"{loss:.4f}")
    1.4100
    """
    smoothing = check_fraction("label_smoothing", label_smoothing)
    terms = functools.partial(logistic_terms, smoothing=smoothing)
    layer = (features, linear_weight, linear_bias)
    arrays = {"pos_weight": pos_weight, "class_weight": class_weight}
    return LinearCall(*layer, labels, terms, options, arrays=arrays)
