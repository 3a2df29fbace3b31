"""Weights from labels and mask: their values, and that nothing unobserved has a part in them."""

import functools

import numpy as np
import pytest

import maskloss as ml
from helpers.comparison import assert_within
from helpers.frameworks import FRAMEWORKS, asnumpy, refuse_to_compute
from tables.cases.labels import CLASSES, MISSING, WEIGHTINGS, by_weighting

POISONS = [np.nan, np.inf, -np.inf, 1e38, -5.0, 7.0]
BAD_INDICES = [-100, -1, CLASSES, 2**31 - 1]

by_indices = by_weighting([case for case in WEIGHTINGS if case.is_indexed])


def call(backend, case, dtype="float32", **changes):
    """Return the weights as a function of labels and mask, both of the backend."""
    options = {
        k: backend.asarray(v.astype(dtype)) if np.ndim(v) else v for k, v in case.options.items()
    } | changes

    def function(labels, mask):
        return case.function(labels, mask=mask, **options)

    return function


def convert(backend, case, labels, mask, dtype="float32"):
    labels = labels if case.is_indexed else labels.astype(dtype)
    return backend.asarray(labels), backend.asarray(mask)


def poisoned(case, labels, mask):
    """Yield the labels with anything where they are not observed."""
    for poison in BAD_INDICES if case.is_indexed else POISONS:
        yield np.where(mask, labels, poison)


def shape_of(case, shape):
    """Return the shape of weights that the keyword takes."""
    if case.keyword == "class_weight":
        return (CLASSES,)
    if case.keyword == "pos_weight":
        return shape[1:][-1:]
    function = getattr(case.function, "func", case.function)
    if function is ml.distribution_balanced_weight:
        return shape
    if function is ml.partial_label_weight:
        return (*shape[:-1], 1)
    return (*(1 for _ in shape[1:]), CLASSES)


# A difference of shares in a logistic function, ten times as steep, costs the most.
EPSILONS = 16


@by_weighting()
def test_weights_are_those_of_the_definition(backend, case):
    labels, mask = case.arrays()
    for dtype in {"float32", "float64"} & set(backend.dtypes):
        given = labels if case.is_indexed else labels.astype(dtype)
        got = call(backend, case, dtype)(backend.asarray(given), backend.asarray(mask))
        # Class indices have no floating dtype to give.
        wide = "float64" in backend.dtypes and got.dtype == backend.namespace.float64
        got, want = asnumpy(got), case.exact(given, mask)
        assert got.shape == shape_of(case, labels.shape)
        bound = max(EPSILONS, backend.epsilons)
        assert_within(got.ravel(), want.ravel(), bound, "float64" if wide else "float32")


@by_weighting()
def test_what_is_not_observed_has_no_part_in_a_weight(backend, case):
    labels, mask = case.arrays()
    weights = call(backend, case)
    want = asnumpy(weights(*convert(backend, case, labels, mask)))
    assert np.isfinite(want).all()
    for bad in poisoned(case, labels, mask):
        got = asnumpy(weights(*convert(backend, case, bad, mask)))
        np.testing.assert_array_equal(got, want)


@by_weighting()
def test_a_missing_value_is_a_mask(backend, case):
    labels, mask = case.arrays()
    want = asnumpy(call(backend, case)(*convert(backend, case, labels, mask)))
    labels, mask = convert(backend, case, np.where(mask, labels, MISSING), mask)
    for missing in (MISSING, (MISSING, -77)):
        got = call(backend, case, missing=missing)(labels, None)
        np.testing.assert_array_equal(asnumpy(got), want)


@by_weighting()
def test_nothing_given_means_all_observed(backend, case):
    labels, mask = case.arrays()
    labels, mask = convert(backend, case, labels, np.ones_like(mask))
    want = asnumpy(call(backend, case)(labels, mask))
    for everything in (None, True):
        assert_within(asnumpy(call(backend, case)(labels, everything)), want, 2, "float32")


@pytest.mark.needs("numpy")
@by_weighting()
def test_the_mask_of_numpy_ma_counts(backend, case):
    labels, mask = case.arrays()
    want = call(backend, case)(labels, mask)
    got = call(backend, case)(np.ma.masked_array(labels, ~mask), None)
    np.testing.assert_array_equal(got, want)
    assert not isinstance(got, np.ma.MaskedArray)


@pytest.mark.needs("jit")
@by_weighting()
def test_jit(backend, case):
    labels, mask = case.arrays()
    eager = call(backend, case)
    compiled = FRAMEWORKS[backend.name].jit(eager)
    want = asnumpy(eager(*convert(backend, case, labels, mask)))
    clean = asnumpy(compiled(*convert(backend, case, labels, mask)))
    assert_within(clean, want, max(EPSILONS, backend.epsilons), "float32")
    for bad in poisoned(case, labels, mask):
        dirty = compiled(*convert(backend, case, bad, mask))
        np.testing.assert_array_equal(asnumpy(dirty), clean)


@pytest.mark.needs("vmap")
@by_weighting()
def test_vmap(backend, case):
    pairs = [convert(backend, case, *case.arrays(seed)) for seed in range(2)]
    eager = call(backend, case)
    xp = backend.namespace
    mapped = FRAMEWORKS[backend.name].vmap(eager)
    got = mapped(*(xp.stack(arrays) for arrays in zip(*pairs, strict=True)))
    want = np.stack([asnumpy(eager(*pair)) for pair in pairs])
    assert_within(asnumpy(got), want, max(EPSILONS, backend.epsilons), "float32")


@by_weighting()
def test_weights_go_into_the_keyword_of_a_loss(backend, case):
    labels, mask = case.arrays()
    known = backend.asarray(mask)
    weight = call(backend, case)(*convert(backend, case, labels, mask))
    rng = np.random.default_rng(1)
    if case.is_indexed:
        loss, shape = ml.cross_entropy, (*labels.shape, CLASSES)
        factor = np.asarray(asnumpy(weight))[labels]
    else:
        loss, shape = ml.binary_cross_entropy_with_logits, labels.shape
        factor = asnumpy(weight)
        if case.keyword == "pos_weight":
            labels = np.round(labels)
            factor = np.where(labels == 1, factor, 1)
        loss = functools.partial(loss, class_axis=-1)
    logits = backend.asarray(rng.normal(0, 1, shape).astype("float32"))
    labels, _ = convert(backend, case, labels, mask)
    loss = functools.partial(loss, logits, labels, mask=known, reduction="none")
    want = np.where(mask, factor * asnumpy(loss()), 0)
    got = asnumpy(loss(**{case.keyword: weight}))
    np.testing.assert_allclose(got, want, rtol=1e-5, atol=1e-6)


@by_weighting()
def test_the_dtype_of_weights_is_that_of_floating_labels(backend, case):
    labels, mask = case.arrays()
    if case.is_indexed:
        return
    xp = backend.namespace
    for dtype in {"bfloat16", "float16", "float32", "float64"} & set(backend.dtypes):
        if dtype == "bfloat16":
            array, known = convert(backend, case, labels, mask)
            array = xp.astype(array, xp.bfloat16)
        else:
            array, known = convert(backend, case, labels, mask, dtype)
        got = call(backend, case)(array, known)
        assert got.dtype == (xp.float64 if dtype == "float64" else xp.float32)


@by_weighting()
def test_integer_and_bool_labels_are_numbers(backend, case):
    labels, mask = case.arrays()
    if case.name.endswith("soft"):
        return
    want = asnumpy(call(backend, case)(*convert(backend, case, labels, mask)))
    for dtype in ("int8", "uint8", "int32") if case.is_indexed else ("bool", "uint8", "int32"):
        got = call(backend, case)(backend.asarray(labels.astype(dtype)), backend.asarray(mask))
        assert backend.namespace.isdtype(got.dtype, "real floating")
        assert_within(asnumpy(got), want, max(EPSILONS, backend.epsilons), "float32")


@by_weighting()
def test_labels_are_never_written_to(backend, case):
    labels, mask = convert(backend, case, *case.arrays())
    before = asnumpy(labels).copy(), asnumpy(mask).copy()
    call(backend, case)(labels, mask)
    np.testing.assert_array_equal(asnumpy(labels), before[0])
    np.testing.assert_array_equal(asnumpy(mask), before[1])


def test_the_weights_of_all_classes_add_up_to_their_number(backend):
    for case in WEIGHTINGS:
        if case.function is ml.class_balanced_weight:
            weights = asnumpy(call(backend, case)(*convert(backend, case, *case.arrays())))
            np.testing.assert_allclose(weights.sum(), CLASSES, rtol=1e-5)


def test_partial_labels_make_the_loss_of_durand(backend):
    labels, mask = WEIGHTINGS[0].arrays()
    logits = np.random.default_rng(1).normal(0, 2, labels.shape)
    want = 0.0
    for row, known, x in zip(labels, mask, logits, strict=True):
        share = known.sum() / known.size
        loss = np.log1p(np.exp(np.where(row == 1, -x, x)))[known].sum()
        want += (-4.45 * share + 5.45) / known.size * loss / len(labels)
    logits, labels = (backend.asarray(a.astype("float32")) for a in (logits, labels))
    mask = backend.asarray(mask)
    got = ml.binary_cross_entropy_with_logits(
        logits,
        labels,
        mask=mask,
        weight=ml.partial_label_weight(labels, mask=mask),
        reduction="mean_over_all",
    )
    np.testing.assert_allclose(float(got), want, rtol=1e-5)


@pytest.mark.needs("torch")
@pytest.mark.long
def test_inductor(backend):
    import torch

    for case in WEIGHTINGS:
        if case.name in {"class_balanced", "class_balanced, indices", "distribution_balanced"}:
            torch._dynamo.reset()
            arrays = convert(backend, case, *case.arrays())
            weights = call(backend, case)
            compiled = torch.compile(weights, fullgraph=True)
            assert_within(asnumpy(compiled(*arrays)), asnumpy(weights(*arrays)), 16, "float32")


def test_an_observed_nan_stays_visible(backend):
    for function in (
        ml.class_balanced_weight,
        ml.inverse_frequency_weight,
        ml.balanced_pos_weight,
        ml.distribution_balanced_weight,
    ):
        labels = backend.asarray(np.asarray([[1.0, np.nan], [0.0, 1.0], [1.0, 0.0]], "float32"))
        assert np.isnan(asnumpy(function(labels))).any()


@pytest.mark.needs("jit")
@by_indices
def test_a_class_that_is_none_gives_nan_under_jit(backend, case):
    labels, mask = case.arrays()
    compiled = FRAMEWORKS[backend.name].jit(call(backend, case))
    for index in BAD_INDICES:
        bad = np.where(np.cumsum(mask).reshape(mask.shape) == 3, index, labels)
        got = asnumpy(compiled(*convert(backend, case, bad, mask)))
        assert np.isnan(got).all() == (mask.any() > 0)


@by_indices
def test_many_classes_are_counted_without_a_row_for_each(backend, case):
    """Sparse classes: one-hot rows of these labels would take gigabytes."""
    classes = 200_003
    labels = np.arange(20_000) * 10 % classes
    got = asnumpy(case.function(backend.asarray(labels), classes=classes))
    present = np.isin(np.arange(classes), labels)
    assert got.shape == (classes,)
    np.testing.assert_allclose(got, 1.0, rtol=1e-5)
    assert present.sum() == labels.size


@pytest.mark.needs("torch")
@by_weighting()
def test_torch_meta_tensors_are_never_read(backend, case):
    labels, mask = convert(backend, case, *case.arrays())
    options = {
        k: v.to("meta") if hasattr(v, "to") else v
        for k, v in {
            k: backend.asarray(v) if np.ndim(v) else v for k, v in case.options.items()
        }.items()
    }
    want = call(backend, case)(labels, mask)
    got = case.function(labels.to("meta"), mask=mask.to("meta"), **options)
    assert got.device.type == "meta"
    assert got.shape == want.shape


@pytest.mark.needs("dask")
@by_weighting()
def test_dask_computes_nothing_until_asked(backend, case):
    import dask

    labels, mask = convert(backend, case, *case.arrays())
    weights = call(backend, case)
    with refuse_to_compute():
        lazy = weights(labels, mask)
    assert dask.is_dask_collection(lazy)
    labels, mask = (array.rechunk(3) for array in (labels, mask))
    np.testing.assert_allclose(asnumpy(weights(labels, mask)), asnumpy(lazy), rtol=1e-6)


def test_classes_of_one_label_are_balanced_as_they_are(backend):
    labels = backend.asarray(np.asarray([[1, 0, 1], [1, 0, 0], [1, 0, 0]]))
    np.testing.assert_allclose(asnumpy(ml.balanced_pos_weight(labels)), [1.0, 1.0, 2.0])


def test_one_class_needs_no_balance(backend):
    labels = backend.asarray(np.asarray([0, -1, 0]))
    for classes in (1, np.int64(1)):
        weight = ml.class_balanced_weight(labels, classes=classes, missing=-1)
        np.testing.assert_array_equal(asnumpy(weight), [1])


def test_complete_rows_may_weigh_nothing(backend):
    labels = backend.asarray(np.asarray([[1, 0], [0, -1]]))
    weight = ml.partial_label_weight(labels, alpha=-1, beta=1, missing=-1)
    np.testing.assert_array_equal(asnumpy(weight), [[0], [0.5]])
