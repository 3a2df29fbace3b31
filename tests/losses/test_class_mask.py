"""Classes that take no part leave the softmax of `cross_entropy`, whatever their logits hold."""

import functools

import numpy as np
import pytest

import maskloss as ml
from helpers.eager import blocks_of
from helpers.frameworks import FRAMEWORKS, asnumpy

ROWS, CLASSES = 6, 4
POISONS = [np.nan, np.inf, -np.inf, 1e38, -1e38]


def _problem(kind):
    """Logits, labels and a mask of classes of each row, of which the last has one class."""
    rng = np.random.default_rng(7)
    x = rng.normal(0, 2, (ROWS, CLASSES)).astype("float32")
    left = rng.permuted(np.tile([True, True, True, False], (ROWS, 1)), axis=1)
    left[-1] = [False, True, False, False]
    if kind == "classes":
        return x, np.asarray([rng.choice(np.flatnonzero(row)) for row in left]), left
    shares = rng.uniform(0.1, 1, (ROWS, CLASSES)) * left
    return x, (shares / shares.sum(-1, keepdims=True)).astype("float32"), left


by_kind = pytest.mark.parametrize("kind", ["classes", "probabilities"])
by_way = pytest.mark.parametrize(
    "way",
    [{}, {"label_smoothing": 0.2}, {"z_loss": 0.1, "reduction": "weighted_mean"}],
    ids=str,
)


def _everything(**keywords):
    """Return a function of logits, labels and class mask: value, gradient, Hessian diagonal."""
    first = functools.partial(ml.value_and_grad(ml.cross_entropy), **keywords)
    second = functools.partial(ml.grad_and_hessian(ml.cross_entropy), **keywords)

    def function(x, y, left):
        return *first(x, y, class_mask=left), second(x, y, class_mask=left)[1]

    return function


def _parts(backend, x, y, left, **keywords):
    arrays = map(backend.asarray, (x, y, left))
    return [asnumpy(part) for part in _everything(**keywords)(*arrays)]


@by_kind
@by_way
def test_a_row_is_that_of_its_classes_alone(backend, kind, way):
    x, y, left = _problem(kind)
    value, *derivatives = _parts(backend, x, y, left, **{**way, "reduction": "none"})
    for row in range(ROWS):
        places = np.flatnonzero(left[row])
        label = np.searchsorted(places, y[row]) if kind == "classes" else y[row, places]
        own = x[row, places].astype(float), np.asarray(label), np.ones(len(places), bool)
        want, *others = _everything(**{**way, "reduction": "none"})(*own)
        np.testing.assert_allclose(value[row], want, rtol=2e-6, atol=1e-7)
        for got, wanted in zip(derivatives, others, strict=True):
            np.testing.assert_allclose(got[row, places], wanted, rtol=2e-5, atol=1e-7)
            assert not got[row, ~left[row]].any()


@by_kind
@by_way
def test_what_takes_no_part_may_hold_anything(backend, kind, way):
    x, y, left = _problem(kind)
    want = _parts(backend, x, y, left, **way)
    for poison in POISONS:
        bad = np.where(left, x, np.float32(poison))
        for got, clean in zip(_parts(backend, bad, y, left, **way), want, strict=True):
            np.testing.assert_array_equal(got, clean)


@pytest.mark.needs("autodiff", "second order")
@by_kind
@by_way
def test_automatic_derivatives_of_what_takes_no_part_are_0(backend, kind, way):
    framework = FRAMEWORKS[backend.name]
    x, y, left = _problem(kind)
    labels, classes = backend.asarray(y), backend.asarray(left)
    _, *want = _parts(backend, x, y, left, **way)

    def loss(logits):
        return ml.cross_entropy(logits, labels, class_mask=classes, **way)

    for poison in (0.0, np.nan, np.inf):
        logits = backend.asarray(np.where(left, x, np.float32(poison)))
        gradient = asnumpy(framework.grad(loss, logits))
        hessian = asnumpy(framework.hessian_diagonal(loss, logits))
        for got, closed in zip((gradient, hessian), want, strict=True):
            np.testing.assert_allclose(got, closed, rtol=1e-4, atol=1e-6)
            assert not got[~left].any()


@by_kind
def test_a_row_without_a_class_is_missing(backend, kind):
    x, y, left = _problem(kind)
    left[2] = False
    x[2, 1:] = np.nan, np.inf, -np.inf
    weight = backend.asarray(np.linspace(1, 2, ROWS).astype("float32"))
    known = np.arange(ROWS) != 2
    for reduction in ("none", "mean", "weighted_mean", "samples"):
        way = {"reduction": reduction, "weight": weight, "label_smoothing": 0.1, "z_loss": 0.1}
        got = _parts(backend, x, y, left, **way)
        assert not got[1][2].any()
        whole = np.where(known[:, None], left, True)
        want = _parts(backend, x, y, whole, mask=backend.asarray(known), **way)
        for part, wanted in zip(got, want, strict=True):
            np.testing.assert_array_equal(part, wanted)
    sums = ml.cross_entropy(
        *map(backend.asarray, (x, y)), class_mask=backend.asarray(left), reduction="sums"
    )
    assert int(asnumpy(sums.count)) == ROWS - 1


@by_kind
def test_shapes_of_a_class_mask(backend, kind):
    x, y, _ = _problem(kind)
    y = y % 2 if kind == "classes" else np.eye(2, CLASSES, dtype="float32")[np.arange(ROWS) % 2]
    one = np.asarray([True, True, False, True])
    want = _parts(backend, x, y, np.tile(one, (ROWS, 1)))
    for left in (one, one[None]):
        for got, wanted in zip(_parts(backend, x, y, left), want, strict=True):
            np.testing.assert_array_equal(got, wanted)
    for all_classes in (np.ones(1, bool), np.ones((ROWS, 1), bool)):
        logits, labels = map(backend.asarray, (x, y))
        got = ml.cross_entropy(logits, labels, class_mask=backend.asarray(all_classes))
        np.testing.assert_allclose(asnumpy(got), asnumpy(ml.cross_entropy(logits, labels)), 1e-6)
    across = _parts(backend, x.T, y.T, one, class_axis=0)
    np.testing.assert_allclose(across[0], want[0], rtol=1e-6)
    np.testing.assert_allclose(across[1].T, want[1], rtol=1e-6, atol=1e-7)


def _mislabelled(kind):
    """Label the second row with a class that takes no part."""
    x, y, left = _problem(kind)
    out = np.flatnonzero(~left[1])[0]
    if kind == "classes":
        y[1] = out
    else:
        y[1, out] = 0.25
    return x, y, left


def _assert_nan(got, left):
    value, *derivatives = map(asnumpy, got)
    assert np.isnan(value[1])
    assert np.isfinite(np.delete(value, 1)).all()
    for derivative in derivatives:
        np.testing.assert_array_equal(np.isnan(derivative[1]), left[1])
        assert np.isfinite(np.delete(derivative, 1, axis=0)).all()


@pytest.mark.needs("jit")
@by_kind
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_a_label_that_takes_no_part_gives_nan_where_values_are_not_read(backend, kind, smoothing):
    x, y, left = _mislabelled(kind)
    everything = _everything(label_smoothing=smoothing, reduction="none")
    compiled = FRAMEWORKS[backend.name].jit(everything)
    _assert_nan(compiled(*map(backend.asarray, (x, y, left))), left)


@by_kind
def test_a_label_that_takes_no_part_is_an_error_where_values_are_read(backend, kind):
    x, y, left = _mislabelled(kind)
    arrays = [backend.asarray(array) for array in (x, y, left)]
    if not backend.checks_values:
        _assert_nan(_everything(reduction="none")(*arrays), left)
        return
    with pytest.raises(ValueError, match=r"(?s)(?=.*`labels`)(?=.*`class_mask`)"):
        _everything()(*arrays)
    known = backend.asarray(np.arange(ROWS) != 1)
    for part in _everything(mask=known)(*arrays):
        assert np.isfinite(asnumpy(part)).all()


@pytest.mark.needs("vmap")
def test_vmap_over_rows_and_their_classes(backend):
    arrays = [backend.asarray(array) for array in _problem("classes")]
    got = FRAMEWORKS[backend.name].vmap(_everything())(*arrays)
    want = _everything(reduction="none")(*arrays)
    for part, wanted in zip(got, want, strict=True):
        np.testing.assert_allclose(asnumpy(part), asnumpy(wanted), rtol=2e-6, atol=1e-7)


@pytest.mark.needs("blocks")
@pytest.mark.parametrize("reduction", ["mean", "weighted_mean", "macro"])
def test_a_row_without_a_class_is_not_counted_in_any_block(backend, reduction):
    x, y = np.zeros((8, 2), "float32"), np.zeros(8, int)
    left = np.repeat([[False, False], [True, True]], 4, axis=0)
    arrays = [backend.asarray(array) for array in (x, y)]
    options = {"class_mask": backend.asarray(left), "reduction": reduction}
    with blocks_of(4):
        _, gradient = ml.value_and_grad(ml.cross_entropy)(*arrays, **options)
    np.testing.assert_allclose(asnumpy(gradient), np.where(left, [-0.125, 0.125], 0.0))
