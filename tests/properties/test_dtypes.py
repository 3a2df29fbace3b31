"""What comes in which dtype, and what it gives."""

import math

import numpy as np
import pytest

import maskloss as ml
from helpers.dtypes import all_equal, by_loss, hard
from helpers.frameworks import asnumpy, dtype_of
from helpers.layouts import cast
from helpers.problems import Problem
from tables.cases import RICH, by_case

# torch computes less with uint16 than with the others.
INTEGERS = ("int8", "int64", "uint8", "uint16")


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
def test_lists_of_numbers_are_arrays(backend, loss):
    x, y, mask = hard(loss)
    weight = np.asarray([1.0, 3.0, 2.0, 0.0]).reshape(mask.shape)
    x, y = (cast(backend, array, "float32") for array in (x, y))
    want = loss(x, y, weight=cast(backend, weight, "float32"), mask=backend.asarray(mask))
    got = loss(x, y, weight=weight.tolist(), mask=mask.tolist(), missing=[-9, -8])
    assert dtype_of(got) == "float32"
    all_equal([got], [want])


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
