"""What compiled loops compute, beside 60 digits and beside the evaluators without them."""

import functools
import math

import numpy as np
import pytest

import maskloss as ml
from helpers.comparison import assert_all_close, assert_within
from helpers.eager import as_parts, blocks_of, gradient_of
from helpers.frameworks import asnumpy
from helpers.layouts import LAYOUTS, convert, in_dtype
from helpers.loops import ONE_LOOP_OF_EACH_LOSS, becomes_loop
from helpers.poison import poisoned
from helpers.problems import Problem
from helpers.ways import WAYS
from maskloss._fused import record
from tables.cases import CASES, by_case

pytestmark = pytest.mark.needs("blocks")
# One of each loss of elements that has a whole finite range, whichever case of it is the one.
ELEMENTS = [case for case in CASES if becomes_loop(case) and case.class_axis is None]
EXTREME = [*{case.loss: case for case in ELEMENTS if case.extremes}.values()]
# With a weight, with inputs beside prediction and label, and rows with a weight of their own.
FEW = [
    case
    for case in CASES
    if becomes_loop(case)
    and case.name
    in {
        "mse_loss",
        "binary_cross_entropy_with_logits, pos_weight",
        "mse_loss, censoring",
        "cross_entropy, class_weight",
        "kl_div, rows, class_axis and class_weight",
    }
]
each_few = by_case(FEW)


def without_loops(function, *args, **keywords):
    with ml.fused(False):
        return function(*args, **keywords)


def parts_of(problem, **way):
    value, *derivatives = problem.everything(**way)(*problem.arrays)
    return [*as_parts(value), *map(asnumpy, derivatives)]


@pytest.mark.needs("numpy")
@pytest.mark.costly
@pytest.mark.every_loss
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@by_case(EXTREME)
def test_whole_finite_range_within_8_epsilons(backend, case, dtype, whole_range):
    extreme, x, y, exact = whole_range(case, dtype)
    value, gradient = Problem.of(backend, extreme, x, y, dtype=dtype).bind(
        ml.value_and_grad(case.loss), reduction="none"
    )(*Problem.of(backend, extreme, x, y, dtype=dtype).arrays)
    assert_within(value, exact[0], 8, dtype)
    assert_within(gradient, exact[1], 8, dtype)


@by_case(ONE_LOOP_OF_EACH_LOSS)
def test_loops_change_a_few_epsilons(backend, case):
    """Nor do unobserved entries change a bit: one test for both, as a loop takes 3 s to compile."""
    problem = Problem.make(backend, case)
    parts = parts_of(problem, reduction="weighted_mean")
    assert_all_close(parts, without_loops(parts_of, problem, reduction="weighted_mean"))
    for poison in (np.nan, np.inf, -1e38, 7.0):
        dirty = parts_of(poisoned(problem, poison), reduction="weighted_mean")
        for got, want in zip(dirty, parts, strict=True):
            assert got.tobytes() == want.tobytes()
    hidden = ~problem.along_rows(asnumpy(problem.mask))
    for derivative in parts[1:]:
        assert not derivative[hidden].any()


@each_few
@pytest.mark.parametrize("way", WAYS, ids=str)
def test_reductions(backend, case, way):
    problem = Problem.make(backend, case)
    with blocks_of(10):
        got = parts_of(problem, **way)
    assert_all_close(got, without_loops(parts_of, problem, **way), 4)
    if backend.name == "torch":
        gradient = without_loops(gradient_of, problem, **way)
        assert_all_close([gradient_of(problem, **way)], [gradient], 4)


@each_few
@pytest.mark.parametrize("layout", LAYOUTS)
def test_arrays_that_lie_otherwise(backend, case, layout):
    problem = Problem.make(backend, case)
    odd = convert(problem, lambda array: layout(backend.namespace, array))
    for size in (10, 10**9):
        with blocks_of(size):
            assert_all_close(parts_of(odd), parts_of(problem), 4)


@each_few
@pytest.mark.parametrize("dtype", ["float16", "float64"])
def test_other_dtypes(backend, case, dtype):
    problem = in_dtype(Problem.make(backend, case), dtype)
    got, want = parts_of(problem), without_loops(parts_of, problem)
    assert [part.dtype for part in got] == [part.dtype for part in want]
    assert_all_close(got, want)


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int64", "float64"])
def test_labels_of_other_dtypes(backend, dtype):
    x = np.random.default_rng(0).normal(size=(4, 5)).astype("float32")
    y = x > 0.3
    want = without_loops(ml.binary_cross_entropy_with_logits, x, y)
    labels = backend.asarray(y.astype(dtype))
    got = ml.binary_cross_entropy_with_logits(backend.asarray(x), labels)
    assert_all_close([got], [want], 4)


@pytest.mark.needs("numpy")
def test_numbers_that_no_loop_has(backend):
    x = np.full((4, 5), 2, np.longdouble)
    value, gradient = ml.value_and_grad(ml.mse_loss)(x, 0 * x)
    assert value == 4
    assert value.dtype == gradient.dtype == x.dtype


@each_few
def test_masks_and_weights_with_sizes_of_1(backend, case):
    problem = Problem.make(backend, case)
    for axis in range(problem.weight.ndim):
        first = (slice(None),) * axis + (slice(0, 1),)
        narrow = problem.replace(mask=problem.mask[first], weight=problem.weight[first])
        want = without_loops(parts_of, narrow, reduction="weighted_mean")
        assert_all_close(parts_of(narrow, reduction="weighted_mean"), want, 4)


@pytest.mark.parametrize("shape", [(0,), (4, 0), (1,), (1, 1), (2, 3, 1, 5)], ids=str)
def test_any_shape(backend, shape):
    x = backend.asarray(np.full(shape, 2.0, "float32"))
    value, gradient = ml.value_and_grad(ml.mse_loss)(x, x * 0)
    np.testing.assert_allclose(asnumpy(value), 4.0 if math.prod(shape) else 0.0)
    assert tuple(gradient.shape) == shape


@pytest.mark.needs("numpy")
@pytest.mark.parametrize("classes", [1, 2, 3, 33, 1000])
@pytest.mark.parametrize("kind", ["indices", "probabilities"])
def test_rows_of_any_length(backend, classes, kind):
    rng = np.random.default_rng(0)
    x, y = 5 * rng.normal(size=(4, classes)).astype("float32"), rng.integers(0, classes, 4)
    if kind == "probabilities":
        y = rng.dirichlet(np.ones(classes), 4).astype("float32")
    function = ml.value_and_grad(functools.partial(ml.cross_entropy, reduction="sum"))
    value, gradient = function(x, y)
    want, slopes = without_loops(function, x.astype(float), y.astype(float) if y.ndim == 2 else y)
    epsilon = np.finfo("float32").eps
    np.testing.assert_allclose(value, want, rtol=4 * epsilon)
    np.testing.assert_allclose(gradient, slopes, rtol=8 * epsilon, atol=2 * epsilon)


@pytest.mark.needs("numpy")
def test_confident_rows_of_any_sign_keep_their_precision(backend):
    top = np.random.default_rng(0).uniform(-90, 90, 100)
    x, labels = np.stack([top - 33, top], axis=1), np.ones(100, int)
    want = np.log1p(np.exp(x[:, 0] - x[:, 1]))
    value = ml.cross_entropy(x, labels, reduction="none")
    np.testing.assert_allclose(value, want, rtol=1e-13)


@pytest.mark.parametrize("number", [1, 2, 5])
def test_any_number_of_threads_gives_the_same_bits(backend, number, monkeypatch):
    problem = Problem.make(backend, FEW[0])
    monkeypatch.setenv("MASKLOSS_NUM_THREADS", "1")
    with blocks_of(3):
        want = parts_of(problem)
        monkeypatch.setenv("MASKLOSS_NUM_THREADS", str(number))
        for got, one in zip(parts_of(problem), want, strict=True):
            assert got.tobytes() == one.tobytes()


@pytest.mark.needs("numpy")
@pytest.mark.parametrize("number", [1023, 1024, 1025, 5000, 600_001])
def test_sums_of_any_number_of_entries(backend, number):
    """A loop adds up the values, the weights and the mask part by part."""
    rng = np.random.default_rng(0)
    x, weight = (rng.lognormal(sigma=3, size=number).astype("float32") for _ in range(2))
    observed = rng.random(number) < 0.5
    sums = ml.l1_loss(x, 0 * x, mask=observed, weight=weight, reduction="sums")
    products = (x.astype(float) * weight)[observed]
    assert int(sums.count) == observed.sum()
    assert_within(sums.total, np.asarray(math.fsum(products)), 2, "float32")
    assert_within(sums.weight, np.asarray(math.fsum(weight[observed].astype(float))), 2, "float32")


@pytest.mark.needs("numpy")
def test_a_last_block_of_one_entry_has_no_loop_of_its_own(backend, monkeypatch):
    monkeypatch.setattr(record, "_RECORDINGS", {})
    x = np.arange(7, dtype="float32")
    with blocks_of(3):
        assert ml.mse_loss(x, 0 * x) == 13
    (recording,) = record._RECORDINGS.values()
    assert len(recording.kernels) == 1


@pytest.mark.needs("numpy")
def test_arrays_that_cannot_be_written_to(backend, tmp_path):
    np.save(tmp_path / "x.npy", np.ones((4, 3), "float32"))
    x = np.load(tmp_path / "x.npy", mmap_mode="r")
    value, gradient = ml.value_and_grad(ml.mse_loss)(x, np.zeros((4, 3), "float32"))
    assert value == 1.0
    assert type(gradient) is np.ndarray
    gradient[...] = 0  # the result can be


@pytest.mark.parametrize("size", [5, 10**9])
def test_an_infinite_factor_leaves_what_is_not_observed(backend, size):
    x, observed = np.ones((4, 5), "float32"), np.arange(20).reshape(4, 5) % 3 > 0
    arrays = map(backend.asarray, (x, 0 * x))
    with blocks_of(size):
        _, gradient = ml.value_and_grad(ml.mse_loss)(
            *arrays, mask=backend.asarray(observed), divisor=1e-40
        )
    np.testing.assert_array_equal(asnumpy(gradient), np.where(observed, np.inf, 0))


def bad_calls():
    """Return calls of losses, each with the word that the error must hold."""
    x = np.zeros((2, 3), "float32")
    nan, two, minus = x * np.nan, x + 2, x - 1
    index = np.asarray([0, 3])
    bce = ml.binary_cross_entropy_with_logits
    return [
        (bce, (x, two), {}, "labels"),
        (bce, (x, nan), {}, "missing"),
        (ml.mse_loss, (x, nan), {}, "missing"),
        (ml.hinge_loss, (x, two), {}, "labels"),
        (ml.binary_cross_entropy, (two, x), {}, "probabilities"),
        (bce, (x, x), {"weight": minus}, "weight"),
        (bce, (x, x), {"pos_weight": minus}, "pos_weight"),
        (ml.mse_loss, (x, x), {"censoring": two.astype(int)}, "censoring"),
        (ml.mse_loss, (x, x), {"censoring": x}, "censoring"),
        (ml.gaussian_nll_loss, (x, x, minus), {}, "var"),
        (ml.gamma_nll_loss, (x, x), {}, "target"),
        (ml.kl_div, (x, minus), {}, "target"),
        (ml.negative_binomial_nll_loss, (x, x), {"dispersion": x}, "dispersion"),
        (ml.cross_entropy, (x, index), {}, "labels"),
        (ml.cross_entropy, (x, two), {}, "labels"),
        (ml.cross_entropy, (x, nan), {}, "missing"),
        (ml.cross_entropy, (x, 0 * index), {"class_weight": minus[0]}, "class_weight"),
        (ml.candidate_cross_entropy, (x, x), {}, "candidates"),
    ]


@pytest.mark.parametrize(("loss", "arrays", "keywords", "word"), bad_calls())
def test_errors_are_those_without_loops(backend, loss, arrays, keywords, word):
    arrays = [backend.asarray(array) for array in arrays]
    keywords = {name: backend.asarray(array) for name, array in keywords.items()}
    errors = []
    for function in (loss, ml.value_and_grad(loss), ml.grad_and_hessian(loss)):
        for is_on in (True, False):
            with ml.fused(is_on), pytest.raises((TypeError, ValueError), match=word) as caught:
                function(*arrays, **keywords)
            errors.append(repr(caught.value))
    assert len(set(errors)) == 1


@pytest.mark.parametrize("sign", [1, -1])
def test_an_observed_nan_prediction_stays_visible(backend, sign):
    x = np.asarray([[np.copysign(np.nan, sign), 1.0], [2.0, 3.0]], "float32")
    for loss in (ml.mse_loss, ml.binary_cross_entropy_with_logits, ml.huber_loss):
        value, gradient = ml.value_and_grad(loss)(*map(backend.asarray, (x, np.zeros_like(x))))
        assert math.isnan(value)
        np.testing.assert_array_equal(np.isnan(asnumpy(gradient)), np.isnan(x))
    for labels in (np.zeros_like(x), np.asarray([1, 1])):
        value, gradient = ml.value_and_grad(ml.cross_entropy)(*map(backend.asarray, (x, labels)))
        assert math.isnan(value)
        np.testing.assert_array_equal(np.isnan(asnumpy(gradient)), [[True] * 2, [False] * 2])
