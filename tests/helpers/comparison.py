"""Arrays of any library beside what they should be."""

import numpy as np

from helpers.frameworks import asnumpy

EPSILON = 2.0**-23


def assert_close(got, want, epsilons=16, *, least=0.0):
    """Compare but for the order of operations in float32, relative to the largest or `least`."""
    got, want = asnumpy(got), asnumpy(want)
    assert got.shape == want.shape
    bound = epsilons * EPSILON
    scale = np.abs(want[np.isfinite(want)]).max(initial=least)
    np.testing.assert_allclose(got, want, rtol=bound, atol=bound * scale)


def assert_all_close(got, want, epsilons=16, *, least=0.0):
    """Compare several arrays, each relative to its own largest."""
    for one, other in zip(got, want, strict=True):
        assert_close(one, other, epsilons, least=least)


def assert_within(got, want, epsilons, dtype):
    """Compare with exact numbers, relative to each, where `dtype` can hold them."""
    info = np.finfo(dtype)
    got, want = np.asarray(got, float), np.asarray(want, float)
    assert got.shape == want.shape
    with np.errstate(over="ignore"):
        want = np.where(np.abs(want) > float(info.max), np.copysign(np.inf, want), want)
    equal = got == want
    bound = epsilons * float(info.eps) * np.abs(want) + float(info.smallest_normal)
    with np.errstate(invalid="ignore"):
        good = equal | (np.abs(got - want) <= bound)
    if not good.all():
        worst = np.argmax(np.where(good, 0, np.abs(got - want) / np.maximum(np.abs(want), 1e-300)))
        place = np.unravel_index(worst, got.shape)
        error = abs(got[place] - want[place]) / max(abs(want[place]), 1e-300) / float(info.eps)
        msg = f"{(~good).sum()} off; at {place}: {got[place]!r}, not {want[place]!r}, {error} eps"
        raise AssertionError(msg)
