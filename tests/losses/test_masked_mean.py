"""The reduction of losses of the user's own, and the filling of what is not observed."""

import math

import numpy as np
import pytest

import maskloss as ml
from helpers.frameworks import FRAMEWORKS, asnumpy
from helpers.problems import native
from maskloss._inputs.options import REDUCTIONS

VALUES = np.asarray([[1.0, -3.0, np.nan], [4.0, -2.0, 0.5]])
KNOWN = np.asarray([[True, True, False], [True, False, True]])


@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_a_value_that_means_missing_is_not_observed(backend, reduction):
    """The same by `missing` in the values, by `missing` in labels, and by a mask."""
    x, mask = native(backend, np.where(KNOWN, VALUES, -9.0)), backend.asarray(KNOWN)
    labels = native(backend, np.where(KNOWN, 7.0, np.nan))
    means = ml.value_and_grad(ml.masked_mean)
    value, gradient = means(x, mask=mask, reduction=reduction)
    for other in (
        means(x, missing=-9, reduction=reduction),
        means(x, labels, missing=math.nan, reduction=reduction),
    ):
        for got, want in zip(other[0], value, strict=True) if reduction == "sums" else ():
            np.testing.assert_array_equal(asnumpy(got), asnumpy(want))
        if reduction != "sums":
            np.testing.assert_array_equal(asnumpy(other[0]), asnumpy(value))
        np.testing.assert_array_equal(asnumpy(other[1]), asnumpy(gradient))
    assert not asnumpy(gradient)[~KNOWN].any()


def test_nan_values_that_are_missing(backend):
    x = native(backend, VALUES)
    assert float(ml.masked_mean(x, missing=math.nan)) == pytest.approx(0.1)
    assert np.isnan(asnumpy(ml.masked_mean(x)))  # observed, and not hidden


@pytest.mark.needs("autodiff", "jit")
def test_autodiff_and_compilers_without_labels(backend):
    framework = FRAMEWORKS[backend.name]

    def mean(x):
        return ml.masked_mean(x * x, missing=math.nan)

    x = native(backend, VALUES)
    want = np.where(np.isnan(VALUES), 0, 2 * np.nan_to_num(VALUES) / 5)
    # The square of NaN is NaN, and so is its slope: the formula needs `fill_unobserved`.
    got = asnumpy(framework.grad(framework.jit(mean), x))
    np.testing.assert_allclose(np.where(np.isnan(VALUES), 0, got), want, rtol=1e-6)

    def safe(x):
        filled, known = ml.fill_unobserved(x, missing=math.nan)
        return ml.masked_mean(filled * filled, mask=known)

    np.testing.assert_allclose(asnumpy(framework.grad(framework.jit(safe), x)), want, rtol=1e-6)


def test_a_negative_weight_is_led_to_masked_mean(backend):
    if not backend.checks_values:
        return
    x, y = native(backend, [1.0, 2.0]), native(backend, [0.0, 1.0])
    weight = native(backend, [1.0, -1.0])
    for given in (weight, -1.0):
        with pytest.raises(ValueError, match=r"`weight` must be 0 or more, got -1.*`masked_mean`"):
            ml.mse_loss(x, y, weight=given)
    signed = weight * ml.mse_loss(x, y, reduction="none")
    assert float(ml.masked_mean(signed, reduction="sum")) == 0.0


def test_arrays_are_filled_where_labels_are_missing(backend):
    logits = native(backend, np.full((2, 2, 3), np.inf))
    logp, labels = native(backend, [[1, 2], [3, 4]]), backend.asarray(np.asarray([[0, -1], [2, 1]]))
    mask = backend.asarray(np.asarray([[True], [False]]))
    *filled, known = ml.fill_unobserved(
        logits, logp, labels, mask=mask, missing=-1, fill_value=(0.5, -1, 0)
    )
    np.testing.assert_array_equal(asnumpy(known), [[True, False], [False, False]])
    first, second, third = map(asnumpy, filled)
    np.testing.assert_array_equal(first[0, 0], [np.inf] * 3)
    assert (first.reshape(4, 3)[1:] == 0.5).all()
    np.testing.assert_array_equal(second, [[1, -1], [-1, -1]])
    np.testing.assert_array_equal(third, [[0, 0], [0, 0]])
    assert filled[2].dtype == labels.dtype


def test_the_mask_of_masked_labels_counts():
    labels = np.ma.masked_array([1.0, 2.0], [False, True])
    x, y, known = ml.fill_unobserved(np.asarray([3.0, np.nan]), labels)
    np.testing.assert_array_equal([x, y, known], [[3, 0], [1, 0], [True, False]])


@pytest.mark.parametrize(
    ("arrays", "keywords", "error", "says"),
    [
        ([], {}, TypeError, "got none"),
        ([VALUES], {}, ValueError, "got neither"),
        ([VALUES.T, VALUES], {"missing": 0}, ValueError, r"`arrays\[0\]` must have the shape"),
        ([VALUES], {"mask": KNOWN, "fill_value": (1, 2)}, ValueError, "`fill_value` must be a"),
        ([np.arange(3)], {"missing": 0, "fill_value": 0.5}, ValueError, "must be an integer"),
        ([np.arange(3)], {"missing": 0, "fill_value": math.nan}, ValueError, "can hold, got nan"),
        ([np.uint8([3])], {"missing": 3, "fill_value": -1}, ValueError, "dtype uint8.*got -1"),
        ([np.float16([3])], {"missing": 3, "fill_value": 1e6}, ValueError, "got 1e.06"),
        ([VALUES], {"mask": KNOWN[0]}, ValueError, "`mask` must be a scalar or have"),
        ([[1.0]], {"mask": True}, TypeError, r"`arrays\[0\]` must be an array"),
        ([np.ma.masked_array(VALUES), VALUES], {"mask": KNOWN}, TypeError, "numpy.ma array"),
    ],
)
def test_mistakes(arrays, keywords, error, says):
    with pytest.raises(error, match=says):
        ml.fill_unobserved(*arrays, **keywords)
