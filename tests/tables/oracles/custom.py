"""Losses that the caller has computed, one entry at a time."""

from mpmath import mpf

from tables.oracles.exact import Exact


def own(x, _):
    return Exact(mpf(x[0]), [mpf(1)], [mpf(0)])
