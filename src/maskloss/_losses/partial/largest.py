"""Select the largest entries of a whole prediction, with static shapes."""

from __future__ import annotations

from ..._arrays.kinds import is_number
from ..._arrays.typing import Array
from ..._inputs.entries import Entries


def number_of_entries(entries: Entries) -> Array:
    """Return the number of observed entries, as a float."""
    return entries.xp.sum(entries.guard(entries.xp.ones_like(entries.prediction), 0.0))


def number_of_samples(entries: Entries) -> Array | int:
    """Return the number of samples with an observed entry; samples lie along the first axis."""
    xp, shape = entries.xp, entries.layout.shape
    if len(shape) < 2:
        return number_of_entries(entries)
    if entries.observed is None:
        return _float_if_symbolic(entries, shape[0])
    has_any = xp.any(entries.observed, axis=tuple(range(1, len(shape))))
    return xp.sum(xp.astype(has_any, entries.prediction.dtype))


def _float_if_symbolic(entries: Entries, size: Array | int) -> Array | int:
    """Return a size: a number as it is, or as a float if a graph knows it only when it runs."""
    return size if is_number(size) else entries.xp.astype(size, entries.prediction.dtype)


def largest_mask(entries: Entries, scores: Array, candidates: Array, number: Array | int) -> Array:
    """Return True at the observed candidates with the `number` largest scores.

    Ties with the smallest selected score are included. If there are fewer candidates, all are
    selected. The result is a constant for automatic differentiation.
    """
    xp = entries.xp
    scores = xp.stop_gradient(scores)
    if entries.observed is not None:
        candidates = xp.logical_and(candidates, entries.observed)
    ranked = xp.sort(xp.reshape(xp.where(candidates, scores, -float("inf")), (-1,)))
    size = xp.shape_of(ranked)[0]
    if size == 0:
        return candidates
    size = _float_if_symbolic(entries, size)
    index = size - number + xp.zeros_like(ranked[:1])
    selects_none = index > size - 1
    index = xp.where(selects_none, size - 1, xp.where(index < 0, 0.0, index))
    limit = xp.take_along_axis(ranked, xp.astype(index, xp.index_dtype), 0)
    limit = xp.where(selects_none, float("inf"), limit)
    is_large = scores >= xp.reshape(limit, (1,) * len(scores.shape))
    return xp.logical_and(candidates, is_large)
