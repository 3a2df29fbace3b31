"""The elementary functions of compiled loops, against NumPy's in twice the digits."""

import itertools
import math

import mpmath
import numpy as np
import pytest

from maskloss._fused.numba_math import functions
from maskloss._fused.numba_series import EXP, UNIT

FUNCTIONS = {
    "exp": np.exp,
    "expm1": np.expm1,
    "log": np.log,
    "log1p": np.log1p,
    "log1p_of_unit": np.log1p,
}
# 2**32 patterns of bits make all float32 numbers; a prime number of them is stepped over.
STEP = 4099


def compiled(name, dtype):
    """Return a function of this package as a loop over arrays."""
    loop = f"\n@njit\ndef loop(x, out):\n    for i in range(x.size):\n        out[i] = {name}(x[i])"
    namespace = {}
    source = functions([name], dtype) + loop
    exec(source, namespace)

    def function(x):
        out = np.empty_like(x)
        namespace["loop"](x, out)
        return out

    return function


def assert_few_epsilons(got, want, dtype):
    """Compare with numbers of more digits; infinities and NaN are the same."""
    info = np.finfo(dtype)
    with np.errstate(over="ignore", invalid="ignore"):
        rounded = want.astype(dtype)
        is_special = ~np.isfinite(rounded) | ~np.isfinite(got)
        error = np.abs(got.astype(want.dtype) - want)
        allowed = 2 * float(info.eps) * np.abs(want) + float(info.smallest_subnormal)
    np.testing.assert_array_equal(got[is_special], rounded[is_special])
    assert (error <= allowed)[~is_special].all()


def exp_rest(x):
    return sum(x**k / mpmath.factorial(k + 2) for k in range(60))


def log1p_rest(x):
    return (x - mpmath.log1p(x)) / x**2


HALF = math.log(2) / 2
SERIES = {"exp": (EXP, exp_rest, -HALF, HALF), "log1p_of_unit": (UNIT, log1p_rest, 0, 1)}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", SERIES)
def test_the_coefficients_interpolate(name, dtype):
    coefficients, function, low, high = SERIES[name]
    number = len(coefficients[dtype])
    with mpmath.workdps(60):
        angles = [mpmath.pi * (2 * k + 1) / (2 * number) for k in range(number)]
        nodes = [(low + high + (high - low) * mpmath.cos(angle)) / 2 for angle in angles]
        powers = mpmath.matrix([[node**k for k in range(number)] for node in nodes])
        exact = mpmath.lu_solve(powers, mpmath.matrix([function(node) for node in nodes]))
        np.testing.assert_allclose(coefficients[dtype], [float(each) for each in exact], rtol=1e-9)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_float32_numbers_of_every_size(name, pytestconfig):
    step = 1 if pytestconfig.getoption("--cases") == "every" else STEP
    function, chunk = compiled(name, "float32"), 1 << 22
    for start in range(0, 1 << 32, chunk * step):
        bits = np.arange(start, min(start + chunk * step, 1 << 32), step, dtype=np.uint64)
        x = bits.astype(np.uint32).view(np.float32)
        if name == "log1p_of_unit":
            x = x[(x >= 0) & (x <= 1)]
        with np.errstate(all="ignore"):
            assert_few_epsilons(function(x), FUNCTIONS[name](x.astype(np.float64)), "float32")


@pytest.mark.parametrize("name", FUNCTIONS)
def test_float64_against_60_digits(name):
    rng = np.random.default_rng(0)
    near = [np.copysign(2.0**k * rng.uniform(1, 2), s) for k in range(-60, 10) for s in (1, -1)]
    ends = [0.0, 1.0, 709.7, 709.8, -745.1, -708.3, 0.5, math.sqrt(0.5), 5e-324, 1e-310, 1e300]
    x = np.asarray([*near, *ends])
    domain = {"log": x >= 0, "log1p": x > -1, "log1p_of_unit": (x >= 0) & (x <= 1)}
    x = x[domain.get(name, x < 1e9)]
    exact = {"log1p_of_unit": mpmath.log1p}.get(name) or getattr(mpmath, name)
    got = compiled(name, "float64")(x)
    with mpmath.workdps(60):
        for number, ours in zip(x.tolist(), got.tolist(), strict=True):
            want = exact(mpmath.mpf(number)) if number or name != "log" else -mpmath.inf
            if want > np.finfo(float).max or want == -mpmath.inf:
                assert ours == (math.inf if want > 0 else -math.inf)
                continue
            allowed = 2 * 2.0**-52 * abs(want) + 5e-324
            assert abs(mpmath.mpf(ours) - want) <= allowed, (number, ours, want)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_what_is_no_number_stays_visible(name, dtype):
    numbers = [math.nan] if name == "log1p_of_unit" else [math.nan, math.inf, -math.inf]
    x = np.asarray(numbers, dtype)
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(compiled(name, dtype)(x), FUNCTIONS[name](x))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_integers_of_numbers_have_their_order(dtype):
    numbers = [0.0, 1e-40, 1.0, 2.0, 3.0, 40.0, 1e30, math.inf]
    ends = np.asarray([-each for each in reversed(numbers)] + numbers, dtype)
    x = np.sort(np.concatenate([ends, np.nextafter(ends, np.zeros_like(ends))]))
    namespace = {}
    exec(functions(["flipped"], dtype), namespace)
    bits = x.view("int32" if dtype == "float32" else "int64")
    ranked = np.asarray([namespace["flipped"](each) for each in bits])
    assert (np.diff(ranked)[np.diff(x) > 0] > 0).all()
    assert [namespace["flipped"](each) for each in ranked] == bits.tolist()


def test_a_wrong_function_is_found():
    x = np.linspace(1, 2, 100, dtype="float32")
    with pytest.raises(AssertionError):
        assert_few_epsilons(np.exp(x), np.exp(x.astype(float)) * (1 + 1e-6), "float32")


def test_the_steps_meet_all_exponents():
    bits = np.arange(0, 1 << 32, STEP, dtype=np.uint64).astype(np.uint32)
    assert len(np.unique(bits >> 23)) == 512
    assert not [a for a, b in itertools.pairwise(bits[:10].tolist()) if b - a != STEP]
