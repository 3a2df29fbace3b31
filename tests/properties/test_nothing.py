"""Where there is nothing to reduce, a mean is `empty`, and nothing is counted or weighs."""

import numpy as np
import pytest
from numpy import nan

import maskloss as ml
from helpers.frameworks import asnumpy
from maskloss._public import records
from maskloss._signatures import takes_array

SHAPES = [(0, 3), (3, 0), (0,), (2, 0, 3)]
LOSSES = [record for record in records() if record.inputs is not None]
REDUCTIONS = ["none", "sums", "mean", "weighted_mean", "macro"]
# A batch without samples expects no positive, and finds none: a loss of 0, and no mean.
WHOLE = {"role_loss", "expected_positive_loss"}


def _calls(backend, record, shape):
    """Yield arrays and keywords, some of which the loss takes in this shape."""
    x = backend.asarray(np.full(shape, 0.5, "float32"))
    required = {
        name: x if takes_array(p.annotation) else 0.4 for name, p in record.required.items()
    }
    for dtype, of_labels in (("float32", shape), ("int32", shape), ("int32", shape[:-1])):
        labels = backend.asarray(np.zeros(of_labels, dtype))
        yield (x, labels), required


def _result(loss, *arrays, **keywords):
    """Return value and gradient; None for an error of ours."""
    try:
        return ml.value_and_grad(loss)(*arrays, **keywords)
    except (TypeError, ValueError) as error:
        if "`" in str(error) or "cannot be added up" in str(error):
            return None
        raise


@pytest.mark.parametrize("record", LOSSES, ids=lambda record: record.name)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_of_no_element(backend, record, shape):
    for arrays, keywords in _calls(backend, record, shape):
        for reduction in REDUCTIONS:
            empty = {"empty": nan} if "mean" in reduction else {}
            given = {**keywords, **empty, "reduction": reduction, "weight": 2.0}
            found = _result(record.function, *arrays, **given)
            if found is None:
                continue
            value, slope = found
            assert asnumpy(slope).shape == shape
            if reduction == "sums":
                count, weight = (asnumpy(part) for part in value[1:])
                assert count == weight == 0
            elif reduction in {"mean", "weighted_mean"} and record.name not in WHOLE:
                assert np.isnan(asnumpy(value))


@pytest.mark.parametrize("reduction", ["mean", "weighted_mean", "macro", "samples"])
@pytest.mark.parametrize("is_observed", [True, False])
def test_of_one_number(backend, reduction, is_observed):
    x, y = (backend.asarray(np.asarray(number, "float32")) for number in (3.0, 1.0))
    mask = backend.asarray(np.asarray(is_observed))
    value = ml.mse_loss(x, y, mask=mask, reduction=reduction, empty=nan)
    np.testing.assert_array_equal(asnumpy(value), 4.0 if is_observed else nan)


@pytest.mark.parametrize("reduction", ["mean", "mean_over_all", "macro", "samples"])
@pytest.mark.parametrize("divisor", [0.0, 0.5, 2.0])
@pytest.mark.parametrize("is_observed", [True, False])
def test_of_one_number_over_a_divisor(backend, reduction, divisor, is_observed):
    x, y, number = (backend.asarray(np.asarray(v, "float32")) for v in (3.0, 1.0, divisor))
    mask = backend.asarray(np.asarray(is_observed))
    value, slope = ml.value_and_grad(ml.mse_loss)(
        x, y, mask=mask, reduction=reduction, divisor=number, empty=nan
    )
    np.testing.assert_array_equal(asnumpy(value), 4 * is_observed / divisor if divisor else nan)
    assert asnumpy(slope) == (4 * is_observed / divisor if divisor else 0)


def test_labels_with_indices_need_an_axis(backend):
    x = backend.asarray(np.asarray(3.0, "float32"))
    labels = ml.Observed(backend.asarray(np.asarray([0])), backend.asarray(np.asarray([1.0])))
    with pytest.raises(ValueError, match="`target` may be Observed only beside a prediction with"):
        ml.mse_loss(x, labels)
