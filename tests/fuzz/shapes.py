"""Random shapes of entries and of rows."""

import math

import numpy as np

SIZES, SHARES = [0, 1, 2, 3, 4], [0.05, 0.2, 0.25, 0.25, 0.25]


class AnyShapes:
    """Shapes of up to some axes, each of any of a few sizes."""

    def __init__(self, most_axes):
        self.most_axes = most_axes

    def of_entries(self, rng, ndim, least=0):
        return _sizes(rng, ndim, least)

    def of_row(self, rng, ndim, least=0):
        return _sizes(rng, ndim, least)


class FewShapes:
    """Shapes of one size for each axis: the entries take the first sizes, and rows the last."""

    def __init__(self, rng, most_axes):
        self.most_axes = most_axes
        self._sizes = tuple(rng.choice(SIZES, most_axes + 1, replace=False, p=SHARES).tolist())

    def of_entries(self, _, ndim, least=0):
        return self._at_least(least)[:ndim]

    def of_row(self, _, ndim, least=0):
        return self._at_least(least)[len(self._sizes) - ndim :]

    def _at_least(self, least):
        return tuple(max(size, least) for size in self._sizes)


def at_most(length, shape, least=1):
    """Return a shape made smaller until it has no more than so many elements."""
    while math.prod(shape) > length:
        shape = tuple(max(least, size - 1) for size in shape)
    return shape


def _sizes(rng, ndim, least=0):
    sizes = rng.choice(SIZES, ndim, p=SHARES)
    return tuple(int(size) for size in np.maximum(sizes, least))
