"""Negative log-likelihoods and scores from densities, one entry at a time.

Terms of the label alone are left out.
"""

from typing import NamedTuple

from mpmath import mp, mpf

from tables.oracles.exact import Exact


def negative_binomial(x, y, *, dispersion=1.0):
    with mp.workdps(120):
        y, a = mpf(y), mpf(dispersion)
        odds = a * mp.exp(mpf(x[0]))
        success = odds / (1 + odds)
        value = mp.log1p(odds) / a - (y * mp.log(success) if y else 0)
        slope = (odds / a - y) / (1 + odds)
        return Exact(value, [slope], [success * (1 / a + y) / (1 + odds)])


def gamma(x, y):
    x, y = mpf(x[0]), mpf(y)
    ratio = y / mp.exp(x)
    return Exact(x + ratio, [1 - ratio], [ratio])


def tweedie(x, y, *, power=1.5):
    y, p, mean = mpf(y), mpf(power), mp.exp(mpf(x[0]))
    value = mean ** (2 - p) / (2 - p) - y * mean ** (1 - p) / (1 - p)
    slope = (mean - y) * mean ** (1 - p)
    curvature = (2 - p) * mean ** (2 - p) - (1 - p) * y * mean ** (1 - p)
    return Exact(value, [slope], [curvature])


class _Density(NamedTuple):
    """The density at a number, and the derivatives of its logarithm."""

    at: mpf
    slope: mpf
    bend: mpf


class _Sides(NamedTuple):
    """The probabilities of smaller and of larger numbers."""

    below: mpf
    above: mpf


def _normal(z):
    return _Density(mp.npdf(z), -z, mpf(-1))


def _sides_of_normal(z):
    half = mp.erfc(abs(z) / mp.sqrt(2)) / 2
    return _Sides(1 - half, half) if z > 0 else _Sides(half, 1 - half)


def _logistic(z):
    below, above = _sides_of_logistic(z)
    return _Density(below * above, above - below, -2 * below * above)


def _sides_of_logistic(z):
    return _Sides(1 / (1 + mp.exp(-z)), 1 / (1 + mp.exp(z)))


def _extreme_value(z):
    w = mp.exp(z)
    return _Density(w * mp.exp(-w), 1 - w, -w)


def _sides_of_extreme_value(z):
    w = mp.exp(z)
    return _Sides(-mp.expm1(-w), mp.exp(-w))


_OF = {
    "normal": (_normal, _sides_of_normal, False),
    "logistic": (_logistic, _sides_of_logistic, False),
    "extreme_value": (_extreme_value, _sides_of_extreme_value, False),
    "log_normal": (_normal, _sides_of_normal, True),
    "log_logistic": (_logistic, _sides_of_logistic, True),
    "weibull": (_extreme_value, _sides_of_extreme_value, True),
}
_NOWHERE = _Density(mpf(0), mpf(0), mpf(0)), _Sides(mpf(0), mpf(0))


def censored(x, y, *, scale=1.0, distribution="normal", censoring=0, upper=float("inf")):
    density, sides, is_log = _OF[distribution]
    with mp.workdps(500):
        s = mpf(scale)

        def standard(number):
            return ((mp.log(mpf(number)) if is_log else mpf(number)) - mpf(x[0])) / s

        if censoring == 0 or (censoring == 1 and upper == y):
            d = density(standard(y))
            value = -mp.log(d.at / s / (mpf(y) if is_log else 1))
            return Exact(value, [d.slope / s], [-d.bend / s**2])

        def bound(number):
            z = standard(number)
            return density(z), sides(z)

        low, high = (-float("inf"), y) if censoring == -1 else (y, upper)
        is_open = low == -float("inf") or (is_log and low == 0)
        a, of_a = _NOWHERE if is_open else bound(low)
        b, of_b = _NOWHERE if high == float("inf") else bound(high)
        outside = of_a.below + of_b.above
        if outside < mpf(1) / 2:
            value = -mp.log1p(-outside)
        elif b.at == 0 or of_a.below > 0.5:
            value = -mp.log(of_a.above - of_b.above)
        else:
            value = -mp.log(of_b.below - of_a.below)
        inside = mp.exp(-value)
        pull = (b.at - a.at) / inside
        bend = pull**2 - (b.at * b.slope - a.at * a.slope) / inside
        return Exact(value, [pull / s], [bend / s**2])


def ensemble_crps(x, y, *, fair=True):
    x, y, n = [mpf(v) for v in x], mpf(y), len(x)
    pairs = 2 * n * (n - 1 if fair else n)
    value = sum(abs(v - y) for v in x) / n - sum(abs(v - w) for v in x for w in x) / pairs
    slope = [mp.sign(v - y) / n - 2 * sum(mp.sign(v - w) for w in x) / pairs for v in x]
    return Exact(value, slope, [mpf(0)] * n)


def gaussian_crps(x, y, *, var, eps=1e-6):
    s = mp.sqrt(max(mpf(var), mpf(eps)))
    w = (mpf(y) - mpf(x[0])) / s
    share = mp.erf(w / mp.sqrt(2))
    value = s * (w * share + 2 * mp.npdf(w) - 1 / mp.sqrt(mp.pi))
    return Exact(value, [-share], [2 * mp.npdf(w) / s])
