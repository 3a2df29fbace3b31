"""A mistake is an error that names the argument, what came, what was expected and the fix."""

import functools
from functools import partial

import numpy as np
import pytest
from numpy import nan

import maskloss as ml
from helpers.frameworks import asnumpy
from helpers.layouts import cast
from helpers.wrong_calls import CANNOT_READ, ForeignArray, in_every_way, on, table
from tables.mistakes.categorical import CATEGORICAL, CATEGORICAL_VALUES
from tables.mistakes.coupled import COUPLED, COUPLED_VALUES
from tables.mistakes.dtypes import DTYPES
from tables.mistakes.keywords import KEYWORDS
from tables.mistakes.missing import MISSING
from tables.mistakes.mistake import (
    BCE,
    CE,
    KNOWN,
    MSE,
    PROBABILITIES,
    ROWS,
    SQUARE,
    Mistake,
    X,
    Y,
    floats,
    integers,
)
from tables.mistakes.no_arrays import NO_ARRAYS
from tables.mistakes.nothing import NOTHING
from tables.mistakes.options import OPTIONS
from tables.mistakes.partial import PARTIAL, PARTIAL_VALUES
from tables.mistakes.ranking import RANKING, RANKING_VALUES
from tables.mistakes.regression import REGRESSION, REGRESSION_VALUES
from tables.mistakes.segmentation import SEGMENTATION, SEGMENTATION_VALUES
from tables.mistakes.shapes import OTHER_SHAPES, SHAPES
from tables.mistakes.unused import UNUSED
from tables.mistakes.values import VALUES


@table(
    [
        *SHAPES,
        *DTYPES,
        *OPTIONS,
        *UNUSED,
        *MISSING,
        *KEYWORDS,
        *NO_ARRAYS,
        *REGRESSION,
        *CATEGORICAL,
        *COUPLED,
        *SEGMENTATION,
        *RANKING,
        *PARTIAL,
    ]
)
def test_a_mistake_is_named(backend, wrong):
    for call in in_every_way(backend, wrong.call):
        with pytest.raises(wrong.error, match=wrong.match):
            call()


@table(OTHER_SHAPES)
def test_labels_that_nothing_would_make_fit_get_no_advice(backend, wrong):
    for call in in_every_way(backend, wrong.call):
        with pytest.raises(ValueError, match=wrong.match + ".*nothing is broadcast$"):
            call()


@table(
    [
        *VALUES,
        *REGRESSION_VALUES,
        *CATEGORICAL_VALUES,
        *COUPLED_VALUES,
        *SEGMENTATION_VALUES,
        *RANKING_VALUES,
        *PARTIAL_VALUES,
    ]
)
def test_a_value_that_cannot_be_meant_is_named_where_values_are_read(backend, wrong):
    for call in in_every_way(backend, wrong.call):
        if backend.checks_values:
            with pytest.raises(wrong.error, match=wrong.match):
                call()
        else:
            call()


@table(NOTHING)
def test_nothing_observed_is_an_error_on_demand(backend, wrong):
    is_known = backend.checks_values or wrong.name == "no entry at all"
    with pytest.raises(ValueError, match=wrong.match if is_known else CANNOT_READ):
        on(backend, wrong.call)()


@table(NOTHING)
def test_derivatives_of_nothing_observed_are_an_error_on_demand(backend, wrong):
    is_known = backend.checks_values or wrong.name == "no entry at all"
    _, *derivatives = in_every_way(backend, wrong.call)
    for call in derivatives:
        with pytest.raises(ValueError, match=wrong.match if is_known else CANNOT_READ):
            call()


def test_no_label_equals_a_number_that_its_dtype_does_not_hold(backend):
    for dtype in backend.dtypes:
        labels = cast(backend, Y, dtype)
        with pytest.raises(ValueError, match=r"`missing`=.* cannot occur in `target` of dtype"):
            MSE(backend.asarray(X), labels, missing=10**400)


def test_something_observed_is_no_error(backend):
    call = on(backend, partial(MSE, X, floats(3, 7, 3), mask=KNOWN, empty="raise"))
    if backend.checks_values:
        assert float(call()) == 4.0
    else:
        with pytest.raises(ValueError, match=CANNOT_READ):
            call()


def test_a_count_that_the_shape_tells_needs_no_reading(backend):
    assert float(on(backend, partial(MSE, X, floats(3, 3, 3), empty="raise"))()) == 4.0


OBSERVED = [
    partial(BCE, X, floats(0, 7, 1), mask=KNOWN),
    partial(BCE, X, floats(0, -1, 1), missing=-1),
    partial(BCE, X, floats(0, nan, 1), missing=nan),
    partial(BCE, X, integers(0, -9, 1), missing=(-9, -1)),
    partial(PROBABILITIES, floats(0.5, 7, 0.5), floats(0, 2, 1), mask=KNOWN),
    partial(MSE, X, Y, weight=floats(1, -1, 1), mask=KNOWN),
    partial(CE, ROWS, integers(0, 9, 1), mask=KNOWN),
    partial(CE, ROWS, integers(0, -100, 1), missing=-100),
    partial(CE, ROWS, integers(0, 255, 1, dtype="uint8"), missing=255),
    partial(CE, ROWS, floats([0, 1], [-1, 7], [0.5, 0.5]), mask=KNOWN),
    partial(CE, ROWS, floats([0, 1], [0, nan], [0.5, 0.5]), missing=nan),
    partial(CE, ROWS, integers(0, 1, 1), mask=KNOWN, class_weight=floats(1, 2), weight=1),
]


@pytest.mark.parametrize("call", OBSERVED, ids=range(len(OBSERVED)))
def test_what_is_not_observed_may_hold_anything(backend, call):
    value, gradient = (asnumpy(part) for part in [*in_every_way(backend, call)][1]())
    assert np.isfinite(value)
    assert np.isfinite(gradient).all()
    assert not gradient[1].any()


@pytest.mark.parametrize("empty", ["zero", None, X], ids=str)
def test_sums_check_empty_as_losses_do(backend, empty):
    sums = on(backend, partial(MSE, X, Y, reduction="sums"))()
    for mean in (sums.mean, sums.weighted_mean):
        with pytest.raises(ValueError, match=r"(?s)(?=.*`empty`)(?=.*\"raise\")(?=.*nan)"):
            mean(empty=empty)


@pytest.mark.parametrize("missing", ["?", True, {nan}, (), 1j, (None,), (nan, "?")], ids=str)
def test_what_means_missing_is_a_number_beside_labels_of_any_dtype(backend, missing):
    for dtype in (*backend.dtypes, "int32"):
        labels = cast(backend, Y, dtype)
        kinds = "`missing` must be a number, nan, or a tuple or list of them"
        with pytest.raises(TypeError, match=kinds):
            MSE(backend.asarray(X), labels, missing=missing)


def test_arrays_of_two_libraries_are_named(backend):
    x, y, known = map(backend.asarray, (X, Y, KNOWN))
    strangers = [(ForeignArray(), "foreign.ForeignArray")]
    if backend.name != "numpy" and not backend.namespace.takes_numpy:
        strangers.append((Y, "numpy.ndarray"))
    for stranger, name in strangers:
        for argument, call in [
            ("labels", partial(BCE, x, stranger)),
            ("labels", partial(BCE, stranger, y)),
            ("mask", partial(BCE, x, y, mask=stranger)),
            ("weight", partial(BCE, x, y, mask=known, weight=stranger)),
            ("pos_weight", partial(BCE, x, y, pos_weight=stranger)),
            ("class_weight", partial(CE, x, x, class_weight=stranger)),
            ("divisor", partial(BCE, x, y, divisor=stranger)),
        ]:
            says = (f"`{argument}`", "`logits`", name, "one library", f"convert `{argument}`")
            with pytest.raises(TypeError, match=Mistake("", call, TypeError, says).match):
                call()


def test_masked_labels_of_another_library_keep_their_mask(backend):
    """Converted as they are they would lose it, so that the error must not say so alone."""
    if backend.name == "numpy":
        hidden = np.ma.masked_array(Y, ~KNOWN)
        assert float(MSE(X, hidden)) == 0.5
        return
    if backend.namespace.takes_numpy:
        assert float(MSE(backend.asarray(X), np.ma.masked_array(Y, ~KNOWN))) == 0.5
        return
    with pytest.raises(TypeError, match=r"(?s)(?=.*`target`)(?=.*numpy)(?=.*`mask`)"):
        MSE(backend.asarray(X), np.ma.masked_array(Y, ~KNOWN))


@pytest.mark.needs("numpy")
def test_a_mask_of_numpy_ma_counts_on_labels_alone(backend):
    x, y, rows, known = map(backend.asarray, (X, Y, SQUARE, KNOWN))
    for argument, call in [
        ("logits", partial(BCE, np.ma.masked_array(x, known), y)),
        ("mask", partial(BCE, x, y, mask=np.ma.masked_array(known, known))),
        ("weight", partial(BCE, x, y, weight=np.ma.masked_array(x, known))),
        ("pos_weight", partial(BCE, x, y, pos_weight=np.ma.masked_array(x, known))),
        ("class_weight", partial(CE, rows, rows, class_weight=np.ma.masked_array(x, known))),
        ("divisor", partial(BCE, x, y, divisor=np.ma.masked_array(3.0, True))),
    ]:
        with pytest.raises(TypeError, match=rf"(?s)(?=.*`{argument}`)(?=.*numpy\.ma)(?=.*data)"):
            call()


@pytest.mark.needs("numpy")
def test_objects_as_labels_are_sent_to_tables(backend):
    labels = backend.asarray(np.asarray([1, None, 0], object))
    with pytest.raises(TypeError, match=r"(?s)(?=.*`labels`)(?=.*got object)(?=.*from_table)"):
        BCE(X, labels)


@pytest.mark.parametrize("transform", [ml.value_and_grad, ml.grad_and_hessian])
def test_derivatives_of_a_foreign_function_are_refused(transform):
    def my_loss(x, y):
        return MSE(x, y)

    @functools.wraps(MSE)
    def tenfold(x, y):
        return 10 * MSE(x, y)

    refused = [my_loss, partial(my_loss), partial(partial(my_loss), reduction="sum"), None, 3]
    for loss in (*refused, tenfold, ml.value_and_grad(MSE)):
        with pytest.raises(TypeError, match=r"(?s)(?=.*`loss`)(?=.*loss of maskloss)(?=.*got )"):
            transform(loss)


def test_a_rounding_error_is_not_taken_for_what_means_missing():
    for low, says in ((-1e-7, False), (-1.0, True), (-np.inf, True)):
        with pytest.raises(ValueError, match=r"`labels` must be in \[0, 1\]") as error:
            BCE(np.zeros(2), np.asarray([low, 1.0]))
        assert ("missing" in str(error.value)) == says
