"""The loss of an angle in 60-digit arithmetic, one row at a time."""

from mpmath import mp, mpf

from tables.oracles.exact import Exact, of_subset


@of_subset
def cosine_similarity(x, y, *, similarity=1.0, margin=0.0, eps=1e-8):
    x, y, eps = [mpf(v) for v in x], [mpf(v) for v in y], mpf(eps)
    norms = [mp.sqrt(sum(v * v for v in row)) for row in (x, y)]
    n, m = (max(norm, eps) for norm in norms)
    cosine = sum(a * b for a, b in zip(x, y, strict=True)) / (n * m)
    slope = [b / m / n for b in y]
    curvature = [mpf(0)] * len(x)
    if norms[0] > eps:
        slope = [s - cosine * a / n**2 for s, a in zip(slope, x, strict=True)]
        curvature = [
            (3 * cosine * (a / n) ** 2 - 2 * a * b / (n * m) - cosine) / n**2
            for a, b in zip(x, y, strict=True)
        ]
    factor = -1 if similarity == 1 else int(cosine > margin)
    value = 1 - cosine if similarity == 1 else factor * (cosine - mpf(margin))
    return Exact(value, [factor * s for s in slope], [factor * c for c in curvature])
