"""Find the constant prediction from which boosting starts: the minimiser of a loss."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .._arrays.typing import Array

# A slope of this share of the first one counts as 0: a loss such as the cross-entropy of labels
# that are all positive falls for ever, and would put the start at infinity.
_FLAT = 1e-4
_DOUBLINGS = 60
_BISECTIONS = 60
_DESCENT_STEPS = 100
_SHORTEST_STEP = 1e-9


def minimiser_per_target(slope: Callable[[Array], Array], center: Array, spread: Array) -> Array:
    """Return the zero of each target's slope, which rises in its prediction, by bisection.

    Bisection needs no curvature, which `l1_loss` and `quantile_loss` lack. The first interval is
    the mean of the labels and one standard deviation to both sides, which holds the median.
    """
    first = slope(center)
    flat = _FLAT * np.minimum(np.abs(first), 1)
    low, high = (_expand(slope, center, sign * spread, flat) for sign in (-1, 1))
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        is_above = slope(middle) > 0
        low, high = np.where(is_above, low, middle), np.where(is_above, middle, high)
    return np.where(first == 0, center, (low + high) / 2)


def _expand(slope: Callable[[Array], Array], start: Array, step: Array, flat: Array) -> Array:
    """Return a bound beyond the minimum of each target, in the direction of `step`."""
    bound, sign = start + step, np.sign(step)
    for _ in range(_DOUBLINGS):
        is_short = sign * slope(bound) < -flat
        if not is_short.any():
            break
        bound = np.where(is_short, start + 2 * (bound - start), bound)
    return bound


def minimiser_of_row(
    value: Callable[[Array], float], step: Callable[[Array], Array], start: Array
) -> Array:
    """Return the row of predictions that minimises the loss, by damped Newton steps."""
    row, least, scale, direction = start, value(start), 1.0, step(start)
    for _ in range(_DESCENT_STEPS):
        new = row - scale * direction
        found = value(new)
        if found < least:
            is_done = np.abs(new - row).max() <= _SHORTEST_STEP
            row, least, scale, direction = new, found, min(2 * scale, 1.0), step(new)
        else:
            scale /= 4
            is_done = scale < _SHORTEST_STEP
        if is_done:
            break
    return row
