"""Turn the curvature of a loss into a Hessian that boosting can divide by."""

from __future__ import annotations

import numpy as np

from .._arrays.typing import Array

# The least Hessian of XGBoost's logistic objective (`src/objective/regression_loss.h`).
_LEAST = 1e-16


def positive_hessian(curvature: Array, unit: Array, *, is_of_classes: bool) -> Array:
    """Return a Hessian that is positive where `unit` is, and 0 elsewhere.

    `unit` is the weight of each observed label, and 0 for a missing one. The Hessian is the
    absolute curvature, or `unit` where the curvature is 0. For rows of classes it is twice the
    curvature: in a row of the Hessian of a softmax, the magnitudes off the diagonal add up to the
    diagonal, so that steps by the diagonal alone would be too long.
    """
    size = np.abs(curvature)
    if is_of_classes:
        size *= 2
    is_straight = size == 0
    np.maximum(size, _LEAST * unit, out=size)
    np.copyto(size, unit, where=is_straight)
    return size
