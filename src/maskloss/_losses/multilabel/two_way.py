"""Two-way loss: separates the classes of a sample, and the samples of a class."""

from __future__ import annotations

import functools
import operator
from typing import Unpack

from ..._arrays.cached_property import cached_property
from ..._arrays.namespace import Namespace
from ..._arrays.typing import Array
from ..._formula import Call, Terms
from ..._inputs.domain import Domain
from ..._inputs.entries import Entries
from ..._inputs.layout import EntryLayout
from ..._inputs.options import Options, check_axis, check_number
from ..._loss import loss
from ..._math.arithmetic import subtraction_error
from ..._math.logistic import Logistic, logistic
from ..._math.logsumexp import Along, SoftMaximum

_BINARY = Domain(values=(0, 1), names=("negative", "positive"))
_NOT_SUMMABLE = "it compares the samples of a batch with each other, so that batches do not add up"


@loss(labels=_BINARY)
def two_way_loss(
    logits: Array,
    labels: Array,
    *,
    positive_temperature: float = 4.0,
    negative_temperature: float = 1.0,
    class_axis: int = -1,
    **options: Unpack[Options],
) -> Call:
    r"""Two-way loss: positives above negatives, within samples and within classes, from logits x.

    .. math::
        \frac 1 {|I|} \sum_{i \in I} \log \biggl(1 +
        \Bigl(\sum_{c : y_{ic} = 0} e^{x_{ic} / T_n}\Bigr)^{T_n}
        \Bigl(\sum_{c : y_{ic} = 1} e^{-x_{ic} / T_p}\Bigr)^{T_p}\biggr)

    over the samples I with a label of 1, plus the same over the classes with a label of 1, with
    sums over the samples.

    Parameters
    ----------
    logits : array, shape (N, C) or (..., C)
        Logits x, of real floating dtype. All axes but `class_axis` are samples. The whole
        prediction is one entry.
    labels : array, shape (N, C) or (..., C)
        Labels y of the same shape, 0 or 1; bool, integer or floating. `mask` and `missing` apply to
        each label.
    positive_temperature : float, default: 4.0
        Temperature :math:`T_p` of the labels of 1, more than 0.
    negative_temperature : float, default: 1.0
        Temperature :math:`T_n` of the labels of 0, more than 0.
    class_axis : int, default: -1
        The axis of the classes.
    **options

    Notes
    -----
    A sample or class without an observed label of 0 has the loss 0, as in the authors' code. Their
    code masks by adding -100, which fails for larger logits; here missing labels have no effect at
    all. If no label of 1 is observed, the entry counts as missing, and the mean is `empty`.
    ``reduction="sums"`` raises a `ValueError`: the loss compares the samples of a whole batch.
    The loss is accurate to 4 machine epsilons for all temperatures, its derivatives to 5.5.

    T. Kobayashi, Two-way multi-label loss, CVPR 2023.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> logits = np.asarray([[2.0, 0.0, -1.0], [np.nan, 1.0, 0.0]])
    >>> labels = np.asarray([[1, 0, 0], [-1, 1, 0]])
    >>> float(ml.two_way_loss(logits, labels, missing=-1).round(4))
    0.3982
    """
    temperatures = (
        check_number("positive_temperature", positive_temperature, above=True),
        check_number("negative_temperature", negative_temperature, above=True),
    )
    axis = check_axis("class_axis", class_axis)
    terms = functools.partial(_two_way, temperatures=temperatures, class_axis=axis)
    layout = EntryLayout(..., coupled=True)
    return Call(logits, labels, terms, options, layout=layout, not_summable_because=_NOT_SUMMABLE)


def _two_way(entries: Entries, *, temperatures: tuple[float, float], class_axis: int) -> Terms:
    xp, x, y = entries.xp, entries.prediction, entries.labels
    is_positive, is_negative = (_observed(entries, y == label) for label in (1, 0))
    table = _Table(xp, xp.shape_of(x), class_axis)
    positive_temperature, negative_temperature = temperatures
    folded, positives, negatives = map(table.fold, (x, is_positive, is_negative))

    def one_way(axis: int) -> _OneWay:
        rows = Along(xp, axis)
        positive = SoftMaximum(xp, -folded, positives, rows, positive_temperature)
        negative = SoftMaximum(xp, folded, negatives, rows, negative_temperature)
        has_any = [xp.any(is_in, axis=axis, keepdims=True) for is_in in (positives, negatives)]
        return _OneWay(xp, positive, negative, *has_any)

    by_sample, by_class = one_way(1), one_way(0)
    # NaN if a label is NaN.
    one = 1.0 + entries.total(0.0 * y)
    return Terms(
        value=lambda: one * (by_sample.value + by_class.value),
        slope=lambda: one * table.unfold(by_sample.slope + by_class.slope),
        curvature=lambda: one * table.unfold(by_sample.curvature + by_class.curvature),
        counted=lambda: entries.layout.any_of_row(xp, is_positive),
    )


def _observed(entries: Entries, condition: Array) -> Array:
    # Not `&`, which is wrong under vmap of MLX 0.32.4 if only one of the arrays is mapped.
    observed = entries.observed
    return condition if observed is None else entries.xp.logical_and(condition, observed)


class _Table:
    """Reshapes between an array and its table of samples (rows) and classes (columns)."""

    def __init__(self, xp: Namespace, shape: tuple[int, ...], class_axis: int) -> None:
        (axis,) = EntryLayout(class_axis, coupled=True).axes_of("logits", shape)
        self._xp = xp
        self._axes = (*(k for k in range(len(shape)) if k != axis), axis)
        self._shape = tuple(shape[k] for k in self._axes)

    def fold(self, array: Array) -> Array:
        """Return an array of shape (samples, classes)."""
        samples = functools.reduce(operator.mul, self._shape[:-1], 1)
        classes_last = self._xp.permute_dims(array, self._axes)
        return self._xp.reshape(classes_last, (samples, self._shape[-1]))

    def unfold(self, array: Array) -> Array:
        """Return an array of the original shape."""
        inverse = tuple(self._axes.index(k) for k in range(len(self._axes)))
        return self._xp.permute_dims(self._xp.reshape(array, self._shape), inverse)


class _OneWay:
    """The loss of the rows along one axis, and its derivatives by each logit."""

    def __init__(
        self,
        xp: Namespace,
        positive: SoftMaximum,
        negative: SoftMaximum,
        has_positive: Array,
        has_negative: Array,
    ) -> None:
        self._xp, self._positive, self._negative = xp, positive, negative
        self._has_positive, self._is_full = has_positive, xp.logical_and(has_positive, has_negative)

    @cached_property
    def _scale(self) -> Array:
        """For rows with a label of 1, 1 / their number; for the other rows, 0."""
        xp = self._xp
        ones = xp.where(self._has_positive, xp.ones_like(self._positive.peak), 0.0)
        number = xp.sum(ones)
        return ones / xp.where(number == 0, 1.0, number)

    @cached_property
    def _logistic(self) -> Logistic:
        xp, positive, negative = self._xp, self._positive, self._negative
        gap = negative.peak + positive.peak
        excess = negative.excess + positive.excess
        total = gap + excess
        rounding = subtraction_error(xp, negative.peak, -positive.peak, gap)
        rounding = rounding + subtraction_error(xp, gap, -excess, total)
        return logistic(xp, total, rounding)

    @property
    def value(self) -> Array:
        losses = self._xp.where(self._is_full, self._logistic.softplus, 0.0)
        return self._xp.sum(self._scale * losses)

    @property
    def slope(self) -> Array:
        inner = self._negative.probability - self._positive.probability
        return self._outer(self._logistic.sigmoid) * inner

    @property
    def curvature(self) -> Array:
        first = self._outer(self._logistic.sigmoid_slope)
        second = self._outer(self._logistic.sigmoid)
        return sum(
            first * side.probability * side.probability + second * side.bend
            for side in (self._negative, self._positive)
        )

    def _outer(self, factor: Array) -> Array:
        return self._xp.where(self._is_full, self._scale * factor, 0.0)
