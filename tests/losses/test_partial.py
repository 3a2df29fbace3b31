"""What the losses made for missing labels are to each other, to padding and to wrong labels."""

import functools

import numpy as np
import pytest
from mpmath import mp

import maskloss as ml
from helpers.frameworks import FRAMEWORKS, asnumpy
from helpers.problems import Problem, native
from tables.cases import by_case
from tables.cases.partial import BATCHWISE, PARTIAL, WHOLE

SHAPE = (6, 5)
RNG = np.random.default_rng(0)
LOGITS = RNG.normal(0, 3, SHAPE)
KINDS = RNG.integers(-1, 2, SHAPE)
HARD = RNG.integers(0, 2, SHAPE)
KNOWN = RNG.uniform(size=SHAPE) < 0.7

FOCAL = functools.partial(ml.sigmoid_focal_loss, alpha=None, gamma=1.5)
ONE_FOCUS = functools.partial(
    ml.asymmetric_loss, gamma_pos=1.5, gamma_neg=1.5, clip=0.0, constant_focus=False
)
PLAIN_SPLC = functools.partial(ml.splc_loss, correct=False, margin=0.0, gamma=1.5)
OVER_NUMBER = functools.partial(ml.partial_bce_loss, alpha=1.0, beta=0.0, gamma=-1.0)
SAME = [
    (ONE_FOCUS, HARD, FOCAL, HARD),
    (PLAIN_SPLC, KINDS, FOCAL, np.maximum(KINDS, 0)),
    (OVER_NUMBER, HARD, ml.multilabel_soft_margin_loss, HARD),
    (
        ml.assume_negative_loss,
        2 * HARD - 1,
        ml.binary_cross_entropy_with_logits,
        HARD,
    ),
    (
        functools.partial(ml.large_loss, fraction=0.0),
        KINDS,
        ml.assume_negative_loss,
        KINDS,
    ),
    (
        functools.partial(ml.selective_asymmetric_loss, mode="negative", gamma_unann=1.0),
        KINDS,
        functools.partial(ml.asymmetric_loss, gamma_pos=0.0, gamma_neg=1.0, clip=0.0),
        np.maximum(KINDS, 0),
    ),
]


@pytest.mark.parametrize(("loss", "labels", "other", "others_labels"), SAME)
def test_one_loss_is_a_case_of_another(backend, loss, labels, other, others_labels):
    x, known = native(backend, LOGITS), backend.asarray(KNOWN)
    for transform in (ml.value_and_grad, ml.grad_and_hessian):
        got = transform(loss)(x, backend.asarray(labels), mask=known, reduction="sum")
        want = transform(other)(x, backend.asarray(others_labels), mask=known, reduction="sum")
        for part, wanted in zip(got, want, strict=True):
            np.testing.assert_allclose(asnumpy(part), asnumpy(wanted), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("gamma", [0.0, 0.3, 4.0])
@pytest.mark.parametrize("clip", [1e-6, 0.01, 0.5, 0.9])
def test_clipped_negatives_are_0_at_any_distance_below_the_margin(backend, clip, gamma):
    x = -np.geomspace(20, np.finfo(np.float32).max / 2, 300).astype(np.float32)
    loss = functools.partial(
        ml.asymmetric_loss, clip=clip, gamma_neg=gamma, gamma_pos=0.0, constant_focus=False
    )
    for label, value, slope in ((0.0, 0 * x, 0 * x), (1.0, -x, 0 * x - 1)):
        scores, labels = native(backend, x), backend.asarray(np.full_like(x, label))
        got = map(asnumpy, ml.value_and_grad(loss)(scores, labels, reduction="none"))
        for part, wanted in zip(got, (value, slope), strict=True):
            np.testing.assert_allclose(part, wanted, rtol=1e-6)


@pytest.mark.parametrize("threshold", [0.05, 0.2, 0.5, 0.6, 0.8, 0.95])
def test_labels_are_corrected_from_the_next_float_above_the_threshold(backend, threshold):
    """A corrected label pulls its logit up, another one down."""
    with mp.workdps(60):
        limit = mp.log(mp.mpf(threshold) / (1 - mp.mpf(threshold)))
    for dtype in {"float32", "float64"} & set(backend.dtypes):
        nearest = np.asarray(float(limit), dtype)
        x = np.nextafter(nearest, np.asarray([-np.inf, nearest, np.inf], dtype))
        # Beside 0 come normal numbers: JAX takes others for 0.
        x = np.copysign(np.where(x == 0, 0, np.maximum(abs(x), np.finfo(dtype).smallest_normal)), x)
        _, slope = ml.value_and_grad(ml.splc_loss)(
            native(backend, x, dtype), backend.asarray(np.full(3, -1)), threshold=threshold
        )
        assert ((asnumpy(slope) < 0) == [mp.mpf(float(one)) > limit for one in x]).all()


@pytest.mark.parametrize("positives", range(5))
def test_risks_of_few_entries_are_their_means(backend, positives):
    x, is_positive = LOGITS[0, :4], np.arange(4) < positives
    kinds = backend.asarray(np.where(is_positive, 1, -1))
    loss = functools.partial(ml.nnpu_loss, prior=0.3, non_negative=False)
    got = [asnumpy(part) for part in ml.value_and_grad(loss)(native(backend, x), kinds)]

    share = is_positive / max(positives, 1), ~is_positive / max(4 - positives, 1)
    p, q = 1 / (1 + np.exp(-x)), 1 / (1 + np.exp(x))
    value = 0.3 * share[0] * (q - p) + share[1] * p
    gradient = (share[1] - 2 * 0.3 * share[0]) * p * q
    np.testing.assert_allclose(got[0], value.sum(), rtol=1e-6)
    np.testing.assert_allclose(got[1], gradient, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("name", ["q2", "q3"])
def test_the_smallest_exponents_give_the_limit(backend, name):
    """The limit is a logarithm; 1 / 1e-300 is infinite in float32."""
    logits, labels = np.linspace(-5, 5, 5), backend.asarray(np.full(5, -1))
    smallest, small = (
        ml.gr_loss(native(backend, logits), labels, reduction="none", **{name: exponent})
        for exponent in (1e-300, 1e-20)
    )
    assert np.isfinite(asnumpy(small)).all()
    np.testing.assert_allclose(asnumpy(smallest), asnumpy(small), rtol=1e-6)


@by_case([*BATCHWISE, *WHOLE])
def test_a_batch_with_rows_of_padding_is_the_batch(backend, case):
    x, y, _, _ = case.arrays()
    pad = np.asarray([0, -1, 1, 1, 0, -1, 2, 3])  # rows of padding at 0 and -1 among those of x
    is_row = np.asarray([False, False, True, True, False, False, True, True])

    def padded(array, fill_value):
        return np.where(is_row[:, None], array[pad], fill_value).astype(array.dtype)

    rows = pad[is_row]
    options = {name: case.options[name] for name in case.lined_up(x.shape)}
    longer = case.with_options({name: padded(array, np.nan) for name, array in options.items()})
    shorter = case.with_options({name: array[rows] for name, array in options.items()})
    mask = np.broadcast_to(is_row[:, None], (len(pad), x.shape[1]))
    got = Problem.of(backend, longer, padded(x, np.nan), padded(y, 9), mask).parts()
    want = Problem.of(backend, shorter, x[rows], y[rows], None).parts()
    if case.options.get("class_axis") == 0:
        return  # rows are classes there, of which there would be more
    np.testing.assert_allclose(got[0], want[0], rtol=1e-5)
    for part, wanted in zip(got[1:], want[1:], strict=True):
        np.testing.assert_allclose(part[is_row], wanted, rtol=1e-5, atol=1e-7)
        assert not part[~is_row].any()


@pytest.mark.parametrize("fraction", [0.0, 0.01, 0.3, 1.0])
def test_large_losses_are_those_that_a_correction_changes(backend, fraction):
    x, y, known = native(backend, LOGITS), backend.asarray(KINDS), backend.asarray(KNOWN)
    large = asnumpy(ml.large_losses(x, y, fraction=fraction, mask=known))
    assert large.dtype == bool
    assert not large[~KNOWN | (KINDS != -1)].any()
    candidates = (KNOWN & (KINDS == -1)).sum()
    assert large.sum() == min(np.ceil(fraction * KNOWN.sum()), candidates)
    corrected = backend.asarray(np.where(large, 1, KINDS))
    got = ml.large_loss(x, y, fraction=fraction, scheme="correction", mask=known, reduction="none")
    want = ml.assume_negative_loss(x, corrected, mask=known, reduction="none")
    np.testing.assert_allclose(asnumpy(got), asnumpy(want), rtol=1e-6)


# The last two would be rounded up, in float32 and in float64.
@pytest.mark.parametrize(("number", "size"), [(1, 3), (7, 13), (7, 25)])
def test_a_fraction_that_gives_an_integer_gives_no_more(backend, number, size):
    x, y = native(backend, np.arange(float(size))), backend.asarray(np.full(size, -1))
    for mask in (None, backend.asarray(np.ones(size, bool))):
        large = ml.large_losses(x, y, fraction=number / size, mask=mask)
        assert asnumpy(large).sum() == number


def test_missing_labels_are_no_large_losses(backend):
    x, y = native(backend, [1.0, 5.0, 2.0]), backend.asarray(np.asarray([-1, -9, -1]))
    got = ml.large_losses(x, y, fraction=0.5, missing=-9)
    np.testing.assert_array_equal(asnumpy(got), [False, False, True])


def test_what_ties_with_the_last_is_selected_as_well(backend):
    x, y = native(backend, [[1.0, 2.0, 2.0, 2.0]]), backend.asarray(np.asarray([[-1, -1, -1, 1]]))
    large = ml.large_loss(x, y, fraction=0.25, reduction="none")
    selected = ml.selective_asymmetric_loss(x, y, likelihood_topk=1, reduction="none")
    for loss in (large, selected):
        np.testing.assert_array_equal(asnumpy(loss) == 0, [[False, True, True, False]])


def ignored(backend, x, **options):
    y = backend.asarray(np.full(np.shape(x), -1))
    loss = ml.selective_asymmetric_loss(native(backend, x), y, reduction="none", **options)
    return asnumpy(loss) == 0


def test_so_many_are_ignored_for_each_sample(backend):
    x = [[1.0, 2.0, 6.0], [3.0, 5.0, 4.0]]
    for mask in (None, backend.asarray(np.ones((2, 3), bool))):
        got = ignored(backend, x, likelihood_topk=1, mask=mask)
        np.testing.assert_array_equal(got, [[False, False, True], [False, True, False]])


@pytest.mark.parametrize("number", [3, 4, 9])
def test_all_are_ignored_where_there_are_no_more(backend, number):
    assert ignored(backend, [[1.0, 2.0, 3.0]], likelihood_topk=number).all()


def test_no_more_are_ignored_than_the_number_of_many_classes(backend):
    got = ignored(backend, np.arange(300.0)[None], likelihood_topk=200)
    np.testing.assert_array_equal(got, [np.arange(300) >= 100])


def test_classes_with_a_larger_prior_are_ignored(backend):
    x, y = native(backend, [[1.0, 2.0, 3.0]]), backend.asarray(np.full((1, 3), -1))
    prior = native(backend, [0.0, 0.5, 0.75])
    got = ml.selective_asymmetric_loss(
        x,
        y,
        likelihood_topk=0,
        class_prior=prior,
        prior_threshold=0.5,
        reduction="none",
    )
    kept = ml.selective_asymmetric_loss(x, y, mode="negative", reduction="none")
    # Its entries depend on no others, so that NumPy computes it for torch, by a `log1p` of its own.
    np.testing.assert_allclose(asnumpy(got), asnumpy(kept) * [[1, 1, 0]], rtol=1e-6)


def test_nothing_is_large_in_a_batch_of_nothing(backend):
    x, y = native(backend, np.ones((0, 3))), backend.asarray(np.ones((0, 3), int))
    for loss in (
        functools.partial(ml.large_loss, fraction=0.5),
        ml.selective_asymmetric_loss,
        functools.partial(ml.expected_positive_loss, expected_positives=1.0),
        functools.partial(ml.nnpu_loss, prior=0.5),
    ):
        value, gradient = ml.value_and_grad(loss)(x, y)
        assert float(asnumpy(value)) == 0
        assert gradient.shape == (0, 3)


def test_the_expected_number_of_one_class_is_its_share(backend):
    x, y = native(backend, [[0.0], [0.0]]), backend.asarray(np.asarray([[-1], [-1]]))
    got = ml.expected_positive_loss(x, y, expected_positives=0.3)
    np.testing.assert_allclose(asnumpy(got), (0.5 - 0.3) ** 2, rtol=1e-5)


@pytest.mark.needs("autodiff")
def test_estimates_learn_from_predictions_as_these_from_them(backend):
    x, z = native(backend, LOGITS), native(backend, LOGITS[::-1])
    y, known = backend.asarray(KINDS), backend.asarray(KNOWN)
    loss = functools.partial(ml.role_loss, expected_positives=1.5, mask=known)
    got = FRAMEWORKS[backend.name].grad(lambda z: loss(x, y, estimates=z), z)
    _, want = ml.value_and_grad(loss)(z, y, estimates=x)
    np.testing.assert_allclose(asnumpy(got), asnumpy(want), rtol=1e-5, atol=1e-7)


OF_KINDS = [c for c in PARTIAL if asnumpy(c.arrays()[1]).dtype.kind == "i" and not c.held]


@pytest.mark.needs("jit")
@by_case(OF_KINDS)
def test_a_label_of_no_kind_gives_nan_under_jit(backend, case):
    x, y, _, _ = case.arrays()
    compiled = FRAMEWORKS[backend.name].jit(functools.partial(case.loss, **case.options))
    for label in (2.0, 0.5, np.nan):
        labels = y.astype(float)
        labels[1, 2] = label
        assert np.isnan(asnumpy(compiled(native(backend, x), native(backend, labels))))


FINITE = [case for case in PARTIAL if case.extremes and case.class_axis is None]


@pytest.mark.needs("forward mode")
@by_case(FINITE)
def test_automatic_derivatives_are_finite_at_every_finite_logit(backend, case):
    case, x, y = case.at_extremes("float32")
    problem = Problem.of(backend, case, x, y)
    loss = functools.partial(case.loss, reduction="none", **case.options)
    ones = native(backend, np.ones_like(x))
    value, slope = problem.framework.jvp(lambda x: loss(x, problem.y), problem.x, ones)
    wanted, want, _ = problem.parts(reduction="none")
    np.testing.assert_allclose(asnumpy(value), wanted, rtol=1e-4)
    np.testing.assert_allclose(asnumpy(slope), want, rtol=1e-4, atol=1e-7)
    assert np.isfinite(want).all()
