"""What cannot be meant is a TypeError or ValueError of ours, which names the argument, in short."""

import functools

import numpy as np
import pytest

import maskloss as ml
from helpers.frameworks import asnumpy
from maskloss._public import records
from maskloss._signatures import takes_array

X = np.asarray([[0.2, 0.3, 0.4], [0.5, 0.6, 0.7]], "float32")
LOSSES = [record for record in records() if record.inputs is not None]
OPTIONS = [
    (record, name)
    for record in LOSSES
    for name in record.parameters
    if name not in record.inputs.names
]
SHARED = ["mask", "missing", "weight", "reduction", "divisor", "axis", "empty"]
STRANGERS = {
    "10**400": 10**400,
    "-10**400": -(10**400),
    "10**5000": 10**5000,
    "1e300": 1e300,
    "None": None,
    "a class": np.ndarray,
    "a long text": "a" * 100_000,
    "a list": [1, 2],
    "a long list": [0.25] * 100_000,
    "an object": object(),
}


def _call(record, **keywords):
    required = {k: X if takes_array(p.annotation) else 0.4 for k, p in record.required.items()}
    with np.errstate(all="raise"):
        return record.function(X, np.zeros_like(X), **{**required, **keywords})


def _check(call, name):
    text, value = "", 0.0
    try:
        value = call()
    except (TypeError, ValueError) as error:
        text = str(error)
    assert np.isfinite(value).all()
    assert not text or f"`{name}`" in text or "must" in text
    assert len(text) < 1000


@pytest.mark.parametrize(("record", "name"), OPTIONS, ids=lambda one: getattr(one, "name", one))
def test_an_option_that_cannot_be_meant_is_named(record, name):
    for stranger in STRANGERS.values():
        _check(lambda: _call(record, **{name: stranger}), name)  # noqa: B023


@pytest.mark.parametrize(("record", "name"), OPTIONS, ids=lambda one: getattr(one, "name", one))
@pytest.mark.parametrize("tiny", [1e-300, 1e-40])
def test_an_option_that_underflows_gives_finite_derivatives(record, name, tiny):
    required = {k: X if takes_array(p.annotation) else 0.4 for k, p in record.required.items()}
    try:
        call = functools.partial(record.function, X, np.zeros_like(X), **{**required, name: tiny})
        value, gradient = ml.value_and_grad(call)()
        _, hessian = ml.grad_and_hessian(call)()
    except (TypeError, ValueError):
        return
    for part in (value, gradient, hessian):
        assert np.isfinite(part).all()


def test_smooth_l1_of_a_threshold_that_underflows_is_l1():
    for threshold in (0, 1e-300, 1e-40):
        got = ml.smooth_l1_loss(X, 0 * X, beta=threshold)
        assert got == ml.l1_loss(X, 0 * X)


@pytest.mark.parametrize("stranger", STRANGERS)
@pytest.mark.parametrize("name", [name for name in SHARED if name not in {"mask", "empty"}])
def test_a_shared_keyword_that_cannot_be_meant_is_named(name, stranger):
    _check(lambda: ml.mse_loss(X, 0 * X, **{name: STRANGERS[stranger]}), name)


@pytest.mark.parametrize("reduction", [X, np.asarray("mean"), ["mean"], b"mean", 0], ids=repr)
def test_a_reduction_is_a_word(reduction):
    with pytest.raises(ValueError, match="`reduction` must be one of none, sum"):
        ml.mse_loss(X, X, reduction=reduction)


@pytest.mark.parametrize(
    ("loss", "name"), [(ml.quantile_loss, "quantile"), (ml.cosine_similarity_loss, "similarity")]
)
def test_a_number_is_not_none(loss, name):
    with pytest.raises(TypeError, match=rf"`{name}` must be a number .*, got None"):
        loss(X, X, **{name: None})


@pytest.mark.parametrize("value", [1e39, -1e300, 10**400])
def test_a_number_beyond_the_dtype_is_refused_there_alone(value):
    wide = X.astype(float)
    with pytest.raises(ValueError, match=r"`epsilon` must be .*got"):
        ml.poly_loss(X, 0 * X, epsilon=value)
    if value == 1e39:
        assert np.isfinite(ml.poly_loss(wide, 0 * wide, epsilon=value))


def test_a_class_is_no_array():
    with pytest.raises(TypeError, match=r"`target` must be an array .*, got the class ndarray"):
        ml.mse_loss(X, np.ndarray)


def test_the_other_byte_order():
    features, matrix, labels = X.astype(">f4"), np.eye(3, dtype=">f4"), np.asarray([0, 2], ">i8")
    value, gradients = ml.value_and_grad(ml.linear_cross_entropy)(features, matrix, labels)
    want, slopes = ml.value_and_grad(ml.linear_cross_entropy)(
        X, np.eye(3, dtype="f4"), np.asarray([0, 2])
    )
    assert value == want
    for one, other in zip(gradients, slopes, strict=True):
        np.testing.assert_array_equal(one, other)
    swapped = ml.value_and_grad(ml.mse_loss)(features, 0 * features)
    for one, other in zip(swapped, ml.value_and_grad(ml.mse_loss)(X, 0 * X), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.needs("torch")
@pytest.mark.filterwarnings("ignore:.*(nested|MaskedTensor|CSR|quantize).*:UserWarning")
def test_tensors_that_are_not_dense_or_elsewhere(backend):
    import torch

    x = backend.asarray(X)
    with pytest.raises(TypeError, match=r"`input` must be a dense tensor, got torch.sparse"):
        ml.mse_loss(x.to_sparse(), x)
    for name in ("mask", "weight"):
        with pytest.raises(TypeError, match=f"`{name}` must be a dense tensor"):
            ml.mse_loss(x, x, **{name: (x > 0).to_sparse()})
    for arrays in ((x.to_mkldnn(), x), (x, x.to_mkldnn())):
        with pytest.raises(TypeError, match=r"must be a dense tensor, got torch._mkldnn"):
            ml.mse_loss(*arrays)
    nested = torch.nested.nested_tensor([x[0], x[1]])
    masked = torch.masked.masked_tensor(x, x > 0)
    quantised = torch.quantize_per_tensor(x, 0.1, 0, torch.quint8)
    for given, advice in (
        (nested, "to_padded_tensor"),
        (masked, r"get_mask\(\)` as `mask`"),
        (quantised, "dequantize"),
    ):
        for name, call in (
            ("input", lambda given: ml.mse_loss(given, x)),
            ("target", lambda given: ml.mse_loss(x, given)),
            ("weight", lambda given: ml.mse_loss(x, x, weight=given)),
        ):
            with pytest.raises(TypeError, match=f"`{name}` must be a dense tensor.*{advice}"):
                call(given)
    with pytest.raises(TypeError, match=r"dense tensor, got torch\.sparse_csr"):
        ml.mse_loss(x.to_sparse_csr(), x.to_sparse_csr())
    with pytest.raises(ValueError, match="one device, got `input` on meta and `target` on cpu"):
        ml.mse_loss(x.to("meta"), x)
    with pytest.raises(ValueError, match=r"`weight` on meta; move it: weight.to.'cpu'."):
        ml.mse_loss(x, x, weight=x.to("meta"))
    assert ml.mse_loss(x.to("meta"), x.to("meta")).shape == ()


def test_the_shape_of_stored_labels_is_a_tuple(backend):
    x, place = backend.asarray(X), backend.asarray(np.asarray([0]))
    labels = ml.Observed(place, backend.asarray(np.asarray([0.0], "float32")), shape=3)
    with pytest.raises(TypeError, match=r"`target.shape` must be a tuple of sizes, .*got 3"):
        ml.mse_loss(x, labels)
    value = ml.mse_loss(x, labels._replace(shape=(2, 3)))
    np.testing.assert_allclose(asnumpy(value), 0.04, rtol=1e-6)


_LONG = "a" * 100_000


LONG_CALLS = [
    lambda: ml.mse_loss(X, X, **{_LONG: 1}),
    lambda: ml.mse_loss(X, X, reduction=_LONG),
    lambda: ml.mse_loss(X, [*_LONG]),
    lambda: ml.mse_loss(X, X, missing=[*_LONG]),
    lambda: ml.mse_loss(X, X, axis=(9,) * 100_000),
    lambda: ml.quantile_loss(X, X, quantile=[*_LONG]),
    lambda: ml.kl_div(X, X, rows=_LONG),
    lambda: ml.masked_score(_LONG, X, X),
    lambda: ml.from_encoding(X, _LONG),
    lambda: ml.Head(_LONG),
    lambda: ml.MultiObjective({_LONG: ml.mse_loss}),
    lambda: ml.MultiObjective({"one": ml.Head(ml.mse_loss)})([X], [X], reduction=_LONG),
]


@pytest.mark.parametrize("call", LONG_CALLS, ids=lambda call: str(LONG_CALLS.index(call)))
def test_an_error_shows_a_part_of_what_is_long(call):
    with pytest.raises((TypeError, ValueError)) as caught:
        call()
    assert len(str(caught.value)) < 1000
