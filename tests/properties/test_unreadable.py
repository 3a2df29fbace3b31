"""What would be refused where values can be read is NaN where they cannot, and does not vanish."""

import numpy as np
import pytest

import maskloss as ml
from helpers.frameworks import FRAMEWORKS, asnumpy, computed
from helpers.problems import Problem, native
from maskloss._inputs.domain import REAL, UNIT, Domain
from tables.cases import CASES, by_case

CANDIDATES = [-2.0, -1.0, -0.5, 0.0, 0.5, 1.5, 2.0]


def domain_of(case):
    """Return where the labels of a case may lie, unless they are indices, which are no floats."""
    _, y, *_ = case.arrays()
    if case.loss is ml.kl_div:
        return REAL if case.options.get("log_target") else UNIT
    if case.loss is ml.multilabel_margin_loss:
        return Domain(values=(0, 1)) if case.options.get("multi_hot") else REAL
    return case.loss.record.inputs.domains[1] if y.ndim == case.arrays()[0].ndim else REAL


def is_in(domain, number):
    return number in domain.values if domain.values else domain.low <= number <= domain.high


def outside(domain):
    """Return numbers beyond each end of a domain, and between its values."""
    return [number for number in CANDIDATES if not is_in(domain, number)]


def with_labels(problem, bad, *, observed):
    """Put a bad label in one place that is, or is not, observed; return the place."""
    known = problem.along_rows(asnumpy(problem.mask))
    place = tuple(np.argwhere(known if observed else ~known)[-1])
    labels = asnumpy(problem.y).astype(float)
    labels[place] = bad
    return problem.replace(y=native(problem.backend, labels)), place


LIMITED = [case for case in CASES if domain_of(case) != REAL]


def each_part(problem):
    return problem.everything(reduction="sum" if problem.case.is_split else "mean")


def assert_bad_labels_are_seen(problem, function):
    problem = problem.replace(y=native(problem.backend, asnumpy(problem.y)))
    clean = [asnumpy(part) for part in computed(function(*problem.arrays))]
    assert all(np.isfinite(part).all() for part in clean)
    for bad in outside(domain_of(problem.case)):
        seen, place = with_labels(problem, bad, observed=True)
        value, gradient, *_ = computed(function(*seen.arrays))
        assert np.isnan(asnumpy(value)).any()
        assert np.isnan(asnumpy(gradient)[place])
        hidden, _ = with_labels(problem, bad, observed=False)
        for got, want in zip(computed(function(*hidden.arrays)), clean, strict=True):
            np.testing.assert_array_equal(asnumpy(got), want)


@pytest.mark.needs("jit")
@by_case(LIMITED)
def test_a_bad_label_is_nan_under_jit(backend, case):
    problem = Problem.make(backend, case)
    if backend.name not in case.not_compiled_by:
        assert_bad_labels_are_seen(problem, problem.framework.jit(each_part(problem)))


@pytest.mark.needs("jit", "autodiff")
@by_case(LIMITED)
def test_the_gradient_of_a_compiled_loss_is_nan_at_a_bad_label(backend, case):
    problem = Problem.make(backend, case)
    seen, _ = with_labels(problem, outside(domain_of(case))[0], observed=True)
    compiled = problem.framework.jit(problem.bind(case.loss))
    assert np.isnan(asnumpy(problem.framework.grad(compiled, *seen.arrays))).any()


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
