"""Losses of half precision are computed and summed in float32."""

import functools
import math

import numpy as np
import pytest

import maskloss as ml
from helpers.dtypes import all_equal
from helpers.frameworks import asnumpy, dtype_of
from helpers.layouts import cast, in_dtype
from helpers.problems import Problem
from tables.cases import RICH, by_case


class HalfPrecision:
    """What holds in each half precision: it is computed and summed in float32."""

    dtype: str

    def half(self, backend, array):
        return cast(backend, np.asarray(array, "float32"), self.dtype)

    def ones(self, backend, *shape):
        return self.half(backend, np.ones(shape))

    @by_case(RICH)
    def test_equals_float32_on_the_same_rounded_numbers(self, backend, case):
        rounded = in_dtype(Problem.make(backend, case), self.dtype)
        single = in_dtype(rounded, "float32")
        (value, gradient), (want, exact) = (
            p.bind(ml.value_and_grad(case.loss), reduction="weighted_mean")(*p.arrays)
            for p in (rounded, single)
        )
        assert (dtype_of(value), dtype_of(gradient)) == ("float32", self.dtype)
        all_equal([value, gradient], [want, cast(backend, exact, self.dtype)])
        if case.is_split:
            sums = rounded.call(reduction="sums")
            assert dtype_of(sums.total) == dtype_of(sums.weight) == "float32"
            all_equal(sums, single.call(reduction="sums"))

    @pytest.mark.parametrize("reduction", ["mean", "weighted_mean", "mean_over_all"])
    def test_the_mean_of_70_000_ones_is_1(self, backend, reduction):
        ones, zeros = self.ones(backend, 70_000), self.half(backend, np.zeros(70_000))
        observed = backend.asarray(np.ones(70_000, bool))
        for options in ({}, {"mask": observed}, {"weight": ones}, {"divisor": 70_000}, {"axis": 0}):
            value, gradient = ml.value_and_grad(ml.mse_loss)(
                ones, zeros, reduction=reduction, **options
            )
            assert float(value) == 1.0
            want = cast(
                backend, np.full(70_000, np.float32(1) / np.float32(70_000) * 2), self.dtype
            )
            np.testing.assert_allclose(asnumpy(gradient), asnumpy(want), rtol=2**-7)
            assert asnumpy(gradient).all()

    def test_the_sum_of_70_000_ones_is_finite(self, backend):
        ones, zeros = self.ones(backend, 70_000), self.half(backend, np.zeros(70_000))
        assert float(ml.mse_loss(ones, zeros, reduction="sum")) == 70_000.0
        assert float(ml.mse_loss(ones, zeros, reduction="sum", weight=ones)) == 70_000.0
        for options in ({}, {"weight": ones}):
            sums = ml.mse_loss(ones, zeros, reduction="sums", mask=ones == ones, **options)
            assert [float(part) for part in sums] == [70_000.0] * 3
            assert float(sums.mean()) == float(sums.weighted_mean()) == 1.0
            assert [float(part) for part in sums + sums] == [140_000.0] * 3

    @pytest.mark.parametrize("reduction", ["macro", "samples"])
    def test_the_mean_of_many_means_of_1_is_1(self, backend, reduction):
        ones = self.ones(backend, 70_000, 2)
        for options in ({}, {"mask": ones == ones}):
            assert float(ml.mse_loss(ones, 0 * ones, reduction=reduction, **options)) == 1.0

    def test_300_observed_count_as_300(self, backend):
        """256 + 1 is 256 in bfloat16."""
        ones = self.ones(backend, 400, 2)
        observed = backend.asarray(np.stack([np.arange(400) % 4 > 0] * 2, axis=-1))
        loss = functools.partial(ml.mse_loss, ones, 0 * ones, mask=observed)
        for axis, number in ((None, 600), (0, 300)):
            for part in loss(axis=axis, reduction="sums"):
                np.testing.assert_array_equal(asnumpy(part), number)
            np.testing.assert_array_equal(asnumpy(loss(axis=axis)), 1.0)
        for reduction in ("weighted_mean", "macro", "samples"):
            assert float(loss(reduction=reduction)) == 1.0
        assert float(loss(reduction="mean_over_all")) == 0.75

    def test_a_row_of_70_000_classes_sums_to_1(self, backend):
        logits = self.half(backend, np.zeros((2, 70_000)))
        labels = backend.asarray(np.asarray([0, 69_999], "int32"))
        value, gradient = ml.value_and_grad(ml.cross_entropy)(logits, labels, reduction="sum")
        np.testing.assert_allclose(float(value), 2 * math.log(70_000), rtol=1e-6)
        assert asnumpy(gradient)[0, 0] == -1.0

    def test_large_numbers_are_squared_without_overflow(self, backend):
        x = self.half(backend, [300.0, 1.0, -300.0])
        value, gradient = ml.value_and_grad(ml.mse_loss)(x, 0 * x)
        assert float(value) == np.float32(180_001) / np.float32(3)
        assert dtype_of(gradient) == self.dtype
        np.testing.assert_allclose(asnumpy(gradient), [200.0, 2 / 3, -200.0], rtol=2**-8)


@pytest.mark.needs("float16")
class TestFloat16(HalfPrecision):
    dtype = "float16"

    def test_a_missing_value_beyond_float16_is_named(self, backend):
        """Rounded it would be inf, and every infinite label missing."""
        x = self.ones(backend, 3)
        with pytest.raises(ValueError, match=r"(?s)(?=.*`missing`)(?=.*100000)(?=.*float16)"):
            ml.mse_loss(x, x, missing=100_000)


@pytest.mark.needs("bfloat16")
class TestBfloat16(HalfPrecision):
    dtype = "bfloat16"


@pytest.mark.needs("bfloat16", "autodiff")
@by_case(RICH)
def test_autodiff_gives_the_gradient_in_half_precision(backend, case):
    for dtype in ("float16", "bfloat16"):
        problem = in_dtype(Problem.make(backend, case), dtype)
        gradient = problem.framework.grad(problem.bind(case.loss), *problem.arrays)
        _, want, _ = problem.everything()(*problem.arrays)
        assert dtype_of(gradient) == dtype
        epsilon = 2.0 ** (-10 if dtype == "float16" else -7)
        want = asnumpy(want)
        np.testing.assert_allclose(
            asnumpy(gradient), want, rtol=2 * epsilon, atol=epsilon * np.abs(want).max()
        )
