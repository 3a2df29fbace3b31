"""What the losses of one class among several have in common, and where each has an edge."""

import dataclasses
import math

import numpy as np
import pytest

import maskloss as ml
from helpers.comparison import assert_within
from helpers.frameworks import FRAMEWORKS, asnumpy
from helpers.problems import Problem, entry_parts, native
from tables.cases import by_case
from tables.cases.categorical import CATEGORICAL

GAMMAS = [0.0, 1e-300, 0.1, 0.5, 1.0, 2.0, 5.0, 20.0, 1e6]


def _confident(backend):
    """Rows that are sure of the label, or of another class, by up to the largest logit."""
    gaps = np.concatenate([np.linspace(0, 200, 101), [1e4, 1e30, 3e38]])
    x = np.zeros((2 * len(gaps), 3), "float32")
    x[: len(gaps), 0], x[len(gaps) :, 1] = gaps, gaps
    return backend.asarray(x), backend.asarray(np.zeros(len(x), "int32"))


@pytest.mark.parametrize("gamma", GAMMAS)
def test_focal_loss_is_finite_at_every_logit_for_every_gamma(backend, gamma):
    x, y = _confident(backend)
    options = {"gamma": gamma, "reduction": "none"}
    value, gradient = ml.value_and_grad(ml.softmax_focal_loss)(x, y, **options)
    _, hessian = ml.grad_and_hessian(ml.softmax_focal_loss)(x, y, **options)
    for part in (value, gradient, hessian):
        assert np.isfinite(asnumpy(part)).all()


@pytest.mark.needs("autodiff", "second order")
@pytest.mark.parametrize("gamma", GAMMAS)
def test_automatic_derivatives_of_focal_loss_are_finite(backend, gamma):
    framework = FRAMEWORKS[backend.name]
    x, y = _confident(backend)

    def loss(x):
        return ml.softmax_focal_loss(x, y, gamma=gamma, reduction="sum")

    assert np.isfinite(asnumpy(framework.grad(loss, x))).all()
    x, y = x[::9], y[::9]
    assert np.isfinite(asnumpy(framework.hessian_diagonal(loss, x))).all()


def _parts(loss, x, y, **options):
    value, gradient = ml.value_and_grad(loss)(x, y, reduction="none", **options)
    _, hessian = ml.grad_and_hessian(loss)(x, y, reduction="none", **options)
    return [asnumpy(part) for part in (value, gradient, hessian)]


# Those whose Hessian has a closed form, and which only differences of logits change.
OF_DIFFERENCES = [
    case
    for case in CATEGORICAL
    if case.loss
    in {
        ml.cross_entropy,
        ml.forward_corrected_cross_entropy,
        ml.generalized_cross_entropy_loss,
        ml.softmax_focal_loss,
        ml.symmetric_cross_entropy,
    }
    if "z_loss" not in case.options
]


@pytest.mark.needs("torch")
@by_case(OF_DIFFERENCES)
def test_no_gradient_of_torch_changes_with_all_logits_of_a_row(backend, case):
    assert_no_gradient_changes_with_all_logits(backend, case)


@pytest.mark.needs("jax")
@by_case(OF_DIFFERENCES)
def test_no_gradient_of_jax_changes_with_all_logits_of_a_row(backend, case):
    assert_no_gradient_changes_with_all_logits(backend, case)


def assert_no_gradient_changes_with_all_logits(backend, case):
    """Not even by rounding: the product of the Hessian and such a direction is 0.

    By forward mode: JAX transposes the product for reverse mode, and then rounds.
    """
    problem = Problem.make(backend, case)
    loss = problem.bind(case.loss, reduction="sum")
    numbers = np.random.default_rng(0).normal(0, 1e3, problem.x.shape).astype("float32")
    numbers[...] = numbers.max(case.class_axis, keepdims=True)
    _, product = problem.framework.hessian_products(
        lambda x: loss(x, *problem.arrays[1:]), problem.x, backend.asarray(numbers[None])
    )
    assert not asnumpy(product).any()


OF_PROBABILITIES = [
    case
    for case in CATEGORICAL
    if case.extremes and "logits" in case.loss.record.inputs.names and case.class_axis == -1
    if case.loss
    not in {
        ml.candidate_cross_entropy,
        ml.forward_corrected_cross_entropy,
        ml.multi_margin_loss,
    }
]


@by_case(OF_PROBABILITIES)
def test_one_hot_labels_are_as_exact_as_classes(backend, case):
    case, x, index = case.at_extremes("float32")
    labels = np.eye(x.shape[-1])[index]
    got, want = (Problem.of(backend, case, x, y).parts(reduction="none") for y in (labels, index))
    for part, wanted in zip(got, want, strict=True):
        assert_within(part, wanted, 2 * backend.epsilons, "float32")


@pytest.mark.parametrize("loss", [ml.cross_entropy, ml.softmax_ranking_loss])
def test_what_cannot_be_costs_nothing_where_it_is_not(backend, loss):
    """0 log 0 is 0."""
    x, y = np.asarray([[-np.inf, 0.5, 2.0]], "float32"), np.asarray([[0.0, 0.75, 0.25]], "float32")
    with np.errstate(invalid="ignore"):  # dask computes here
        got = _parts(loss, backend.asarray(x), backend.asarray(y))
    want = _parts(loss, backend.asarray(x[:, 1:]), backend.asarray(y[:, 1:]))
    np.testing.assert_allclose(got[0], want[0], rtol=1e-6)
    for part, wanted in zip(got[1:], want[1:], strict=True):
        np.testing.assert_allclose(part, np.pad(wanted, ((0, 0), (1, 0))), rtol=1e-6)


@pytest.mark.parametrize(
    ("loss", "options"),
    [
        (ml.softmax_focal_loss, {"gamma": 0.0}),
        (ml.generalized_cross_entropy_loss, {"q": 1e-300}),
        (ml.generalized_cross_entropy_loss, {"q": 1e-12}),
    ],
)
def test_the_limit_of_the_variants_is_the_cross_entropy(backend, loss, options):
    x, y = _confident(backend)
    is_ordinary = asnumpy(x).max(-1) < 1e3
    # The second derivative has no uniform limit: that of -q log(p)**2 / 2 stays where p is small.
    got, want = (_parts(f, x, y, **o)[:2] for f, o in ((loss, options), (ml.cross_entropy, {})))
    for part, wanted in zip(got, want, strict=True):
        assert_within(part[is_ordinary], wanted[is_ordinary], backend.epsilons, "float32")


def test_nll_loss_of_log_softmax_is_the_cross_entropy(backend):
    rng = np.random.default_rng(0)
    x, y = rng.normal(0, 3, (7, 4)), rng.integers(0, 4, 7)
    weight = backend.asarray(rng.uniform(0.5, 2, 4).astype("float32"))
    log = x - np.log(np.exp(x).sum(-1, keepdims=True))
    arrays = [backend.asarray(a.astype("float32")) for a in (x, log)]
    labels = backend.asarray(y)
    for reduction in ("mean", "weighted_mean", "none"):
        options = {"class_weight": weight, "reduction": reduction}
        want, got = (
            loss(array, labels, **options)
            for loss, array in zip((ml.cross_entropy, ml.nll_loss), arrays, strict=True)
        )
        np.testing.assert_allclose(asnumpy(got), asnumpy(want), rtol=1e-6)


def test_nll_loss_reads_the_label_alone(backend):
    x = backend.asarray(np.asarray([[-1.0, np.nan, -np.inf]], "float32"))
    value, gradient, hessian = _parts(ml.nll_loss, x, backend.asarray(np.asarray([0])))
    np.testing.assert_array_equal(value, [1])
    np.testing.assert_array_equal(gradient, [[-1, 0, 0]])
    assert not hessian.any()


@pytest.mark.needs("jit")
@pytest.mark.parametrize("index", [-1, 2, 127])
def test_nll_loss_of_a_label_that_is_no_class_is_nan_under_jit(backend, index):
    compiled = FRAMEWORKS[backend.name].jit(ml.value_and_grad(ml.nll_loss))
    x, y = np.zeros((2, 2), "float32"), np.asarray([1, index])
    value, gradient = map(asnumpy, compiled(backend.asarray(x), backend.asarray(y)))
    assert np.isnan(value)
    assert np.isnan(gradient[1]).any()
    assert np.isfinite(gradient[0]).all()


@pytest.mark.parametrize("log_target", [False, True])
def test_kl_div_of_nothing_from_nothing_is_0(backend, log_target):
    with np.errstate(divide="ignore"):
        x, y = np.log(np.asarray([0.0, 0.5, 0.0])), np.asarray([0.0, 0.0, 0.5])
        y = np.log(y) if log_target else y
    arrays = [backend.asarray(array.astype("float32")) for array in (x, y)]
    value, gradient, _ = _parts(ml.kl_div, *arrays, log_target=log_target)
    np.testing.assert_array_equal(value, [0, 0, np.inf])
    np.testing.assert_allclose(gradient, [0, 0, -0.5], rtol=1e-6)


@pytest.mark.needs("torch")
def test_kl_div_by_the_rows_is_the_batchmean_of_torch(backend):
    import torch

    x, y = torch.rand(2, 5, 3, generator=torch.Generator().manual_seed(0)).softmax(-1)
    want = torch.nn.functional.kl_div(x.log(), y, reduction="batchmean")
    torch.testing.assert_close(ml.kl_div(x.log(), y, divisor=5), want)


def test_a_row_of_kl_div_lies_along_the_last_axis(backend):
    t, p = np.random.default_rng(0).dirichlet(np.ones(4), (2, 2, 3))
    x, y = native(backend, np.log(p)), native(backend, t)
    got = ml.kl_div(x, y, rows=True, reduction="none")
    np.testing.assert_allclose(asnumpy(got), np.sum(t * np.log(t / p), -1), atol=1e-6)


def test_a_label_that_several_unlikely_classes_share(backend):
    """The most probable class never has it; the probability of the label underflows in float32."""
    transition = np.asarray([[1, 0, 0], [0, 0.5, 0.5], [0, 0.25, 0.75]])
    x = native(backend, [[200.0, 0.0, 1.0]])
    shares = np.asarray([0.5, 0.25 * math.e])
    value, slope, _ = entry_parts(
        ml.forward_corrected_cross_entropy,
        x,
        backend.asarray(np.asarray([1])),
        transition=native(backend, transition),
    )
    np.testing.assert_allclose(value, [200 - math.log(shares.sum())], rtol=1e-6)
    np.testing.assert_allclose(slope, [[1, *(-shares / shares.sum())]], rtol=1e-6)


OF_CLASS_INDICES = [
    case
    for case in CATEGORICAL
    if "class_weight" in case.options and "label_smoothing" not in case.options
    if case.arrays(0)[1].dtype.kind == "i"
]


@pytest.mark.parametrize("unused", [math.nan, math.inf])
@by_case(OF_CLASS_INDICES)
def test_the_weight_of_a_class_without_an_observed_label_has_no_effect(backend, case, unused):
    x, y, *_ = case.arrays(0)

    def parts(weight):
        names = {"class_weight", "alpha"} & case.options.keys()
        changed = {name: np.where(np.arange(5) == 2, weight, case.options[name]) for name in names}
        changed = dataclasses.replace(case, options=case.options | changed)
        return Problem.of(backend, changed, x, y, y != 2).parts(reduction="weighted_mean")

    for part, wanted in zip(parts(unused), parts(1.0), strict=True):
        np.testing.assert_array_equal(part, wanted)
