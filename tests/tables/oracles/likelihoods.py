"""Negative log-likelihoods from densities, one entry at a time; terms of y alone are left out."""

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
