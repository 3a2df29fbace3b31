"""The losses of overlap in 60-digit arithmetic, one region at a time."""

import numpy as np
from mpmath import mp, mpf

from tables.oracles.exact import Exact, of_subset


@of_subset
def tversky(x, y, **options):
    # The quotient of a region that is predicted well is close to 1.
    with mp.workdps(700):
        return _tversky(x, y, **options)


def _tversky(x, y, *, alpha=0.5, beta=0.5, smooth=1.0, squared=False, activation=None):
    """The quotient of two polynomials in p, and its derivatives by the quotient rule."""
    a, b, s, y = mpf(alpha), mpf(beta), mpf(smooth), [mpf(v) for v in y]
    p = [1 / (1 + mp.exp(-mpf(v))) if activation else mpf(v) for v in x]
    order = 2 if squared else 1
    both = sum(u * v for u, v in zip(p, y, strict=True))
    top = both + s
    bottom = top + a * (sum(u**order for u in p) - both) + b * (sum(v**order for v in y) - both)
    if bottom == 0:
        return Exact(mpf(0), [mpf(0)] * len(x), [mpf(0)] * len(x))
    slope, curvature = [], []
    for u, v in zip(p, y, strict=True):
        top1, bottom1 = v, (1 - a - b) * v + a * order * u ** (order - 1)
        bottom2 = 2 * a if squared else 0
        first = -(top1 * bottom - top * bottom1) / bottom**2
        second = top * bottom2 / bottom**2 - 2 * bottom1 * first / bottom
        if activation:
            q = 1 - u
            first, second = first * u * q, second * (u * q) ** 2 + first * u * q * (q - u)
        slope.append(first)
        curvature.append(second)
    return Exact((bottom - top) / bottom, slope, curvature)


def dice(x, y, observed, *, smooth=1.0, **options):
    return tversky(x, y, observed, alpha=0.5, beta=0.5, smooth=smooth / 2, **options)


def jaccard(x, y, observed, **options):
    return tversky(x, y, observed, alpha=1, beta=1, **options)


def tversky_of_softmax(x, y, observed, region_axes, *, class_axis, **options):
    """The same of the softmax of the observed elements of each pixel."""
    options = {k: v for k, v in options.items() if k not in ("spatial_axes", "activation")}
    places = np.arange(x.size).reshape(x.shape)
    last = np.moveaxis(places, region_axes, range(-len(region_axes), 0))
    entries = last.shape[: x.ndim - len(region_axes)]
    members = last.reshape(*entries, -1)
    with mp.workdps(700):
        pixels = _Pixels(x, observed, class_axis)
        return {
            entry: _of_region(pixels, y.ravel(), members[entry].tolist(), **options)
            for entry in np.ndindex(entries)
        }


class _Pixels(dict):
    """The probability of each observed element, and the elements of its pixel."""

    def __init__(self, x, observed, class_axis):
        super().__init__()
        places = np.moveaxis(np.arange(x.size).reshape(x.shape), class_axis, -1)
        numbers, self.size, self.beside = x.ravel(), x.size, {}
        for pixel in places.reshape(-1, x.shape[class_axis]).tolist():
            known = [k for k in pixel if observed.ravel()[k]]
            powers = [mp.exp(mpf(numbers[k])) for k in known]
            for k, power in zip(known, powers, strict=True):
                self[k], self.beside[k] = power / sum(powers), known


def _of_region(pixels, y, members, *, alpha=0.5, beta=0.5, smooth=1.0, squared=False):
    a, b, s, order = mpf(alpha), mpf(beta), mpf(smooth), 2 if squared else 1
    y = {k: mpf(float(y[k])) for k in members if k in pixels}

    def both(k, derivatives):
        """Return what an element adds to the overlap and to the size, or their derivatives."""
        p, v = pixels[k], y[k]
        if not derivatives:
            return v * p, (1 - a - b) * v * p + a * p**order + b * v**order
        first, second = derivatives
        power1 = order * p ** (order - 1)
        return (
            (v * first, (1 - a - b) * v * first + a * power1 * first),
            (
                v * second,
                (1 - a - b) * v * second + a * (power1 * second + (order - 1) * 2 * first**2),
            ),
        )

    sums = [sum(part) + s for part in zip(*(both(k, ()) for k in y), strict=True)] or [s, s]
    top, bottom = sums
    slope, curvature = [mpf(0)] * pixels.size, [mpf(0)] * pixels.size
    if bottom == 0:
        return Exact(mpf(0), slope, curvature)
    for k, p in pixels.items():
        within = [other for other in pixels.beside[k] if other in y]
        if not within:  # of most pixels, for each region
            continue
        top1 = bottom1 = top2 = bottom2 = mpf(0)
        for other in within:
            u, is_own = pixels[other], other == k
            first = u * (is_own - p)
            second = first * (is_own - p) - u * p * (1 - p)
            (one, two), (three, four) = both(other, (first, second))
            top1, bottom1, top2, bottom2 = top1 + one, bottom1 + two, top2 + three, bottom2 + four
        slope[k] = -(top1 * bottom - top * bottom1) / bottom**2
        curvature[k] = -(top2 + 2 * slope[k] * bottom1 - top / bottom * bottom2) / bottom
    return Exact((bottom - top) / bottom, slope, curvature)


def dice_of_softmax(*arrays, smooth=1.0, **options):
    return tversky_of_softmax(*arrays, alpha=0.5, beta=0.5, smooth=smooth / 2, **options)


def jaccard_of_softmax(*arrays, **options):
    return tversky_of_softmax(*arrays, alpha=1, beta=1, **options)
