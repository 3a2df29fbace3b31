"""Labels stored with their places give a linear layer the loss of the same labels in full."""

import functools

import numpy as np
import pytest

import maskloss as ml
from helpers import comparison
from helpers.frameworks import FRAMEWORKS, asnumpy
from maskloss._linear import sparse_labels as _linear_indexed

LEAD, CLASSES, DEPTH = (3, 4), 5, 6
RNG = np.random.default_rng(0)
PARAMETERS = [
    RNG.normal(size=shape).astype("float32")
    for shape in ((*LEAD, DEPTH), (CLASSES, DEPTH), (CLASSES,))
]
# The third is missing, the last two are of one place.
INDICES = [np.asarray(axis) for axis in ([0, 2, 1, 2, 2], [3, 0, 1, 2, 2], [4, 1, 1, 0, 0])]
VALUES = np.asarray([1, 0, -1, 1, 0])
POS_WEIGHT = RNG.uniform(1, 2, CLASSES).astype("float32")
TO_ONE = [{"reduction": how} for how in ("mean", "sum", "mean_over_all", "macro", "samples")]
WAYS = [*TO_ONE, {"reduction": "none"}, {"reduction": "weighted_mean"}, {"axis": (0, 1)}]
WAYS += [{"axis": 2, "reduction": how} for how in ("sum", "weighted_mean", "mean_over_all")]
assert_all_close = functools.partial(comparison.assert_all_close, epsilons=4, least=1.0)
by_way = pytest.mark.parametrize("way", WAYS, ids=str)


@pytest.fixture(autouse=True)
def _few_pairs_at_a_time(monkeypatch):
    monkeypatch.setattr(_linear_indexed, "CHUNK_LOGITS", 2 * DEPTH)


def stored(backend, *, flat=False):
    shape = (*LEAD, CLASSES)
    indices = [np.ravel_multi_index(INDICES, shape)] if flat else INDICES
    places = tuple(map(backend.asarray, indices))
    return ml.Observed(places[0] if flat else places, backend.asarray(VALUES), shape)


def by_way_of_logits(**more):
    """Return value and gradients by NumPy's logits, in float64."""
    features, weight, bias = (array.astype(float) for array in PARAMETERS)
    loss = ml.value_and_grad(ml.binary_cross_entropy_with_logits)
    more = {"class_axis": -1, **more}
    labels = ml.Observed(tuple(INDICES), VALUES)
    logits = features @ weight.T + bias
    value, slope = loss(logits, labels, missing=-1, pos_weight=POS_WEIGHT.astype(float), **more)
    rows = slope.reshape(-1, CLASSES)
    return value, [slope @ weight, rows.T @ features.reshape(-1, DEPTH), rows.sum(0)]


def on(backend, *, flat=False, **more):
    """Return the loss of parameters alone, and these."""
    labels, weight = stored(backend, flat=flat), backend.asarray(POS_WEIGHT)

    def bind(loss):
        def function(features, matrix, bias):
            keywords = {"missing": -1, "pos_weight": weight, **more}
            return loss(features, matrix, labels, bias, **keywords)

        return function

    return bind, [backend.asarray(array) for array in PARAMETERS]


@by_way
def test_value(backend, way):
    bind, parameters = on(backend, **way)
    value, _ = by_way_of_logits(**way)
    assert_all_close([bind(ml.linear_binary_cross_entropy)(*parameters)], [value])


@pytest.mark.parametrize("flat", [False, True])
@by_way
def test_gradients_in_closed_form(backend, flat, way):
    bind, parameters = on(backend, flat=flat, **way)
    value, gradients = bind(ml.value_and_grad(ml.linear_binary_cross_entropy))(*parameters)
    want, wanted = by_way_of_logits(**way)
    assert_all_close([value, *gradients], [want, *wanted])


@pytest.mark.needs("autodiff")
@pytest.mark.parametrize("by", [0, 1, 2])
@pytest.mark.parametrize("way", TO_ONE, ids=str)
def test_gradients_by_autodiff(backend, by, way):
    bind, parameters = on(backend, **way)
    loss = bind(ml.linear_binary_cross_entropy)
    got = FRAMEWORKS[backend.name].grad(loss, *parameters, by=by)
    assert_all_close([got], [by_way_of_logits(**way)[1][by]])


@pytest.mark.parametrize("poison", [np.nan, np.inf])
def test_features_without_a_label_have_no_effect(backend, poison):
    bind, parameters = on(backend)
    features = PARAMETERS[0].copy()
    is_known = np.zeros(LEAD, bool)
    is_known[tuple(axis[VALUES >= 0] for axis in INDICES[:2])] = True
    features[~is_known] = poison
    loss = bind(ml.value_and_grad(ml.linear_binary_cross_entropy))
    (want, wanted), (value, gradients) = (
        loss(given, *parameters[1:]) for given in (parameters[0], backend.asarray(features))
    )
    for got, clean in zip([value, *gradients], [want, *wanted], strict=True):
        np.testing.assert_array_equal(asnumpy(got), asnumpy(clean))


def test_no_label_at_all(backend):
    nothing = backend.asarray(np.zeros(0, int))
    labels = ml.Observed((nothing,) * 3, nothing)
    features, matrix, _ = map(backend.asarray, PARAMETERS)
    assert float(asnumpy(ml.linear_binary_cross_entropy(features, matrix, labels))) == 0


def test_classes_need_all_logits(backend):
    features, matrix, _ = map(backend.asarray, PARAMETERS)
    with pytest.raises(TypeError, match="a row needs all of its logits"):
        ml.linear_cross_entropy(features, matrix, stored(backend))
