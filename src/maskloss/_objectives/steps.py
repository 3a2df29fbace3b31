"""The total over several batches or devices, from the sums of each."""

from __future__ import annotations

from .._arrays.namespace import Namespace
from .._arrays.typing import Array
from .._evaluation.sums import Sums, ratio
from .evaluate import value_of
from .heads import Heads
from .results import ObjectiveSums, ObjectiveValue
from .weighting import Weighting


def combine_sums(heads: Heads, sums: ObjectiveSums, log_variances: Array | None) -> ObjectiveValue:
    """Return the total, and the value and count of each head, from added sums."""
    items = heads.sums("sums", sums)
    xp = heads.namespace("sums", [item.total for item in items], log_variances)
    values = [head.reduce(item) for head, item in zip(heads, items, strict=True)]
    counts = [item.count for item in items]
    with xp.ignore_fp_errors():
        weighting = Weighting(xp, heads.by_key, counts, log_variances)
        return value_of(heads, weighting, values, counts)


def share_of_batch(
    heads: Heads,
    sums: ObjectiveSums,
    counts: ObjectiveSums,
    processes: int,
    log_variances: Array | None,
) -> ObjectiveValue:
    """Return the share of a batch with some sums in the total over all batches of a step."""
    items, wholes = heads.sums("sums", sums), heads.sums("counts", counts)
    xp = heads.namespace("sums", [item.total for item in items], log_variances)
    with xp.ignore_fp_errors():
        pairs = list(zip(heads, items, wholes, strict=True))
        values = [processes * head.share(xp, item, whole) for head, item, whole in pairs]
        parts = [processes * _part(xp, item, whole) for _, item, whole in pairs]
        weighting = Weighting(xp, heads.by_key, [whole.count for whole in wholes], log_variances)
        total = weighting.total(values, parts)
    build = heads.structure.build
    return ObjectiveValue(total, build(values), build([item.count for item in items]))


def _part(xp: Namespace, own: Sums, whole: Sums) -> Array:
    """Return the part of the entries of a head that belongs to one batch."""
    number, everything = (xp.astype(sums.count, own.total.dtype) for sums in (own, whole))
    return ratio(xp, number, everything, 0.0)
