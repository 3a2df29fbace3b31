"""What TensorFlow alone has: graphs with unknown sizes, XLA, AutoGraph, and TF1's losses."""

import logging

import numpy as np
import pytest

import maskloss as ml
from helpers import pages
from helpers.choice import ONE_OF_EACH_LOSS
from helpers.frameworks import asnumpy
from helpers.problems import Problem
from tables.cases import by_case

pytestmark = pytest.mark.needs("tensorflow")

ROWS, CLASSES = 6, 3
GAP = float("nan")


def make(seed=0):
    """Return logits, labels with gaps, and which labels are known."""
    rng = np.random.default_rng(seed)
    known = rng.random((ROWS, CLASSES)) < 0.6
    labels = (rng.random((ROWS, CLASSES)) < 0.5).astype("float32")
    return rng.normal(0, 3, (ROWS, CLASSES)).astype("float32"), labels, known


def gradient(tf, loss, x):
    with tf.GradientTape() as tape:
        tape.watch(x)
        value = loss(x)
    return value, tape.gradient(value, x)


def assert_same(got, want):
    for one, other in zip(got, want, strict=True):
        np.testing.assert_allclose(asnumpy(one), asnumpy(other), rtol=2e-6, atol=1e-7)


WEIGHTS = {
    "per entry": lambda known: known.astype("float32"),
    "per entry, not only 1": lambda known: known * np.arange(1, 4, dtype="float32"),
    "per row": lambda known: known[:, :1].astype("float32"),
    "per row, all of one": lambda _: np.full((ROWS, 1), 2.0, "float32"),
    "scalar": lambda _: np.float32(0.5),
    "scalar 0": lambda _: np.float32(0.0),
    "one": lambda _: np.ones((1, 1), "float32"),
}
# Of TF1's reductions, ours. SUM_BY_NONZERO_WEIGHTS and SUM_OVER_NONZERO_WEIGHTS leave out what has
# a weight of 0, and so it is not observed.
REDUCTIONS = {
    "NONE": "none",
    "SUM": "sum",
    "SUM_OVER_BATCH_SIZE": "mean_over_all",
    "SUM_OVER_NONZERO_WEIGHTS": "mean",
    "SUM_BY_NONZERO_WEIGHTS": "mean",
    "MEAN": "weighted_mean",
}


@pytest.mark.parametrize("kind", WEIGHTS)
@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_sigmoid_cross_entropy_of_tf1(backend, reduction, kind):
    import tensorflow as tf

    x, labels, known = make()
    weight = WEIGHTS[kind](known)
    x, labels, w = map(tf.constant, (x, labels, weight))

    def theirs(x):
        how = getattr(tf.compat.v1.losses.Reduction, reduction)
        return tf.compat.v1.losses.sigmoid_cross_entropy(labels, x, w, reduction=how)

    def ours(x):
        return ml.binary_cross_entropy_with_logits(
            x, labels, mask=w != 0, weight=w, reduction=REDUCTIONS[reduction]
        )

    assert_same(gradient(tf, ours, x), gradient(tf, theirs, x))


def test_where_tf1_spreads_a_nan_under_a_weight_of_0(backend):
    import tensorflow as tf

    x, labels, known = make()
    w = tf.constant(known.astype("float32"))
    bad = tf.constant(np.where(known, x, np.nan))
    theirs = gradient(tf, lambda x: tf.compat.v1.losses.sigmoid_cross_entropy(labels, x, w), bad)
    assert all(np.isnan(asnumpy(part)).any() for part in theirs)

    def ours(x):
        return ml.binary_cross_entropy_with_logits(x, tf.constant(labels), mask=w != 0)

    for one, other in zip(gradient(tf, ours, bad), gradient(tf, ours, tf.constant(x)), strict=True):
        np.testing.assert_array_equal(asnumpy(one), asnumpy(other))


CALLS = {
    "elements": (ml.binary_cross_entropy_with_logits, lambda y: y, {"missing": GAP}),
    "numbers": (ml.mse_loss, lambda y: y, {"missing": GAP}),
    "rows of classes": (ml.cross_entropy, lambda y: np.nan_to_num(y[:, 0], nan=-1).astype(int), {}),
    "coupled rows": (ml.multilabel_soft_margin_loss, lambda y: y, {"missing": GAP}),
    "nothing missing": (ml.l1_loss, np.nan_to_num, {}),
}
CALLS["rows of classes"][2]["missing"] = -1


@pytest.mark.parametrize("is_xla", [False, True], ids=["graph", "XLA"])
@pytest.mark.parametrize("kind", CALLS)
def test_a_batch_of_unknown_size(backend, kind, is_xla):
    """As Keras trains: traced once, for batches of every size, an empty one among them."""
    import tensorflow as tf

    loss, of_labels, options = CALLS[kind]
    x, labels, known = make()
    labels = of_labels(np.where(known, labels, np.float32(GAP)))
    reductions = ("mean", "sum", "weighted_mean", "mean_over_all", "macro", "samples")
    traces = []

    def values(x, y):
        traces.append(x.shape)
        parts = [ml.value_and_grad(loss)(x, y, **options, reduction=name) for name in reductions]
        parts += [gradient(tf, lambda x: loss(x, y, **options, weight=0.5), x)]
        parts += [loss(x, y, **options, reduction="sums")]
        return [number for part in parts for number in part]

    sizes = [tf.TensorSpec((None, *a.shape[1:]), a.dtype) for a in (x, labels)]
    compiled = tf.function(values, input_signature=sizes, jit_compile=is_xla)
    for size in (ROWS, 2, 1, 0):
        arrays = tf.constant(x[:size]), tf.constant(labels[:size])
        assert_same(compiled(*arrays), values(*arrays))
    assert sum(None in shape for shape in traces) == 1


@by_case(ONE_OF_EACH_LOSS)
def test_every_loss_takes_a_batch_of_unknown_size(backend, case):
    import tensorflow as tf

    problem = Problem.make(backend, case)
    class_axis = case.options.get("class_axis", case.class_axis)
    size = problem.x.shape[1 if class_axis == 0 else 0]
    shapes = [[None if n == size else n for n in array.shape] for array in problem.arrays]
    specs = [tf.TensorSpec(shape, a.dtype) for shape, a in zip(shapes, problem.arrays, strict=True)]
    compiled = tf.function(problem.everything(), input_signature=specs)
    for got, want in zip(compiled(*problem.arrays), problem.parts(), strict=True):
        np.testing.assert_allclose(asnumpy(got), want, rtol=1e-5, atol=1e-6 * np.abs(want).max())


@pytest.mark.parametrize("is_xla", [False, True], ids=["graph", "XLA"])
@pytest.mark.parametrize("sizes", [(4, 3), (4, 1), (1, 4)])
def test_sizes_that_differ_when_the_graph_runs(backend, sizes, is_xla):
    import tensorflow as tf

    spec = tf.TensorSpec((None, 2))
    compiled = tf.function(ml.mse_loss, input_signature=[spec, spec], jit_compile=is_xla)
    with pytest.raises(tf.errors.InvalidArgumentError):
        compiled(*(tf.ones((size, 2)) for size in sizes))


def test_an_unknown_number_of_dimensions(backend):
    import tensorflow as tf

    loss = tf.function(ml.mse_loss, input_signature=[tf.TensorSpec(None)] * 2)
    with pytest.raises(ValueError, match=r"unknown number of dimensions; tell it: tf.ensure_shape"):
        loss(tf.ones(2), tf.ones(2))


def test_sizes_that_are_known_to_differ(backend):
    import tensorflow as tf

    specs = [tf.TensorSpec((None, 2)), tf.TensorSpec((None, 3))]
    with pytest.raises(ValueError, match=r"must have the shape of `input`, \(\?, 2\), got \(\?, 3"):
        tf.function(ml.mse_loss, input_signature=specs)(tf.ones((2, 2)), tf.ones((2, 3)))


def test_autograph_leaves_the_functions_as_they_are(backend, caplog):
    """It would take seconds, and warn of what it cannot rewrite."""
    import tensorflow as tf

    x, labels, known = (tf.constant(array) for array in make())
    objective = ml.MultiObjective({"a": ml.Head(ml.mse_loss)})

    @tf.function
    def step(x, y):
        if tf.reduce_sum(x) < 1e9:  # what AutoGraph is for
            x = x * 2
        value, slope = ml.value_and_grad(ml.binary_cross_entropy_with_logits)(x, y, mask=known)
        result = objective({"a": x}, {"a": y}, mask={"a": known})
        sums = ml.mse_loss(x, y, mask=known, reduction="sums")
        weight = ml.balanced_pos_weight(y, mask=known)
        return value, slope, result.total, sums.mean(), weight

    with caplog.at_level(logging.WARNING, logger="tensorflow"):
        value, slope, total, mean, weight = step(x, labels)
    assert not [record for record in caplog.records if "AutoGraph" in record.getMessage()]
    bce = ml.value_and_grad(ml.binary_cross_entropy_with_logits)
    assert_same((value, slope), bce(2 * x, labels, mask=known))
    assert_same((total, mean), [ml.mse_loss(2 * x, labels, mask=known)] * 2)
    assert_same([weight], [ml.balanced_pos_weight(labels, mask=known)])


def test_a_variable_is_a_tensor(backend):
    import tensorflow as tf

    x, labels, known = make()
    variable, y = tf.Variable(x), tf.constant(labels)
    got = ml.value_and_grad(ml.mse_loss)(variable, y, mask=tf.constant(known))
    assert_same(got, ml.value_and_grad(ml.mse_loss)(x, labels, mask=known))
    with tf.GradientTape() as tape:
        value = ml.mse_loss(variable, y, mask=tf.constant(known))
    assert_same([tape.gradient(value, variable)], got[1:])


def test_sparse_labels(backend):
    import tensorflow as tf

    x, _, _ = make()
    sparse = tf.sparse.SparseTensor([[0, 1], [5, 2]], [1.0, 0.0], (ROWS, CLASSES))
    places = (np.asarray([0, 5]), np.asarray([1, 2]))
    want = ml.value_and_grad(ml.mse_loss)(x, ml.Observed(places, np.asarray([1.0, 0.0], "f4")))
    assert_same(ml.value_and_grad(ml.mse_loss)(tf.constant(x), sparse), want)


def test_arrays_of_two_libraries(backend):
    import tensorflow as tf

    x, labels, _ = make()
    with pytest.raises(TypeError, match=r"`input` of numpy.ndarray and `target` of tensorflow"):
        ml.mse_loss(x, tf.constant(labels))


def test_nothing_is_changed_in_tensorflow(backend):
    import tensorflow as tf

    ml.mse_loss(tf.ones(2), tf.ones(2))
    assert not hasattr(tf.ones(2), "reshape")
    assert (tf.constant(1.0) * 2.0).dtype == tf.float32


def test_the_page_runs(backend):
    pages.run("docs/faces/tensorflow.md")
