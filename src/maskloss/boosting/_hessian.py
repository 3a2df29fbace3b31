"""From the curvature of a loss to a Hessian that boosting can divide by."""

from __future__ import annotations

import numpy as np

from maskloss._arrays.typing import Array

# As XGBoost's own objectives have it.
_LEAST = 1e-16


def positive_hessian(curvature: Array, unit: Array, *, is_of_classes: bool) -> Array:
    """Return a Hessian above 0 where `unit` is, the weight of what is observed, and 0 elsewhere.

    The absolute curvature, and the unit where the curvature is 0. Of rows of classes twice that:
    in a row of the Hessian of a softmax, the other numbers add up to as much as the diagonal, which
    alone would step too far.
    """
    size = np.abs(curvature)
    if is_of_classes:
        size *= 2
    is_straight = size == 0
    np.maximum(size, _LEAST * unit, out=size)
    np.copyto(size, unit, where=is_straight)
    return size
