"""The losses of a linear layer are those of its logits, with gradients by its parameters."""

import functools
import tracemalloc
from dataclasses import dataclass

import numpy as np
import pytest

import maskloss as ml
from helpers import comparison
from helpers.frameworks import FRAMEWORKS, asnumpy
from maskloss._inputs.options import REDUCTIONS
from maskloss._linear import layer as _linear_layer
from tables.mistakes.linear import LINEAR, VALUES

CLASSES, DEPTH = 5, 3


@dataclass(frozen=True)
class Setting:
    """A loss of a linear layer, that of logits, and how to call both."""

    name: str
    loss: object
    of_logits: object
    lead: tuple = (7,)
    indexed: bool = False
    has_bias: bool = True
    keywords: tuple = ()

    @property
    def entries(self):
        is_rows = self.loss is ml.linear_cross_entropy
        return self.lead if is_rows else (*self.lead, CLASSES)

    def make(self, poison=None):
        """Return parameters, labels and keywords as NumPy arrays, of which some is not observed."""
        rng = np.random.default_rng(0)
        features = rng.normal(size=(*self.lead, DEPTH))
        weight, bias = rng.normal(size=(CLASSES, DEPTH)), rng.normal(size=CLASSES)
        if self.indexed:
            labels = rng.integers(0, CLASSES, self.lead)
        else:
            labels = rng.dirichlet(np.ones(CLASSES), self.lead)
        mask = rng.permutation(np.arange(np.prod(self.entries)) % 3 > 0).reshape(self.entries)
        mask[(-1,) * len(self.lead)] = False
        weights = rng.uniform(0.5, 2.0, self.entries)
        options = {
            "class_weight": np.asarray([0.5, 2.0, 1.0, 0.1, 3.0]),
            "pos_weight": rng.uniform(0.5, 2.0, self.entries),
        }
        if poison is not None:
            rows = mask if mask.shape == self.lead else mask.any(-1)
            features[~rows] = poison
            labels[~mask] = -100 if self.indexed else poison
            weights[~mask] = poison
            if mask.shape != self.lead:
                options["pos_weight"][~mask] = poison
        keywords = {"mask": mask, "weight": weights, **{k: options[k] for k in self.keywords}}
        return [features, weight, *([bias] if self.has_bias else [])], labels, keywords


CE = functools.partial(Setting, loss=ml.linear_cross_entropy, of_logits=ml.cross_entropy)
BCE = functools.partial(
    Setting,
    loss=ml.linear_binary_cross_entropy,
    of_logits=ml.binary_cross_entropy_with_logits,
)
assert_all_close = functools.partial(comparison.assert_all_close, epsilons=64, least=0.1)
SETTINGS = [
    CE("classes", indexed=True, keywords=("class_weight",)),
    CE("probabilities of a grid", lead=(3, 4), has_bias=False),
    BCE("labels", keywords=("pos_weight",)),
    BCE("labels of a grid", lead=(3, 4), has_bias=False),
]
KINDS = [SETTINGS[0], SETTINGS[2]]


def by_setting(settings=SETTINGS):
    return pytest.mark.parametrize("setting", settings, ids=lambda setting: setting.name)


@pytest.fixture(autouse=True)
def _few_rows_at_a_time(monkeypatch):
    """Of seven or twelve rows, all observed ones make several chunks."""
    monkeypatch.setattr(_linear_layer, "CHUNK", 0)
    monkeypatch.setattr(_linear_layer, "_LEAST_ROWS", 2)


def numbers(value):
    """Return a value, or the parts of sums, as NumPy arrays."""
    return list(map(asnumpy, value)) if isinstance(value, ml.Sums) else [asnumpy(value)]


def on(backend, setting, poison=None, dtype="float32"):
    """Return parameters, and the loss of these alone."""

    def array(value):
        return backend.asarray(value.astype(dtype) if value.dtype.kind == "f" else value)

    parameters, labels, keywords = setting.make(poison)
    labels, keywords = array(labels), {name: array(value) for name, value in keywords.items()}

    def bind(loss, **more):
        def function(features, weight, *bias):
            return loss(features, weight, labels, *bias, **keywords, **more)

        return function

    return list(map(array, parameters)), bind


def by_way_of_logits(setting, **more):
    """Return value and gradients in NumPy: those of all logits, times the layer's."""
    parameters, labels, keywords = setting.make()
    features, weight, *bias = parameters
    loss = ml.value_and_grad(setting.of_logits)
    value, slope = loss(sum(bias, features @ weight.T), labels, **keywords, **more)
    rows = slope.reshape(-1, CLASSES)
    gradients = [slope @ weight, rows.T @ features.reshape(-1, DEPTH), rows.sum(0)]
    return value, gradients[: len(parameters)]


# NumPy


@pytest.mark.needs("numpy")
@pytest.mark.parametrize("axis", [None, 0, (), -1])
@pytest.mark.parametrize("reduction", REDUCTIONS)
@by_setting()
def test_numpy(backend, setting, reduction, axis):
    if axis is not None and reduction in {"none", "macro", "samples"}:
        axis = None
    parameters, bind = on(backend, setting, dtype="float64")
    loss = ml.value_and_grad(setting.loss)
    value, gradients = bind(loss, reduction=reduction, axis=axis)(*parameters)
    want, by_parameters = by_way_of_logits(setting, reduction=reduction, axis=axis)
    assert_all_close(numbers(value), numbers(want))
    assert_all_close(gradients, by_parameters)
    value = bind(setting.loss, reduction=reduction, axis=axis)(*parameters)
    assert_all_close(numbers(value), numbers(want))


@pytest.mark.needs("numpy")
@pytest.mark.parametrize("lead", [(), (0,), (1,), (2, 1, 3)])
@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
def test_rows_of_any_shape(backend, lead, reduction):
    rng = np.random.default_rng(0)
    features, weight = rng.normal(size=(*lead, DEPTH)), rng.normal(size=(CLASSES, DEPTH))
    for loss, of_logits, labels in [
        (ml.linear_cross_entropy, ml.cross_entropy, rng.integers(0, CLASSES, lead)),
        (
            ml.linear_binary_cross_entropy,
            ml.binary_cross_entropy_with_logits,
            rng.uniform(size=(*lead, CLASSES)),
        ),
    ]:
        labels = np.asarray(labels)
        value, gradients = ml.value_and_grad(loss)(features, weight, labels, reduction=reduction)
        want, slope = ml.value_and_grad(of_logits)(features @ weight.T, labels, reduction=reduction)
        assert_all_close([value], [want])
        rows = slope.reshape(-1, CLASSES)
        assert_all_close(gradients, [slope @ weight, rows.T @ features.reshape(-1, DEPTH)])


@pytest.mark.needs("numpy")
@pytest.mark.parametrize("observed", [1.0, 0.3])
def test_memory_stays_well_under_that_of_the_logits(backend, monkeypatch, observed):
    monkeypatch.undo()
    rng = np.random.default_rng(0)
    rows, classes = 4096, 16384
    features = rng.normal(size=(rows, 8)).astype("f4")
    weight = rng.normal(size=(classes, 8)).astype("f4")
    labels = rng.integers(0, classes, rows)
    mask = rng.uniform(size=rows) < observed
    loss = ml.value_and_grad(ml.linear_cross_entropy)
    tracemalloc.start()
    try:
        loss(features, weight, labels, mask=mask)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < rows * classes * 4 / 5


@pytest.mark.needs("numpy")
def test_logits_of_rows_that_are_not_observed_are_not_computed(backend, monkeypatch):
    from maskloss._linear.gradients import Gradients

    seen = []
    logits = Gradients.logits

    def counting(self, index, out):
        seen.extend(index)
        return logits(self, index, out)

    monkeypatch.setattr(Gradients, "logits", counting)
    for setting in KINDS:
        seen.clear()
        parameters, bind = on(backend, setting)
        bind(setting.loss)(*parameters)
        _, _, keywords = setting.make()
        rows = keywords["mask"].reshape(7, -1).any(-1)
        np.testing.assert_array_equal(seen, rows.nonzero()[0])


# Every library


@pytest.mark.parametrize("reduction", ["mean", "weighted_mean", "macro", "sums", "none"])
@by_setting()
def test_value_and_gradients(backend, setting, reduction):
    parameters, bind = on(backend, setting)
    value, gradients = bind(ml.value_and_grad(setting.loss), reduction=reduction)(*parameters)
    want, by_parameters = by_way_of_logits(setting, reduction=reduction)
    assert_all_close(numbers(value), numbers(want))
    assert_all_close(gradients, by_parameters)
    assert [g.dtype for g in gradients] == [p.dtype for p in parameters]


@by_setting(KINDS)
def test_what_is_not_observed_has_no_effect(backend, setting):
    loss = ml.value_and_grad(setting.loss)
    parameters, bind = on(backend, setting)
    want = bind(loss)(*parameters)
    for poison in (np.nan, np.inf, -5.0):
        parameters, bind = on(backend, setting, poison)
        value, gradients = bind(loss)(*parameters)
        np.testing.assert_array_equal(asnumpy(value), asnumpy(want[0]))
        for got, clean in zip(gradients, want[1], strict=True):
            np.testing.assert_array_equal(asnumpy(got), asnumpy(clean))


def test_observed_features_that_are_nan_stay_visible(backend):
    parameters, labels, _ = KINDS[0].make()
    parameters[0][0, 0] = np.nan
    parameters = [backend.asarray(array.astype("f4")) for array in parameters]
    features, weight, bias = parameters
    value = ml.linear_cross_entropy(features, weight, backend.asarray(labels), bias)
    assert np.isnan(asnumpy(value))


@by_setting(KINDS)
def test_half_precision_is_computed_in_float32(backend, setting):
    for dtype in {"float16", "bfloat16"} & {*backend.dtypes}:
        half = getattr(backend.namespace, dtype, dtype)
        parameters, bind = on(backend, setting)
        rounded = [_cast(backend, p, half) for p in parameters]
        wide = [_cast(backend, p, parameters[0].dtype) for p in rounded]
        loss = bind(ml.value_and_grad(setting.loss))
        value, gradients = loss(*rounded)
        want, by_parameters = loss(*wide)
        assert value.dtype == want.dtype
        assert_all_close([value], [want])
        for got, clean in zip(gradients, by_parameters, strict=True):
            assert got.dtype == half
            np.testing.assert_allclose(
                asnumpy(got), asnumpy(_cast(backend, clean, half)), rtol=1e-2
            )


def _cast(backend, array, dtype):
    return backend.namespace.astype(array, dtype)


def test_parameters_of_two_dtypes_are_computed_in_the_wider(backend):
    setting = KINDS[0]
    parameters, bind = on(backend, setting)
    if "float16" not in backend.dtypes:
        return
    half = _cast(backend, parameters[0], getattr(backend.namespace, "float16", "float16"))
    value, gradients = bind(ml.value_and_grad(setting.loss))(half, *parameters[1:])
    assert value.dtype == parameters[1].dtype
    assert [g.dtype for g in gradients] == [half.dtype, *(p.dtype for p in parameters[1:])]


# Automatic differentiation


@pytest.mark.needs("autodiff")
@pytest.mark.parametrize("poison", [None, np.nan])
@pytest.mark.parametrize("reduction", ["mean", "weighted_mean", "macro"])
@by_setting()
def test_automatic_gradients(backend, setting, reduction, poison):
    parameters, bind = on(backend, setting, poison)
    loss = bind(setting.loss, reduction=reduction)
    _, want = by_way_of_logits(setting, reduction=reduction)
    grad = FRAMEWORKS[backend.name].grad
    assert_all_close([grad(loss, *parameters, by=k) for k in range(len(parameters))], want)


@pytest.mark.needs("jit")
@by_setting(KINDS)
def test_jit(backend, setting):
    parameters, bind = on(backend, setting, np.nan)
    everything = bind(ml.value_and_grad(setting.loss), reduction="weighted_mean")
    value, gradients = FRAMEWORKS[backend.name].jit(everything)(*parameters)
    want, by_parameters = by_way_of_logits(setting, reduction="weighted_mean")
    assert_all_close([value, *gradients], [want, *by_parameters])


@pytest.mark.needs("jit", "autodiff")
def test_gradients_of_a_compiled_loss(backend):
    setting, framework = KINDS[0], FRAMEWORKS[backend.name]
    parameters, bind = on(backend, setting, np.nan)
    loss = framework.jit(bind(setting.loss))
    _, want = by_way_of_logits(setting)
    assert_all_close([framework.grad(loss, *parameters, by=k) for k in range(3)], want)


@pytest.mark.needs("second order")
@by_setting(KINDS)
def test_second_derivatives(backend, setting):
    """Against differences of the gradient."""
    parameters, bind = on(backend, setting)
    framework = FRAMEWORKS[backend.name]
    loss = bind(setting.loss)
    exact, keywords = on_numpy(setting)
    for k in (1, 2):
        got = framework.hessian_diagonal(
            lambda array, k=k: loss(*parameters[:k], array, *parameters[k + 1 :]), parameters[k]
        )
        want = np.zeros(exact[k].shape)
        for index in np.ndindex(want.shape):
            ends = []
            for step in (1e-5, -1e-5):
                moved = [array.copy() for array in exact]
                moved[k][index] += step
                ends.append(keywords(*moved)[1][k][index])
            want[index] = (ends[0] - ends[1]) / 2e-5
        np.testing.assert_allclose(asnumpy(got), want, rtol=1e-3, atol=1e-5)


def on_numpy(setting):
    parameters, labels, keywords = setting.make()
    loss = ml.value_and_grad(setting.loss)

    def function(features, weight, bias):
        return loss(features, weight, labels, bias, **keywords)

    return parameters, function


@pytest.mark.needs("forward mode")
def test_forward_mode(backend):
    setting = KINDS[0]
    parameters, bind = on(backend, setting)
    loss = bind(setting.loss)
    tangent = np.random.default_rng(1).normal(size=(CLASSES, DEPTH)).astype("f4")
    _, got = FRAMEWORKS[backend.name].jvp(
        lambda weight: loss(parameters[0], weight, parameters[2]),
        parameters[1],
        backend.asarray(tangent),
    )
    _, (_, by_weight, _) = by_way_of_logits(setting)
    np.testing.assert_allclose(asnumpy(got), (by_weight * tangent).sum(), rtol=1e-4)


@pytest.mark.needs("vmap")
def test_vmap(backend):
    rng = np.random.default_rng(0)
    features = backend.asarray(rng.normal(size=(2, 7, DEPTH)).astype("f4"))
    weight = backend.asarray(rng.normal(size=(CLASSES, DEPTH)).astype("f4"))
    labels = backend.asarray(rng.integers(-1, CLASSES, (2, 7)))

    def loss(features, labels):
        return ml.linear_cross_entropy(features, weight, labels, missing=-1)

    got = FRAMEWORKS[backend.name].vmap(loss)(features, labels)
    assert_all_close(asnumpy(got), [loss(features[k], labels[k]) for k in range(2)])


@pytest.mark.needs("jax")
def test_a_scan_holds_a_chunk_of_the_logits(backend, monkeypatch):
    import jax

    rows, classes = 512, 4096
    monkeypatch.setattr(_linear_layer, "_LEAST_ROWS", 32)
    rng = np.random.default_rng(0)
    features, weight = (
        backend.asarray(rng.normal(size=(n, 8)).astype("f4")) for n in (rows, classes)
    )
    labels = backend.asarray(rng.integers(-1, classes, rows))

    def loss(features, weight, labels):
        return ml.linear_cross_entropy(features, weight, labels, missing=-1)

    gradient = jax.jit(jax.value_and_grad(loss, (0, 1)))
    memory = gradient.lower(features, weight, labels).compile().memory_analysis()
    assert memory.temp_size_in_bytes < rows * classes * 4


# torch's autograd


def _tensors(backend, setting):
    parameters, bind = on(backend, setting)
    return [parameter.requires_grad_() for parameter in parameters], bind


@pytest.mark.needs("torch")
@pytest.mark.parametrize("reduction", ["none", "mean", "sums", "macro"])
@by_setting(KINDS)
def test_upstream_gradients_and_further_passes(backend, setting, reduction):
    import torch

    parameters, bind = _tensors(backend, setting)
    value = bind(setting.loss, reduction=reduction)(*parameters)
    value = value.total if reduction == "sums" else value
    grad_output = torch.linspace(-1.0, 2.0, value.numel()).reshape(value.shape)
    features, weight, bias = parameters
    logits = features @ weight.T + bias

    def of_logits(_features, _matrix, labels, _bias, **keywords):
        return setting.of_logits(logits, labels, **keywords)

    want = bind(of_logits, reduction=reduction)(*parameters)
    want = want.total if reduction == "sums" else want
    want = torch.autograd.grad(want, parameters, grad_output)
    first = torch.autograd.grad(value, parameters, grad_output, retain_graph=True)
    assert_all_close(first, want)
    for gradient in first:
        gradient.zero_()  # which is the caller's
    assert_all_close(
        torch.autograd.grad(value, parameters[1], grad_output, retain_graph=True), want[1:2]
    )
    assert_all_close(torch.autograd.grad(value, parameters, grad_output, retain_graph=True), want)
    assert_all_close(torch.autograd.grad(value, parameters, grad_output, create_graph=True), want)


@pytest.mark.needs("torch")
def test_gradients_are_computed_for_what_needs_one(backend):
    setting = KINDS[0]
    parameters, bind = on(backend, setting)
    parameters[2].requires_grad_()
    value = bind(setting.loss)(*parameters)
    value.backward()
    assert_all_close([parameters[2].grad], by_way_of_logits(setting)[1][2:])
    assert parameters[0].grad is None


@pytest.mark.needs("torch")
def test_a_change_in_place_before_the_backward_pass_is_found(backend):
    import torch

    setting = KINDS[0]
    for k in range(3):
        parameters, bind = _tensors(backend, setting)
        value = bind(setting.loss)(*parameters)
        with torch.no_grad():
            parameters[k] += 1
        with pytest.raises(RuntimeError, match="modified by an inplace operation"):
            value.backward()


@pytest.mark.needs("torch")
def test_gradients_of_scaled_half_precision_do_not_underflow(backend):
    import torch

    setting = KINDS[0]
    parameters, bind = on(backend, setting)
    half = [parameter.half().requires_grad_() for parameter in parameters]
    scale = 2.0**-20
    (bind(setting.loss)(*half) * scale * 65536).backward()
    wide = [parameter.detach().float().requires_grad_() for parameter in half]
    bind(setting.loss)(*wide).backward()
    for got, want in zip(half, wide, strict=True):
        torch.testing.assert_close(got.grad.float(), want.grad / 16, rtol=2e-3, atol=1e-6)


@pytest.mark.needs("torch")
def test_gradients_of_weights_take_all_logits(backend):
    setting = KINDS[0]
    parameters, labels, keywords = setting.make()
    features, weight, bias = map(backend.asarray, parameters)
    labels = backend.asarray(labels)
    keywords = {name: backend.asarray(value) for name, value in keywords.items()}
    weights = keywords["weight"].requires_grad_()
    ml.linear_cross_entropy(features, weight, labels, bias, **keywords).backward()
    got, weights.grad = weights.grad, None
    ml.cross_entropy(features @ weight.T + bias, labels, **keywords).backward()
    assert_all_close([got], [weights.grad])


@pytest.mark.needs("torch")
@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
def test_with_nothing_missing_it_is_torchs(backend, reduction):
    import torch

    parameters, labels, _ = KINDS[0].make()
    ours = [backend.asarray(array).requires_grad_() for array in parameters]
    theirs = [backend.asarray(array).requires_grad_() for array in parameters]
    labels = backend.asarray(labels)
    got = ml.linear_cross_entropy(ours[0], ours[1], labels, ours[2], reduction=reduction)
    # Of torch 2.13 `linear_cross_entropy` with its default options.
    logits = torch.nn.functional.linear(*theirs)
    want = torch.nn.functional.cross_entropy(logits, labels, reduction=reduction)
    got.sum().backward()
    want.sum().backward()
    torch.testing.assert_close(got, want)
    for one, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(one.grad, other.grad)


# Mistakes


def _in_every_way(backend, wrong):
    def array(value):
        return backend.asarray(value) if type(value) is np.ndarray else value

    call = wrong.call
    keywords = {name: array(value) for name, value in call.keywords.items()}
    for loss in (call.func, ml.value_and_grad(call.func)):
        yield functools.partial(loss, *map(array, call.args), **keywords)


@pytest.mark.parametrize("wrong", LINEAR, ids=lambda wrong: wrong.name)
def test_a_mistake_is_named(backend, wrong):
    for call in _in_every_way(backend, wrong):
        with pytest.raises(wrong.error, match=wrong.match):
            call()


@pytest.mark.parametrize("wrong", VALUES, ids=lambda wrong: wrong.name)
def test_a_value_that_cannot_be_meant_is_named(backend, wrong):
    if not backend.checks_values:
        return
    for call in _in_every_way(backend, wrong):
        with pytest.raises(wrong.error, match=wrong.match):
            call()


def test_there_is_no_hessian_diagonal(backend):
    for setting in KINDS:
        parameters, bind = on(backend, setting)
        loss = bind(ml.grad_and_hessian(setting.loss))
        with pytest.raises(TypeError, match=r"(?s)(?=.*linear layer)(?=.*not in closed form)"):
            loss(*parameters)


@pytest.mark.needs("torch")
@pytest.mark.parametrize("loss", [ml.linear_cross_entropy, ml.cross_entropy])
def test_a_loss_scale_that_overflows_stays_out_of_what_is_not_observed(backend, loss):
    import torch

    x = torch.ones(3, DEPTH, requires_grad=True)
    layer = (torch.ones(CLASSES, DEPTH),) if loss is ml.linear_cross_entropy else ()
    value = loss(x, *layer, torch.asarray([0, -1, 2]), missing=-1)
    (value * float("inf")).backward()
    assert not x.grad[1].any()
