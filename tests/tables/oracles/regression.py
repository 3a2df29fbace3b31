"""Losses of numbers and counts from their definition, one entry at a time."""

from mpmath import mp, mpf

from tables.oracles.exact import Exact, of_subset


def squared(x, y):
    d = mpf(x[0]) - mpf(y)
    return Exact(d * d, [2 * d], [mpf(2)])


def absolute(x, y):
    d = mpf(x[0]) - mpf(y)
    return Exact(abs(d), [mp.sign(d)], [mpf(0)])


def huber(x, y, *, delta=1.0):
    d, delta = mpf(x[0]) - mpf(y), mpf(delta)
    if abs(d) < delta:
        return Exact(d * d / 2, [d], [mpf(1)])
    return Exact(delta * (abs(d) - delta / 2), [delta * mp.sign(d)], [mpf(0)])


def smooth_l1(x, y, *, beta=1.0):
    d, beta = mpf(x[0]) - mpf(y), mpf(beta)
    if abs(d) < beta:
        return Exact(d * d / (2 * beta), [d / beta], [1 / beta])
    return Exact(abs(d) - beta / 2, [mp.sign(d)], [mpf(0)])


def log_cosh(x, y):
    d = mpf(x[0]) - mpf(y)
    with mp.workdps(200):  # cosh(1e-30) is 1 + 5e-61
        return Exact(mp.log(mp.cosh(d)), [mp.tanh(d)], [mp.sech(d) ** 2])


def pinball(x, y, *, quantile=0.5):
    d, q = mpf(x[0]) - mpf(y), mpf(quantile)
    slope = 1 - q if d > 0 else -q if d < 0 else mpf(0)
    return Exact(max(-q * d, (1 - q) * d), [slope], [mpf(0)])


def poisson(x, y, *, log_input=True, full=False, eps=1e-8):
    x, y, eps = mpf(x[0]), mpf(y), mpf(eps)
    stirling = y * mp.log(y) - y + mp.log(2 * mp.pi * y) / 2 if full and y > 1 else mpf(0)
    if log_input:
        rate = mp.exp(x)
        return Exact(rate - y * x + stirling, [rate - y], [rate])
    rate = x + eps
    value = x - y * mp.log(rate) if y else x
    return Exact(value + stirling, [1 - y / rate], [y / rate**2])


def censored(oracle):
    """Make an oracle of bounds of one of exact numbers."""

    def of_bound(x, y, *, censoring, **options):
        excess = mpf(x[0]) - mpf(y)
        if (censoring == -1 and excess <= 0) or (censoring == 1 and excess >= 0):
            return Exact(mpf(0), [mpf(0)], [mpf(0)])
        return oracle(x, y, **options)

    return of_bound


def gaussian(x, y, *, var, full=False, eps=1e-6):
    d, v = mpf(x[0]) - mpf(y), max(mpf(var), mpf(eps))
    density = mp.exp(-d * d / (2 * v)) / mp.sqrt(v)
    value = -mp.log(density / mp.sqrt(2 * mp.pi) if full else density)
    return Exact(value, [d / v], [1 / v])


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
