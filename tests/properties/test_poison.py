"""An unobserved entry contributes exactly nothing, whatever it holds."""

import numpy as np
import pytest

import maskloss as ml
from helpers.bad_labels import LIMITED, assert_bad_labels_are_seen
from helpers.comparison import assert_all_close, assert_close
from helpers.frameworks import FRAMEWORKS, asnumpy
from helpers.poison import poisoned
from helpers.problems import Problem
from tables.cases import CASES, by_case

FEW = [np.nan, np.inf, -5.0]
POISONS = [*FEW, -np.inf, 1e38, -1e38, 7.0]
KNOWN = np.asarray([True, True, False])
REDUCTIONS = ["mean", "weighted_mean", "macro", "none"]

# A mapped or flattened first axis leaves these as they are.
CLASSES_LAST = [case for case in CASES if case.class_axis in (None, -1)]
# The oracles of coupled rows are of their observed elements.
FREE_OF_PLACE = [
    case
    for case in CLASSES_LAST
    if not case.coupled
    if not case.counts_samples
    if case.class_axis
    or {name for name, option in case.options.items() if np.ndim(option)}
    <= {*case.lined_up(case.arrays()[0].shape)}
]


def assert_same(problem, got, want):
    """The same bits, and derivatives of exactly 0 where nothing is observed."""
    for clean, dirty in zip(want, got, strict=True):
        np.testing.assert_array_equal(asnumpy(dirty), asnumpy(clean))
    hidden = ~problem.along_rows(asnumpy(problem.mask))
    for derivative in got[1:]:
        assert not asnumpy(derivative)[hidden].any()


@by_case()
@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_eager(backend, case, reduction):
    problem = Problem.make(backend, case)
    want = problem.parts(reduction=reduction)
    assert_all_close(want, problem.on_numpy().parts(reduction=reduction))
    # Other libraries compute whole arrays, whatever these hold.
    for poison in POISONS if backend.name in {"numpy", "torch"} else FEW:
        bad = poisoned(problem, poison)
        assert_same(problem, bad.parts(reduction=reduction), want)


@pytest.mark.needs("autodiff")
@by_case()
def test_autodiff(backend, case):
    problem = Problem.make(backend, case)
    framework = problem.framework
    loss = problem.bind(case.loss)

    def derivatives(p):
        gradient = framework.grad(loss, *p.arrays)
        hessian = framework.hessian_diagonal(loss, *p.arrays)
        return loss(*p.arrays), gradient, hessian

    want = derivatives(problem)
    for poison in (np.nan, np.inf):
        assert_same(problem, derivatives(poisoned(problem, poison)), want)


@pytest.mark.needs("jit")
@by_case()
def test_jit(backend, case):
    """And NaN where a label cannot be meant; both in one test, as compiling takes its time."""
    problem = Problem.make(backend, case)
    everything = problem.everything(reduction="weighted_mean")
    compiled = problem.framework.jit(everything)
    if backend.name in case.not_compiled_by:
        with pytest.raises(IndexError):
            compiled(*problem.arrays)
        return
    want = compiled(*problem.arrays)
    for got, eager in zip(want, everything(*problem.arrays), strict=True):
        assert_close(got, eager)
    for poison in POISONS:
        assert_same(problem, compiled(*poisoned(problem, poison).arrays), want)
    if any(case is c for c in LIMITED):
        assert_bad_labels_are_seen(problem, compiled)


@pytest.mark.needs("vmap")
@by_case(CLASSES_LAST)
def test_vmap(backend, case):
    problem = Problem.make(backend, case)
    mapped = problem.framework.vmap(problem.everything())
    want = mapped(*problem.mapped_arrays)
    for poison in (np.nan, np.inf):
        assert_same(problem, mapped(*poisoned(problem, poison).mapped_arrays), want)


@pytest.mark.needs("vmap")
def test_vmap_over_labels_with_one_mask_for_all(backend):
    x, y = np.arange(6.0).reshape(2, 3), np.asarray([[0.0, -1.0, 2.0], [-1.0, 3.0, 1.0]])
    x, y, mask = map(backend.asarray, (x.astype("float32"), y.astype("float32"), KNOWN))
    mapped = FRAMEWORKS[backend.name].vmap(
        lambda x, y: ml.mse_loss(x, y, mask=mask, missing=-1, reduction="none")
    )
    np.testing.assert_array_equal(asnumpy(mapped(x, y)), [[0, 0, 0], [0, 1, 0]])


@by_case()
def test_an_observed_nan_stays_visible(backend, case):
    problem = Problem.make(backend, case)
    mask = asnumpy(problem.mask)
    first = np.cumsum(mask).reshape(mask.shape) * mask == 1
    x = np.where(problem.along_rows(first), np.nan, asnumpy(problem.x))
    problem = problem.replace(x=backend.asarray(x.astype("float32")))
    assert np.isnan(asnumpy(problem.call()))


@by_case(FREE_OF_PLACE)
def test_the_masked_value_is_that_of_the_observed_subset(backend, case):
    x, y, mask, weight = case.arrays()
    subset = Problem.of(backend, case.at(mask, x.shape), x[mask], y[mask], None, weight[mask])
    whole = Problem.make(backend, case)
    for reduction in ("mean", "sum", "weighted_mean"):
        np.testing.assert_allclose(
            asnumpy(whole.call(reduction=reduction)),
            asnumpy(subset.call(reduction=reduction)),
            rtol=1e-6,
        )


def test_a_weight_of_an_unobserved_positive_has_no_effect(backend):
    case = next(case for case in CASES if "pos_weight" in case.options)
    problem = Problem.make(backend, case)
    _, _, mask, _ = case.arrays()
    clean = np.broadcast_to(case.options["pos_weight"], mask.shape)

    def parts(pos_weight):
        numbers = backend.asarray(pos_weight.astype("float32"))
        return problem.replace(options={"pos_weight": numbers}).parts()

    for poison in (np.nan, np.inf, -1.0):
        assert_same(problem, parts(np.where(mask, clean, poison)), parts(clean))
