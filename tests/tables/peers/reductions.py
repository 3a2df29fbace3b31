"""The reductions of peers in terms of ours: the meanings of "mean"."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import numpy as np


@dataclass(frozen=True)
class Term:
    """One call: `factor` times our `loss` of `prediction(xp, pred, *arrays)`.

    A factor that is an array weighs the entries, and is in no denominator. Where the elements of a
    row are observed one by one, `coupled_axis` is its axis.
    """

    loss: str
    labels: np.ndarray
    keywords: dict = field(default_factory=dict)
    prediction: Callable | None = None
    arrays: tuple = ()
    factor: float | np.ndarray = 1.0
    coupled_axis: int | None = None

    @property
    def is_weighed(self):
        """Whether there is a factor for each entry."""
        return isinstance(self.factor, np.ndarray)


@dataclass(frozen=True)
class Inner:
    """An axis of our entries along which a peer averages or adds before it weighs and masks."""

    way: Literal["mean", "sum"]
    axis: int
    size: int


@dataclass(frozen=True)
class Recipe:
    """A case in our words: terms to be added, and how their entries make the peer's samples.

    Attributes
    ----------
    shape : tuple of int
        Shape of the samples, which the peer weighs, masks and reduces.
    elements : bool array, optional
        Which elements, along the axis of `inner` or of coupled rows, take part.
    counted : array, optional
        Weight of each sample in a sum of weights, beside its own.
    """

    terms: tuple[Term, ...]
    shape: tuple[int, ...]
    inner: Inner | None = None
    elements: np.ndarray | None = None
    counted: np.ndarray | None = None

    @property
    def averaged(self):
        """How many entries of ours a peer averages to a sample."""
        return self.inner.size if self.inner and self.inner.way == "mean" else 1

    @property
    def is_direct(self):
        """Whether a mean over our entries is one over the peer's samples."""
        is_weighed = any(term.is_weighed for term in self.terms)
        return not is_weighed and (self.inner is None or self.inner.way == "mean")


@dataclass(frozen=True)
class Mean:
    """What a peer divides sum(w m l) by: our reduction, and the number of weights and mask."""

    ours: str | None
    denominator: Callable


# A user writes the reduction; the number is `divisor` where a sample has several entries of ours.
MEANS = {
    "mean": Mean("mean_over_all", lambda _, m: m.size),
    "observed_mean": Mean("mean", lambda _, m: m.sum()),
    "weighted_mean": Mean("weighted_mean", lambda w, m: (w * m).sum()),
    # With mask=weight != 0.
    "nonzero_mean": Mean("mean", lambda w, m: np.count_nonzero(w * m)),
    "batch_mean": Mean(None, lambda _, m: len(m)),
}
EMPTY = {"zero": 0.0, "nan": float("nan"), None: 0.0}


def shared_keywords(case, recipe):
    """Return the keywords that all losses take, for each term."""
    name = case.params.need("reduction")
    samples, empty = _Samples.of(case, recipe.shape), case.params.choose("empty", EMPTY)
    if name == "none":
        options = _each(recipe.inner)
    elif name == "sum":
        # A sum of averages is the sum by their size.
        size = {"reduction": "mean", "divisor": float(recipe.averaged)}
        options = size if recipe.averaged > 1 else {"reduction": "sum"}
    else:
        mean = case.params.choose("reduction", MEANS)
        options = {"empty": empty, **_mean(mean, recipe, samples)}
    if name == "nonzero_mean":
        samples = samples.without_zero_weights()
    return [options | samples.of_term(case, recipe, term) for term in recipe.terms]


def _each(inner):
    if inner is None:
        return {"reduction": "none"}
    return {"reduction": {"mean": "mean_over_all", "sum": "sum"}[inner.way], "axis": inner.axis}


def _mean(mean, recipe, samples):
    if mean.ours and recipe.is_direct:
        return {"reduction": mean.ours}
    number = mean.denominator(*samples.weight_and_mask(recipe)) * recipe.averaged
    return {"reduction": "mean", "divisor": float(number)}


@dataclass(frozen=True)
class _Samples:
    """Weight and mask of the samples, and which of them a label says to ignore; None if all."""

    weight: np.ndarray | None
    mask: np.ndarray | None
    ignored: np.ndarray | None

    @classmethod
    def of(cls, case, shape):
        index = case.params.take("ignore_index")
        ignored = None if index is None else case.inputs.need("target") == index
        arrays = (case.inputs.take("weight"), case.inputs.take("mask"), ignored)
        return cls(*(None if array is None else np.broadcast_to(array, shape) for array in arrays))

    def weight_and_mask(self, recipe):
        """Return what counts in a denominator."""
        weights = [array for array in (self.weight, recipe.counted) if array is not None]
        mask = _both(self.mask, None if self.ignored is None else ~self.ignored)
        mask = np.ones(recipe.shape, bool) if mask is None else mask
        return np.prod([np.ones(recipe.shape), *weights], axis=0), mask

    def without_zero_weights(self):
        is_present = None if self.weight is None else self.weight != 0
        return _Samples(self.weight, _both(self.mask, is_present), self.ignored)

    def of_term(self, case, recipe, term):
        """Return weight, mask and missing value, lined up with the entries of a term."""
        weight, mask, missing = self.weight, self.mask, None
        if self.ignored is not None and term.labels is case.inputs["target"]:
            missing = case.params["ignore_index"]
        elif self.ignored is not None:
            mask = _both(mask, ~self.ignored)
        if recipe.inner is not None:
            weight, mask = (_insert(array, recipe.inner.axis) for array in (weight, mask))
        if term.coupled_axis is not None:
            mask = _insert(mask, term.coupled_axis)
        if recipe.inner is not None or term.coupled_axis is not None:
            mask = _both(mask, recipe.elements)
        if term.is_weighed:
            weight = term.factor if weight is None else term.factor * weight
        return {"weight": weight, "mask": mask, "missing": missing}


def _insert(array, axis):
    return None if array is None else np.expand_dims(array, axis)


def _both(mask, other):
    return other if mask is None else mask if other is None else mask & other
