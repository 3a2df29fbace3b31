"""The largest of some entries, over a whole prediction and with static shapes."""

from __future__ import annotations

from maskloss._arrays.indexing import take
from maskloss._arrays.namespace import index_dtype, is_number, shape_of, stop_gradient
from maskloss._arrays.typing import Array
from maskloss._inputs.entries import Entries


def number_of_entries(entries: Entries) -> Array:
    """How many entries are observed, as a float."""
    return entries.xp.sum(entries.guard(entries.xp.ones_like(entries.prediction), 0.0))


def number_of_samples(entries: Entries) -> Array | int:
    """How many places of the first axis have an observed entry, as a float."""
    xp, shape = entries.xp, entries.layout.shape
    if len(shape) < 2:
        return number_of_entries(entries)
    if entries.observed is None:
        return _as_float(entries, shape[0])
    has_any = xp.any(entries.observed, axis=tuple(range(1, len(shape))))
    return xp.sum(xp.astype(has_any, entries.prediction.dtype))


def _as_float(entries: Entries, size: Array | int) -> Array | int:
    """Return a size as it is, or as a float where it is known as the graph runs."""
    return size if is_number(size) else entries.xp.astype(size, entries.prediction.dtype)


def are_largest(entries: Entries, scores: Array, candidates: Array, number: Array | int) -> Array:
    """Which of the observed candidates have the `number` largest scores, or tie with the least.

    All of them, if there are fewer. The result is a constant for automatic differentiation.
    """
    xp, scores = entries.xp, stop_gradient(scores)
    if entries.observed is not None:
        candidates = xp.logical_and(candidates, entries.observed)
    ranked = xp.sort(xp.reshape(xp.where(candidates, scores, -float("inf")), (-1,)))
    size = shape_of(ranked)[0]
    if size == 0:
        return candidates
    size = _as_float(entries, size)
    place = size - number + xp.zeros_like(ranked[:1])
    is_none = place > size - 1
    place = xp.where(is_none, size - 1, xp.where(place < 0, 0.0, place))
    limit = take(xp, ranked, xp.astype(place, index_dtype(xp)), 0)
    limit = xp.where(is_none, float("inf"), limit)
    is_large = scores >= xp.reshape(limit, (1,) * len(scores.shape))
    return xp.logical_and(candidates, is_large)
