"""The losses of overlap in 60-digit arithmetic, one region at a time."""

from mpmath import mp, mpf

from tables.oracles.exact import Exact, of_subset


@of_subset
def tversky(x, y, **options):
    # The quotient of a region that is predicted well is close to 1.
    with mp.workdps(700):
        return _tversky(x, y, **options)


def _tversky(x, y, *, alpha=0.5, beta=0.5, smooth=1.0, squared=False, from_logits=False):
    """The quotient of two polynomials in p, and its derivatives by the quotient rule."""
    a, b, s, y = mpf(alpha), mpf(beta), mpf(smooth), [mpf(v) for v in y]
    p = [1 / (1 + mp.exp(-mpf(v))) if from_logits else mpf(v) for v in x]
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
        if from_logits:
            q = 1 - u
            first, second = first * u * q, second * (u * q) ** 2 + first * u * q * (q - u)
        slope.append(first)
        curvature.append(second)
    return Exact((bottom - top) / bottom, slope, curvature)


def dice(x, y, observed, *, smooth=1.0, **options):
    return tversky(x, y, observed, alpha=0.5, beta=0.5, smooth=smooth / 2, **options)


def jaccard(x, y, observed, **options):
    return tversky(x, y, observed, alpha=1, beta=1, **options)
