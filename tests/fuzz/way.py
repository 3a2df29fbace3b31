"""A random way to reduce entries."""

import math

import numpy as np

OF_AXIS = ("sum", "sums", "mean", "weighted_mean", "mean_over_all")
OF_GROUPS = ("macro", "samples")
DIVIDED = ("mean", "weighted_mean", "mean_over_all", *OF_GROUPS)


def draw_way(rng, reductions, shape, class_axis):
    """Return the keywords of a plain loop, and those of a loss, for entries of a shape."""
    reduction = reductions[rng.integers(len(reductions))]
    way = {"shape": shape, "class_axis": class_axis}
    keywords = {}
    kept = ()
    if reduction in OF_AXIS and shape and rng.integers(2):
        axes = rng.permutation(len(shape))[: rng.integers(0, len(shape) + 1)].tolist()
        way["axis"] = tuple(axes)
        kept = tuple(k for k in range(len(shape)) if k not in axes)
        signed = tuple(k - len(shape) * int(rng.integers(2)) for k in axes)
        keywords["axis"] = signed[0] if len(axes) == 1 and rng.integers(2) else signed
    if reduction in OF_GROUPS and shape:
        kept = (class_axis if reduction == "macro" else 0,)
    if reduction in DIVIDED and rng.uniform() < 0.3:
        means = tuple(shape[k] for k in kept)
        keywords["divisor"] = way["divisor"] = _divisor(rng, means, reduction in OF_GROUPS)
    if rng.integers(2):
        keywords["empty"] = way["empty"] = [0.0, math.nan, 3.0][rng.integers(3)]
    if reduction in OF_GROUPS or rng.uniform() < 0.8:
        keywords["reduction"] = reduction
    return {**way, "reduction": keywords.get("reduction", "mean")}, keywords


def _divisor(rng, means, is_of_groups):
    if not is_of_groups and rng.integers(2):
        return float(rng.integers(0, 3))
    return np.asarray(rng.integers(0, 5, means) / 2)
