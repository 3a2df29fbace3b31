"""An error names arguments that the function called has, and no others."""

import functools
from functools import partial

import numpy as np
import pytest

import maskloss as ml
from helpers.linear import SETTINGS
from helpers.named import all_mistakes, parameters_of, parameters_of_count, strangers
from maskloss._public import records
from tables.cases import RICH

ROWS = [np.ones((2, 2)), np.ones((2, 2))]
TABLES = all_mistakes()
each_table = pytest.mark.parametrize("table", TABLES)


def function_of(call):
    while isinstance(call, partial):
        call = call.func
    return call


@each_table
def test_a_mistake_of_the_tables(table):
    for wrong in TABLES[table]:
        known = parameters_of(function_of(wrong.call), wrong.call.args)
        with pytest.raises(wrong.error) as caught:
            wrong.call()
        assert not strangers(str(caught.value), known), wrong.name


@each_table
def test_the_same_mistake_in_a_count(table):
    for wrong in TABLES[table]:
        loss = function_of(wrong.call)
        record = getattr(loss, "record", None)
        if record is None or record.inputs is None or len(wrong.call.args) < 2:
            continue
        labels = wrong.call.args[1]
        message = message_of(partial(ml.count, loss, labels, **wrong.call.keywords))
        others = strangers(message, parameters_of_count(loss))
        # A ranking of groups has no axis of classes; its count says so later than its loss.
        assert others <= ({"class_axis"} if "groups" in wrong.call.keywords else set()), wrong.name


def message_of(call):
    """Return the message of the error of a call, or nothing."""
    try:
        call()
    except (TypeError, ValueError) as error:
        return str(error)
    return ""


def wrong_calls(loss, x, y):
    """Yield a name, predictions, labels and keywords that few losses take."""
    ones = np.ones((7, 5, 3))
    yield "a mask of another shape", x, y, {"mask": ones[0, 0]}
    yield "a mask of numbers", x, y, {"mask": 2.0}
    yield "a weight below 0", x, y, {"weight": -1.0}
    yield "a mask as a weight", x, y, {"weight": np.ones(x.shape, bool)}
    yield "no axis", x, y, {"axis": 9}
    yield "a divisor of each", x, y, {"divisor": ones}
    yield "a label that no class has", x, np.full(y.shape, 99), {}
    yield "a label between", x, np.full(y.shape, 7.3), {}
    yield "a label of NaN", x, np.full(y.shape, np.nan), {}
    yield "labels of another shape", x, ones, {}
    yield "labels of two numbers", x, np.full(y.shape, 1j), {}
    yield "a list of labels", x, list(y), {}
    yield "integers as predictions", x.astype(int), y, {}
    for reduction in ("macro", "samples"):
        yield reduction, x[None, None], y[None, None], {"reduction": reduction}
    for name in loss.record.options:
        if name.endswith(("_axis", "_axes")):
            yield f"no {name}", x, y, {name: 9}
        else:
            for number in (-3.7, True, "no such", ones):
                yield f"{name}={number}", x, y, {name: number}


CALLS = [(case.name, case.loss, *case.arrays()[:2], case.options, ()) for case in RICH]
for setting in SETTINGS:
    (features, matrix, *_), given, options = setting.make()
    loss = setting.loss
    own = {"divergence": loss.keywords["divergence"]} if isinstance(loss, partial) else {}
    own |= {name: options[name] for name in setting.keywords}
    CALLS.append((setting.name, function_of(loss), features, given, own, (matrix,)))


@pytest.mark.parametrize(
    ("loss", "x", "y", "options", "layer"),
    [call[1:] for call in CALLS],
    ids=[call[0] for call in CALLS],
)
def test_wrong_calls_of_every_loss(loss, x, y, options, layer):
    count = functools.partial(ml.count, loss)
    for name, bad_x, bad_y, wrong in wrong_calls(loss, np.asarray(x), np.asarray(y)):
        keywords = {**options, **wrong}
        message = message_of(partial(loss, bad_x, *layer, bad_y, **keywords))
        assert not strangers(message, parameters_of(loss)), name
        if "groups" in options and "reduction" in wrong:
            continue  # as above
        if layer and "reduction" in wrong:
            continue  # counted as rows of logits, whose axis has a name
        message = message_of(partial(count, bad_y, **keywords))
        assert not strangers(message, parameters_of_count(loss)), name


@pytest.mark.parametrize("name", ["dim", "ignore_index", "from_logits", "sample_weight"])
def test_a_keyword_of_another_library(name):
    for record in records():
        needed = dict.fromkeys(record.required, 0.5)
        message = message_of(partial(record.function, *ROWS, **needed, **{name: 1}))
        assert repr(name) in message
        assert not strangers(message, parameters_of(record.function)), record.name


def test_a_count_of_a_layer_has_its_classes_last():
    labels = np.asarray([[[1.0, -1.0], [0.0, 1.0], [-1.0, -1.0]]])
    for keywords in ({"reduction": "macro"}, {"class_weight": np.asarray([2.0, 3.0])}):
        loss = partial(ml.linear_binary_cross_entropy, missing=-1)
        got = ml.count(loss, labels, **keywords)
        of_logits = partial(ml.binary_cross_entropy_with_logits, missing=-1, class_axis=-1)
        want = ml.count(of_logits, labels, **keywords)
        np.testing.assert_array_equal(got.count, want.count)
        np.testing.assert_array_equal(got.weight, want.weight)


@pytest.mark.parametrize("label", [7.3, -5])
def test_no_advice_to_swap_what_a_call_does_not_have(label):
    labels, features = np.asarray([[label, 1.0]]), np.ones((1, 3))
    loss = ml.linear_binary_cross_entropy
    for call in (partial(loss, features, np.ones((2, 3)), labels), partial(ml.count, loss, labels)):
        with pytest.raises(ValueError, match=r"`labels` must be in \[0, 1\], got") as caught:
            call()
        assert "swap" not in str(caught.value)
        assert "clip" not in str(caught.value)
