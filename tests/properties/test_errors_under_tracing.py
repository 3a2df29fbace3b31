"""Where shapes and dtypes are known and values are not, mistakes are errors or give NaN."""

from functools import partial

import numpy as np
import pytest
from numpy import nan

import maskloss as ml
from helpers.frameworks import FRAMEWORKS, asnumpy
from helpers.wrong_calls import CANNOT_READ, is_plain, on, opened, table
from tables.mistakes.categorical import CATEGORICAL_VALUES
from tables.mistakes.coupled import COUPLED_VALUES
from tables.mistakes.dtypes import DTYPES
from tables.mistakes.mistake import (
    BCE,
    CE,
    CLASSES,
    KNOWN,
    MSE,
    ROWS,
    X,
    Y,
    floats,
    integers,
)
from tables.mistakes.partial import PARTIAL_VALUES
from tables.mistakes.ranking import RANKING_VALUES
from tables.mistakes.regression import REGRESSION_VALUES
from tables.mistakes.segmentation import SEGMENTATION_VALUES
from tables.mistakes.shapes import SHAPES
from tables.mistakes.values import VALUES

# One mistake in the shape and one in the dtype of each argument.
TRACED = [
    *{wrong.says[0]: wrong for wrong in SHAPES}.values(),
    *{wrong.says[0]: wrong for wrong in DTYPES}.values(),
]


@pytest.mark.needs("jit")
@table(TRACED)
def test_shapes_and_dtypes_are_checked_under_jit(backend, wrong):
    function, arrays = opened(wrong.call)
    compiled = FRAMEWORKS[backend.name].jit(function)
    # Dynamo wraps the error in one of its own.
    error = RuntimeError if backend.name == "torch" else wrong.error
    with pytest.raises(error, match=wrong.match):
        compiled(*map(backend.asarray, arrays))


@pytest.mark.needs("vmap")
@table(TRACED)
def test_shapes_and_dtypes_are_checked_under_vmap(backend, wrong):
    function, arrays = opened(wrong.call)
    mapped = FRAMEWORKS[backend.name].vmap(function)
    with pytest.raises(wrong.error, match=wrong.match):
        mapped(*(backend.asarray(np.stack([array, array])) for array in arrays))


VALUES_OF_LOSSES = [
    wrong
    for wrong in [
        *VALUES,
        *REGRESSION_VALUES,
        *CATEGORICAL_VALUES,
        *COUPLED_VALUES,
        *SEGMENTATION_VALUES,
        *RANKING_VALUES,
        *PARTIAL_VALUES,
    ]
    if hasattr(wrong.call.func, "record")
]


@pytest.mark.needs("vmap")
@table(VALUES_OF_LOSSES)
def test_a_value_that_cannot_be_meant_is_nan_under_vmap(backend, wrong):
    call = partial(ml.value_and_grad(wrong.call.func), *wrong.call.args, **wrong.call.keywords)
    function, arrays = opened(call)
    mapped = FRAMEWORKS[backend.name].vmap(function)
    value, gradient = mapped(*(backend.asarray(np.stack([array, array])) for array in arrays))
    assert np.isnan(asnumpy(value)).all()
    assert np.isnan(asnumpy(gradient)).any()


# A wrong argument beside prediction and labels decides here between branches, whose choice has no
# derivative: the value alone is NaN.
VALUE_ALONE = {ml.cosine_similarity_loss, ml.cox_loss, ml.pairwise_logistic_loss}


@pytest.mark.needs("vmap")
@table(
    [
        wrong
        for wrong in VALUES_OF_LOSSES
        if is_plain(wrong.call.args[0]) and wrong.call.func not in VALUE_ALONE
    ]
)
def test_automatic_differentiation_of_that_value_gives_nan(backend, wrong):
    framework = FRAMEWORKS[backend.name]
    function, arrays = opened(wrong.call)
    stacked = [backend.asarray(np.stack([array, array])) for array in arrays]
    gradient = framework.grad(lambda *args: framework.vmap(function)(*args)[0], *stacked)
    assert np.isnan(asnumpy(gradient)).any()


@pytest.mark.needs("jit")
def test_empty_that_raises_is_refused_under_jit(backend):
    function, arrays = opened(partial(MSE, X, Y, mask=KNOWN, empty="raise"))
    compiled = FRAMEWORKS[backend.name].jit(function)
    error = RuntimeError if backend.name == "torch" else ValueError
    with pytest.raises(error, match=CANNOT_READ):
        compiled(*map(backend.asarray, arrays))


@pytest.mark.needs("vmap")
def test_empty_that_raises_is_refused_under_vmap(backend):
    function, arrays = opened(partial(MSE, X, Y, mask=KNOWN, empty="raise"))
    mapped = FRAMEWORKS[backend.name].vmap(function)
    with pytest.raises(ValueError, match=CANNOT_READ):
        mapped(*(backend.asarray(np.stack([array, array])) for array in arrays))


@pytest.mark.needs("jax")
@pytest.mark.parametrize(
    ("loss", "keywords"),
    [
        (BCE, {"missing": -1}),
        (BCE, {"missing": (-1, -9)}),
        (BCE, {"missing": [-1, -9]}),
        (BCE, {"label_smoothing": 0.1}),
        (BCE, {"empty": nan}),
        (BCE, {"axis": 0}),
        (ml.huber_loss, {"delta": 2.0}),
        (ml.zlpr_loss, {"class_axis": -1}),
        (ml.dice_loss, {"spatial_axes": (0, 1)}),
        (ml.dice_loss, {"squared": True}),
    ],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_a_keyword_that_jax_traces_is_told_how_to_stay_a_number(backend, loss, keywords):
    import jax

    x, y = map(backend.asarray, (ROWS, ROWS))
    (name,) = keywords
    fix = rf"(?s)(?=.*`{name}`)(?=.*functools\.partial\(loss, {name}=)(?=.*static_argnames)"
    with pytest.raises((TypeError, ValueError), match=fix):
        jax.jit(loss)(x, y, **keywords)
    kept = {name: tuple(v) if isinstance(v, list) else v for name, v in keywords.items()}
    assert np.isfinite(asnumpy(jax.jit(loss, static_argnames=name)(x, y, **kept))).all()


CLASS_CALLS = [
    partial(CE),
    partial(CE, class_weight=floats(1, 2), label_smoothing=0.1, reduction="weighted_mean"),
    partial(CE, class_mask=np.asarray([True, True]), z_loss=0.1),
    partial(ml.multi_margin_loss),
    partial(ml.softmax_focal_loss),
    partial(ml.generalized_cross_entropy_loss),
]


by_class_call = pytest.mark.parametrize(
    "call", CLASS_CALLS, ids=lambda call: ", ".join([call.func.__name__, *call.keywords])
)


NO_CLASSES = [-1, -100, 2, 3, 127]


@pytest.mark.needs("jit")
@by_class_call
def test_a_class_that_is_none_gives_nan_under_jit(backend, call):
    loss = on(backend, call)

    def everything(x, y, mask):
        value, gradient = ml.value_and_grad(loss.func)(x, y, mask=mask, **loss.keywords)
        return loss(x, y, mask=mask), value, gradient

    compiled = FRAMEWORKS[backend.name].jit(everything)
    rows, known = map(backend.asarray, (ROWS, KNOWN))
    clean = [asnumpy(part) for part in compiled(rows, backend.asarray(CLASSES), known)]
    assert np.isfinite(clean[0])
    for index in NO_CLASSES:
        first, value, gradient = compiled(rows, backend.asarray(integers(0, 1, index)), known)
        assert np.isnan(asnumpy(first))
        assert np.isnan(asnumpy(value))
        assert np.isnan(asnumpy(gradient)[2]).all()
        dirty = compiled(rows, backend.asarray(integers(0, index, 1)), known)
        for got, want in zip(dirty, clean, strict=True):
            np.testing.assert_array_equal(asnumpy(got), want)


@pytest.mark.needs("vmap")
@by_class_call
def test_a_class_that_is_none_gives_nan_under_vmap(backend, call):
    loss = on(backend, call)
    mapped = FRAMEWORKS[backend.name].vmap(lambda x, y, mask: loss(x, y, mask=mask))
    batch = np.stack([ROWS] * 3)
    known = np.stack([KNOWN] * 3)
    for index in NO_CLASSES:
        labels = integers([0, 1, 1], [0, 1, index], [0, index, 1])
        clean, nonsense, hidden = asnumpy(mapped(*map(backend.asarray, (batch, labels, known))))
        assert np.isnan(nonsense)
        assert hidden == clean
        assert np.isfinite(clean)
