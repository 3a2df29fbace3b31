"""Exact numbers of one entry in 60-digit arithmetic, and their reduction by plain loops."""

from typing import NamedTuple

import numpy as np
from mpmath import mp, mpf

# exp(-1e4) stands beside 1 in a softmax; what is lost below is below every float.
mp.dps = 60


class Exact(NamedTuple):
    """Value, gradient and Hessian diagonal of one entry, and the weight it carries itself."""

    value: mpf
    slope: list
    curvature: list
    weight: mpf = mpf(1)


def of_subset(oracle):
    """Make an oracle of coupled rows of one of whole rows, which gets the observed elements."""

    def of_row(row, labels, observed, **options):
        places = [k for k, is_observed in enumerate(observed) if is_observed]
        zeros = [mpf(0)] * len(row)
        if not places:
            return Exact(mpf(0), zeros, zeros)
        options = {k: [v[i] for i in places] if np.ndim(v) else v for k, v in options.items()}
        exact = oracle([row[i] for i in places], [labels[i] for i in places], **options)
        derivatives = []
        for part in (exact.slope, exact.curvature):
            spread = dict(zip(places, part, strict=True))
            derivatives.append([spread.get(k, mpf(0)) for k in range(len(row))])
        return exact._replace(slope=derivatives[0], curvature=derivatives[1])

    return of_row


def loop(
    terms,
    observed,
    weight,
    reduction,
    *,
    axis=None,
    divisor=None,
    empty=0.0,
    shape=None,
    class_axis=-1,
):
    """Reduce a dict of entries {index: Exact} with plain loops; return {kept index: value}.

    For "sums" each value is a triple. `shape` is that of the entries, for where there are none;
    `divisor` is a number or an array of the results' shape, or of the groups' of a mean of means.
    """
    if reduction == "none":
        return {i: weight[i] * t.value if observed[i] else 0.0 for i, t in terms.items()}
    shape = tuple(np.max([*terms], 0) + 1) if shape is None else shape
    ndim = len(shape)
    if reduction in {"macro", "samples"}:
        kept = (class_axis % ndim if reduction == "macro" else 0,) if ndim else ()
        way = {"axis": _all_but(kept, ndim), "divisor": divisor, "empty": None, "shape": shape}
        means = loop(terms, observed, weight, "mean", **way)
        known = [mean for mean in means.values() if mean is not None]
        return {(): sum(known) / len(known) if known else empty}
    axes = range(ndim) if axis is None else axis
    kept = _all_but(axes, ndim)
    groups = {key: [] for key in np.ndindex(*(shape[k] for k in kept))}
    for index, term in terms.items():
        groups[tuple(index[k] for k in kept)].append((index, term))
    return {
        key: _group(
            group,
            observed,
            weight,
            reduction,
            divisor[key] if np.ndim(divisor) else divisor,
            empty,
        )
        for key, group in groups.items()
    }


def _all_but(axes, ndim):
    return tuple(k for k in range(ndim) if k not in axes)


def _group(group, observed, weight, reduction, divisor, empty):
    known = [(weight[i], t) for i, t in group if observed[i]]
    total = sum(w * t.value for w, t in known)
    weights = sum(w * t.weight for w, t in known)
    if reduction == "sum":
        return total
    if reduction == "sums":
        return (total, len(known), weights)
    number = {"mean": len(known), "weighted_mean": weights, "mean_over_all": len(group)}[reduction]
    number = number if divisor is None else divisor
    return total / number if number else empty
