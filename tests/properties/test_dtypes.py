"""What comes in which dtype, and what it gives: half precision, mixed dtypes, devices without."""

import functools
import math

import numpy as np
import pytest

import maskloss as ml
from helpers.frameworks import asnumpy, dtype_of
from helpers.layouts import cast, in_dtype
from helpers.problems import Problem
from maskloss._arrays import support
from tables.cases import CASES, RICH, by_case

# torch computes less with uint16 than with the others.
INTEGERS = ("int8", "int64", "uint8", "uint16")
LOSSES = [
    ml.binary_cross_entropy_with_logits,
    ml.binary_cross_entropy,
    ml.cross_entropy,
    ml.mse_loss,
    ml.l1_loss,
]

by_loss = pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: loss.__name__)


def all_equal(got, want):
    for one, other in zip(got, want, strict=True):
        np.testing.assert_array_equal(asnumpy(one), asnumpy(other))


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


def hard(loss):
    """Predictions, labels of 0 and 1, and a mask."""
    rng = np.random.default_rng(5)
    x = rng.uniform(0.05, 0.95, (4, 3))
    y = np.eye(3)[rng.integers(0, 3, 4)]
    rows = loss is ml.cross_entropy
    return x, y, np.asarray([True, False, True, True])[slice(None) if rows else (slice(None), None)]


def label_dtypes(backend):
    return ("bool", *INTEGERS, *backend.dtypes)


@by_loss
def test_results_have_the_dtype_of_the_prediction(backend, loss):
    """Whatever that of labels and weights; for half precision see above."""
    x, y, mask = hard(loss)
    others = (*backend.dtypes[1:], backend.dtypes[0])
    for dtype, other in zip(backend.dtypes, others, strict=True):
        if dtype not in {"float32", "float64"}:
            continue
        weight = cast(backend, np.ones(mask.shape), other)
        arrays = cast(backend, x, dtype), cast(backend, y, other)
        sums = loss(*arrays, weight=weight, reduction="sums")
        parts = [sums.total, sums.weight, *ml.grad_and_hessian(loss)(*arrays, weight=weight)]
        parts += [
            loss(*arrays, weight=weight, reduction=reduction)
            for reduction in ("none", "mean", "weighted_mean", "macro")
        ]
        assert {dtype_of(part) for part in parts} == {dtype}
        assert backend.namespace.isdtype(sums.count.dtype, "integral")


@by_loss
def test_labels_of_any_dtype_give_the_value_of_floating_ones(backend, loss):
    x, y, mask = hard(loss)
    mask = backend.asarray(mask)
    prediction = cast(backend, x, "float32")
    want = ml.value_and_grad(loss)(prediction, cast(backend, y, "float32"), mask=mask)
    want = [asnumpy(part) for part in want]
    for dtype in ("bool", *INTEGERS, *backend.dtypes):
        labels = cast(backend, y, dtype)
        all_equal(ml.value_and_grad(loss)(prediction, labels, mask=mask), want)


def code_of(dtype):
    """Return the label that means missing in labels of `dtype`, as people choose it."""
    # No library compares an array with a Python integer beyond int64.
    return min(np.iinfo(dtype).max, np.iinfo("int64").max) if dtype.startswith("uint") else -1


@by_loss
def test_a_missing_value_is_found_in_labels_of_any_dtype(backend, loss):
    x, y, mask = hard(loss)
    prediction = cast(backend, x, "float32")
    known, labels = backend.asarray(mask), cast(backend, y, "float32")
    want = [asnumpy(part) for part in ml.value_and_grad(loss)(prediction, labels, mask=known)]
    for dtype in (*INTEGERS, *backend.dtypes):
        code = code_of(dtype)
        exact = y.astype(dtype) if dtype in INTEGERS else y
        exact = np.where(mask if mask.ndim == y.ndim else mask[:, None], exact, code)
        labels = cast(backend, exact, dtype)
        all_equal(ml.value_and_grad(loss)(prediction, labels, missing=code), want)


def test_a_missing_value_is_rounded_as_the_labels_are(backend):
    for dtype in backend.dtypes:
        labels = cast(backend, np.asarray([-99.9, 1.0, -99.9, math.nan]), dtype)
        x = cast(backend, np.zeros(4), dtype)
        sums = ml.mse_loss(x, labels, missing=(-99.9, math.nan), reduction="sums")
        assert int(sums.count) == 1, dtype
        assert float(sums.total) == 1.0


def test_either_value_of_bool_labels_may_mean_missing(backend):
    labels = backend.asarray(np.asarray([True, False, True]))
    x = cast(backend, np.zeros(3), "float32")
    assert int(ml.mse_loss(x, labels, missing=0, reduction="sums").count) == 2
    assert int(ml.mse_loss(x, labels, missing=1, reduction="sums").count) == 1


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_class_indices_of_any_integer_dtype(backend, smoothing):
    x, _, mask = hard(ml.cross_entropy)
    index = np.asarray([0, 2, 1, 2])
    logits = cast(backend, x, "float32")
    loss = ml.value_and_grad(ml.cross_entropy)
    want = loss(
        logits, backend.asarray(index), mask=backend.asarray(mask), label_smoothing=smoothing
    )
    for dtype in INTEGERS:
        code = code_of(dtype)
        labels = cast(backend, np.where(mask, index.astype(dtype), code), dtype)
        all_equal(loss(logits, labels, missing=code, label_smoothing=smoothing), want)
        known = backend.asarray(mask)
        all_equal(loss(logits, labels, mask=known, label_smoothing=smoothing), want)


@by_loss
def test_weights_of_any_dtype_give_the_value_of_floating_ones(backend, loss):
    x, y, mask = hard(loss)
    weight = np.asarray([1.0, 3.0, 2.0, 0.0]).reshape(mask.shape)
    x, y = (cast(backend, array, "float32") for array in (x, y))
    for reduction in ("mean", "weighted_mean"):
        want = loss(x, y, weight=cast(backend, weight, "float32"), reduction=reduction)
        for dtype in (*INTEGERS, *backend.dtypes):
            got = loss(x, y, weight=cast(backend, weight, dtype), reduction=reduction)
            assert dtype_of(got) == "float32", dtype
            all_equal([got], [want])


def test_class_and_positive_weights_of_any_dtype(backend):
    x, y, _ = hard(ml.cross_entropy)
    weight = np.asarray([1.0, 3.0, 2.0])
    x, y = (cast(backend, array, "float32") for array in (x, y))
    for loss, name in [
        (ml.binary_cross_entropy_with_logits, "pos_weight"),
        (ml.cross_entropy, "class_weight"),
    ]:
        want = loss(x, y, **{name: cast(backend, weight, "float32")})
        for dtype in (*INTEGERS, *backend.dtypes):
            got = loss(x, y, **{name: cast(backend, weight, dtype)})
            assert dtype_of(got) == "float32", dtype
            all_equal([got], [want])


@by_loss
def test_divisors_of_any_dtype(backend, loss):
    x, y, _ = hard(loss)
    x, y = (cast(backend, array, "float32") for array in (x, y))
    want = loss(x, y, divisor=7)
    for dtype in (*INTEGERS, *backend.dtypes):
        got = loss(x, y, divisor=cast(backend, np.asarray(7), dtype))
        assert dtype_of(got) == "float32", dtype
        all_equal([got], [want])


@by_loss
def test_scalars_of_python_and_numpy_serve_every_library(backend, loss):
    x, y, _ = hard(loss)
    for dtype in backend.dtypes:
        prediction, labels = cast(backend, x, dtype), cast(backend, y, dtype)
        want = loss(prediction, labels, weight=2.0, mask=True, divisor=8.0, missing=-1.0)
        numbers = (int, np.int64, np.uint8, np.float16, np.float32, np.float64)
        for number in numbers if dtype == "float32" else (np.float64,):
            got = loss(
                prediction,
                labels,
                weight=number(2),
                mask=np.bool_(True),
                divisor=number(8),
                missing=np.float32(-1) if number is np.uint8 else number(-1),
                empty=number(0),
            )
            assert dtype_of(got) == dtype_of(want)
            all_equal([got], [want])


def test_axes_may_be_integers_of_numpy(backend):
    x, y, _ = hard(ml.cross_entropy)
    x, y = cast(backend, x, "float32"), cast(backend, y, "float32")
    first, last = np.int64(0), np.int32(-1)
    all_equal([ml.mse_loss(x, y, axis=first)], [ml.mse_loss(x, y, axis=0)])
    all_equal([ml.mse_loss(x, y, axis=(first, last))], [ml.mse_loss(x, y, axis=(0, -1))])
    all_equal([ml.cross_entropy(x, y, class_axis=last)], [ml.cross_entropy(x, y)])


# Devices


on_each_device = pytest.mark.parametrize("name", ["device1", "device2", "no_float64"])


def all_on(device, parts, want):
    """Check that all parts are on `device` of array-api-strict and equal those on the CPU."""
    parts = list(parts)
    assert {part.device for part in parts} == {device}
    all_equal((part.to_device(type(device)("CPU_DEVICE")) for part in parts), want)


def move(problem, device):
    def moved(array):
        return array.to_device(device) if hasattr(array, "to_device") else array

    options = {name: moved(value) for name, value in problem.options.items()}
    arrays = {name: moved(getattr(problem, name)) for name in ("x", "y", "mask", "weight")}
    return problem.replace(options=options, **arrays)


@pytest.mark.needs("array_api_strict")
@on_each_device
@by_case(RICH)
def test_results_stay_on_the_device(backend, case, name):
    device = backend.namespace.Device(name)
    problem = Problem.make(backend, case)
    moved = move(problem, device)
    ways = [{"reduction": reduction} for reduction in case.reductions if reduction != "sums"]
    ways += [{"missing": 3, "empty": math.nan}, {"divisor": 7}]
    ways += [] if case.is_whole else [{"axis": 0}]
    for way in ways:
        want = problem.everything(**way)(*problem.arrays)
        all_on(device, moved.everything(**way)(*moved.arrays), want)
    if not case.is_split:
        return
    sums, want = moved.call(reduction="sums"), problem.call(reduction="sums")
    all_on(device, sums, want)
    all_on(device, [sums.mean(), sums.weighted_mean()], [want.mean(), want.weighted_mean()])


@pytest.mark.needs("array_api_strict")
@pytest.mark.parametrize(
    "case",
    [
        case
        for case in CASES
        if case.class_axis is None
        and not (case.is_whole or case.needs_whole_call or case.is_batchwise)
    ],
    ids=lambda case: case.name,
)
def test_results_stay_on_a_device_without_64_bits(backend, case):
    """As far as array-api-strict itself goes: it can neither count, sort nor find a maximum."""
    xp, device = backend.namespace, backend.namespace.Device("no_x64")
    problem = Problem.make(backend, case)
    if problem.y.dtype == xp.int64:
        problem = problem.replace(y=xp.astype(problem.y, xp.int32))
    moved = move(problem, device)
    for reduction in ("none", "sum", "weighted_mean", "mean_over_all"):
        want = problem.everything(reduction=reduction)(*problem.arrays)
        all_on(device, moved.everything(reduction=reduction)(*moved.arrays), want)
    problem, moved = problem.replace(mask=None), moved.replace(mask=None)
    for reduction in ("mean", "macro", "samples"):
        want = problem.everything(reduction=reduction)(*problem.arrays)
        all_on(device, moved.everything(reduction=reduction)(*moved.arrays), want)


@pytest.mark.needs("array_api_strict")
@on_each_device
@by_loss
def test_scalars_go_to_the_device(backend, loss, name):
    device = backend.namespace.Device(name)
    here = [cast(backend, array, "float32") for array in hard(loss)[:2]]
    there = [array.to_device(device) for array in here]
    options = {"weight": 2.0, "mask": True, "missing": -1, "divisor": 3.0}
    if loss is ml.binary_cross_entropy_with_logits:
        options |= {"pos_weight": 2.0, "label_smoothing": 0.1}
    got, want = (ml.value_and_grad(loss)(*arrays, **options) for arrays in (there, here))
    all_on(device, got, want)


def without_x64(jax):
    """Return a context without float64; JAX 0.5.3 has it in `jax.experimental` only."""
    switch = jax.enable_x64 if hasattr(jax, "enable_x64") else jax.experimental.enable_x64
    return switch(False)


@pytest.mark.needs("jax")
@by_case(RICH)
def test_jax_without_64_bits(backend, case):
    import jax

    reference = Problem.make(support.backend("numpy"), case)
    sums = [{"reduction": "sums"}] if case.is_split else []
    want = [*reference.parts(), *(asnumpy(p) for way in sums for p in reference.call(**way))]

    def results(*arrays):
        parts = [narrow.bind(case.loss, **way)(*arrays) for way in sums]
        return *narrow.everything()(*arrays), *(part for each in parts for part in each)

    with without_x64(jax):
        narrow = Problem.make(backend, case)
        got = jax.jit(results)(*narrow.arrays)
        dtypes = [dtype_of(part) for part in got]
    assert dtypes == ["float32"] * 3 + ["float32", "int32", "float32"] * len(sums)
    for part, exact in zip(got, want, strict=True):
        scale = np.abs(exact).max()
        np.testing.assert_allclose(asnumpy(part), exact, rtol=2e-6, atol=1e-6 * scale)


@pytest.mark.needs("jax")
def test_jax_without_64_bits_reads_values(backend):
    import jax

    with without_x64(jax):
        x, y = backend.asarray(np.zeros((2, 3))), backend.asarray(np.asarray([1, 3]))
        assert (dtype_of(x), dtype_of(y)) == ("float32", "int32")
        with pytest.raises(ValueError, match=r"`labels`.* 3"):
            ml.cross_entropy(x, y)
        with pytest.raises(ValueError, match=r"`weight`.* -1"):
            ml.mse_loss(x, x, weight=-1)


@pytest.mark.needs("torch")
@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
@by_case(RICH)
def test_autocast_changes_nothing(backend, case, dtype):
    import torch

    problem = Problem.make(backend, case)
    layer = torch.eye(problem.x.shape[-1])
    with torch.autocast("cpu", dtype=getattr(torch, dtype)):
        x = problem.x @ layer
        inside = problem.replace(x=x).everything()(x, *problem.arrays[1:])
        gradient = problem.framework.grad(problem.bind(case.loss), x, *problem.arrays[1:])
    outside = problem.replace(x=x).everything()(x, *problem.arrays[1:])
    assert dtype_of(x) == dtype_of(gradient) == dtype_of(inside[1]) == dtype
    assert dtype_of(inside[0]) == "float32"
    all_equal(inside, outside)
    all_equal([gradient], [problem.framework.grad(problem.bind(case.loss), x, *problem.arrays[1:])])


@pytest.mark.needs("numpy")
def test_a_long_double_may_be_larger_than_a_float(backend):
    x = np.asarray([[12000.0, 0.0, 1.0]], np.longdouble)
    assert ml.cross_entropy(x, np.asarray([1])) == 12000
