"""What would be refused where values can be read is NaN where they cannot, and does not vanish."""

import numpy as np
import pytest

import maskloss as ml
from helpers.bad_labels import LIMITED, assert_bad_labels_are_seen
from helpers.frameworks import FRAMEWORKS, asnumpy
from helpers.problems import Problem, native
from tables.cases import by_case


def each_part(problem):
    return problem.everything(reduction="sum" if problem.case.is_split else "mean")


@pytest.mark.needs("vmap")
@by_case([case for case in LIMITED if case.class_axis in (None, -1)])
def test_a_bad_label_is_nan_under_vmap(backend, case):
    problem = Problem.make(backend, case)
    mapped = problem.framework.vmap(each_part(problem))

    def function(x, y, *_):
        return mapped(*problem.replace(x=x, y=y).mapped_arrays)

    assert_bad_labels_are_seen(problem, function)


@pytest.mark.needs("jit")
@pytest.mark.parametrize("reduction", ["mean", "weighted_mean", "sum"])
def test_a_negative_weight_is_nan_under_jit(backend, reduction):
    def everything(x, y, mask, weight):
        loss = ml.value_and_grad(ml.binary_cross_entropy_with_logits)
        return loss(x, y, mask=mask, weight=weight, reduction=reduction)

    compiled = FRAMEWORKS[backend.name].jit(everything)
    x, y, good = (native(backend, numbers) for numbers in ([1, 1, 1], [0, 1, 1], [1, 1, 1]))
    bad, hidden = (native(backend, numbers) for numbers in ([1, -1, 1], [1, 1, -1]))
    arrays = x, y, backend.asarray(np.asarray([True, True, False]))
    value, gradient = map(asnumpy, compiled(*arrays, bad))
    assert np.isnan(value)
    assert np.isnan(gradient[1])
    for got, want in zip(compiled(*arrays, hidden), compiled(*arrays, good), strict=True):
        np.testing.assert_array_equal(asnumpy(got), asnumpy(want))


@pytest.mark.needs("jit")
def test_rounding_is_no_bad_label_under_jit_either(backend):
    loss = ml.binary_cross_entropy_with_logits
    x, y = native(backend, [0, 0, 0]), native(backend, [1 + 2.0**-22, -(2.0**-22), 0.5])
    assert np.isfinite(asnumpy(loss(x, y)))
    assert np.isfinite(asnumpy(FRAMEWORKS[backend.name].jit(loss)(x, y)))


@pytest.mark.needs("jax")
@pytest.mark.parametrize("loss", [ml.binary_cross_entropy_with_logits, ml.hinge_loss])
def test_a_bad_label_that_a_trace_holds_as_a_constant_is_nan(backend, loss):
    import jax

    x, y = native(backend, [1.0, 2.0]), native(backend, [-2.0, 1.0])
    assert np.isnan(asnumpy(jax.jit(lambda x: loss(x, y))(x)))
