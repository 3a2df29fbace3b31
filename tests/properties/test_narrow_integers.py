"""Integers are checked and computed with in the dtype of indices, whatever dtype they come in."""

import functools

import numpy as np
import pytest

import maskloss as ml
from helpers.frameworks import FRAMEWORKS, asnumpy

DTYPES = ["int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64"]
MANY = [256, 7, 128, 300, 70_000, 2**32, 2**32 + 1]  # some of which wrap to a class


def native(backend, values, dtype):
    return backend.asarray(np.asarray(values, dtype))


def has(backend, dtype):
    return backend.name != "tensorflow" or dtype in {"uint8", "int32", "int64"}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("flat", [True, False])
def test_indices_of_any_dtype_name_the_same_entry(backend, dtype, flat):
    if not has(backend, dtype):
        return
    x = native(backend, np.arange(600.0).reshape(300, 2), "float32")
    place = 100 if flat else (100, 1)
    indices = tuple(native(backend, [k], dtype) for k in np.atleast_1d(place))
    labels = ml.Observed(indices, native(backend, [0.0], "float32"))
    value, gradient = ml.value_and_grad(ml.mse_loss)(x, labels)
    number = 100.0 if flat else 201.0
    assert float(value) == number**2
    want = np.zeros(600)
    want[int(number)] = 2 * number
    np.testing.assert_array_equal(asnumpy(gradient).ravel(), want)


@pytest.mark.parametrize("dtype", DTYPES)
def test_classes_of_any_dtype_are_the_same(backend, dtype):
    if not has(backend, dtype):
        return
    logits = native(backend, np.arange(900.0).reshape(3, 300) / 300, "float32")
    labels = native(backend, [0, 100, 127], dtype)
    want = ml.cross_entropy(logits, native(backend, [0, 100, 127], "int64"))
    assert float(ml.cross_entropy(logits, labels)) == float(want)


@pytest.mark.parametrize("number", MANY)
def test_an_integer_beyond_the_classes_is_none(backend, number):
    logits = native(backend, np.zeros((1, 5)), "float32")
    labels = native(backend, [number], "int64")
    target = native(backend, [[number, -1, -1, -1, -1]], "int64")
    for call in (
        functools.partial(ml.cross_entropy, logits, labels),
        functools.partial(ml.nll_loss, -1 - logits, labels),
        functools.partial(ml.multilabel_margin_loss, logits, target),
    ):
        if backend.checks_values:
            with pytest.raises(ValueError, match=r"must be class.* in .*, got "):
                call()
        else:
            assert np.isnan(asnumpy(call()))


@pytest.mark.parametrize("number", MANY)
def test_a_place_beyond_the_prediction_is_none(backend, number):
    x = native(backend, np.arange(6.0).reshape(2, 3), "float32")
    values = native(backend, [0.0], "float32")
    for indices in ([number], [number, 0], [0, number]):
        arrays = tuple(native(backend, [index], "int64") for index in indices)
        call = functools.partial(ml.mse_loss, x, ml.Observed(arrays, values))
        if backend.checks_values:
            with pytest.raises(ValueError, match=r"`target.indices\[.\]` must be indices"):
                call()
        elif backend.name == "dask":
            with pytest.raises(IndexError, match="outside its size"):
                call().compute()
        else:
            assert np.isnan(asnumpy(call()))


def test_groups_stay_apart(backend):
    """MLX has indices of int32, in which these would be one group."""
    scores = native(backend, [1.0, 2.0, 0.5, 3.0], "float32")
    labels = native(backend, [1.0, 0.0, 0.0, 1.0], "float32")
    want = ml.softmax_ranking_loss(scores, labels, groups=native(backend, [0, 0, 1, 1], "int64"))
    for wide in ([0, 0, 2**32, 2**32], [2**33, 2**33, 2**32, 2**32]):
        groups = native(backend, wide, "int64")
        assert float(ml.softmax_ranking_loss(scores, labels, groups=groups)) == float(want)


OUTSIDE = [7, 3, -1, -3, 2**31 - 1, -(2**31)]


@pytest.mark.needs("jit", "autodiff")
@pytest.mark.parametrize("index", OUTSIDE)
def test_a_place_that_a_trace_cannot_read_is_nan(backend, index):
    """Value and gradient are NaN at that label, and what they are at the others."""
    framework = FRAMEWORKS[backend.name]
    x = native(backend, [1.0, 2.0, 3.0], "float32")
    indices = native(backend, [2, index], "int64")
    values = native(backend, [0.0, 0.0], "float32")

    def each(x, indices):
        return ml.mse_loss(x, ml.Observed(indices, values), reduction="none")

    np.testing.assert_array_equal(asnumpy(framework.jit(each)(x, indices)), [9, np.nan])

    def closed(x, indices):
        return ml.value_and_grad(ml.mse_loss)(x, ml.Observed(indices, values), reduction="sum")

    value, gradient = map(asnumpy, framework.jit(closed)(x, indices))
    assert np.isnan(value)
    assert np.isnan(gradient).any()
    assert gradient[2] == 6
    total = framework.jit(lambda x, i: ml.mse_loss(x, ml.Observed(i, values), reduction="sum"))
    by_autodiff = asnumpy(framework.grad(total, x, indices))
    np.testing.assert_array_equal(by_autodiff, gradient)


@pytest.mark.needs("jit")
def test_a_place_outside_of_a_label_that_is_missing_has_no_effect(backend):
    x = native(backend, [1.0, 2.0, 3.0], "float32")
    indices, values = native(backend, [2, 7], "int64"), native(backend, [1.0, -1.0], "float32")

    def closed(x, indices):
        labels = ml.Observed(indices, values)
        return ml.value_and_grad(ml.mse_loss)(x, labels, missing=-1.0)

    value, gradient = FRAMEWORKS[backend.name].jit(closed)(x, indices)
    assert float(value) == 4.0
    np.testing.assert_array_equal(asnumpy(gradient), [0, 0, 4])


@pytest.mark.parametrize("number", [2**53 + 1, -(2**53) - 1, 2**62 + 1])
def test_a_table_keeps_the_digits_of_integers(number):
    pd = pytest.importorskip("pandas")
    table = pd.DataFrame({"id": np.asarray([number, 0]), "label": [0.5, 1.0]})
    with pytest.raises(
        ValueError, match=f"'id' of `table` holds the integer {number}.*float64.*apart"
    ):
        ml.from_table(table)
    assert ml.from_table(table[["id"]]).labels[0] == number
    exact = pd.DataFrame({"id": np.asarray([2**60, 0]), "label": [0.5, 1.0]})
    assert ml.from_table(exact).labels[0, 0] == 2**60


@pytest.mark.parametrize("number", [2**63 + 5, 2**64 - 1])
def test_an_unsigned_integer_beyond_the_indices_is_shown_as_it_is(backend, number):
    if not has(backend, "uint64") or not backend.checks_values:
        return
    logits = native(backend, np.zeros((1, 5)), "float32")
    numbers, zero = native(backend, [number], "uint64"), native(backend, [0.0], "float32")
    lists = native(backend, [[number]], "uint64")
    for call in (
        functools.partial(ml.cross_entropy, logits, numbers),
        functools.partial(ml.class_balanced_weight, numbers, classes=5),
        functools.partial(ml.mse_loss, logits, ml.Observed(numbers, zero)),
        functools.partial(ml.from_encoding, lists, encoding="index_list", classes=5),
    ):
        with pytest.raises(ValueError, match=rf"in \[0, 4\], got {number}($|;)"):
            call()


@pytest.mark.parametrize(
    ("number", "dtype"),
    [
        (2**64 - 1, "uint64"),
        (2**63 - 1, "int64"),
        (-(2**63), "int64"),
        (2**24 + 1, "int32"),
        (2.0**60 + 2.0**10, "float64"),
        (1e300, "float64"),
    ],
)
def test_the_label_that_an_error_names_can_be_passed_as_missing(backend, number, dtype):
    """It is the label that was given, not what the dtype of the prediction makes of it."""
    if not has(backend, dtype) or not backend.checks_values:
        return
    x, y = native(backend, [0.0, 0.0], "float32"), native(backend, [number, 1], dtype)
    with pytest.raises(ValueError, match="pass missing=") as error:
        ml.binary_cross_entropy_with_logits(x, y)
    text = str(error.value).rpartition("missing=")[2]
    missing = float(text) if dtype == "float64" else int(text)
    assert missing == number
    loss = ml.binary_cross_entropy_with_logits(x, y, missing=missing)
    want = ml.binary_cross_entropy_with_logits(x[1:], native(backend, [1.0], "float32"))
    assert float(loss) == float(want)


@pytest.mark.needs("torch")
def test_a_mask_of_dtypes_without_a_maximum(backend):
    import torch

    x = torch.zeros(2)
    for dtype in (torch.float8_e4m3fn, torch.float8_e5m2, torch.uint64):
        for number in (2, 3):
            with pytest.raises(ValueError, match=f"`mask` must be bool.*got {number}"):
                ml.mse_loss(x, x, mask=torch.tensor([number, 1]).to(dtype))
        assert ml.mse_loss(x, x + 1, mask=torch.tensor([0, 1]).to(dtype)) == 1
