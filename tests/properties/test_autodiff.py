"""Automatic differentiation and the program transforms give what the closed form gives."""

import copy
import functools
import inspect
import pickle

import numpy as np
import pytest

import maskloss as ml
from helpers.bad_labels import LIMITED, domain_of, outside, with_labels
from helpers.comparison import assert_close, assert_within
from helpers.frameworks import asnumpy
from helpers.problems import Problem, native
from tables.cases import CASES, by_case

CLASSES_LAST = [case for case in CASES if case.class_axis in (None, -1)]


@pytest.mark.needs("autodiff")
@pytest.mark.every_loss
@pytest.mark.parametrize("reduction", ["mean", "weighted_mean", "macro"])
@by_case()
def test_gradient(backend, case, reduction):
    problem = Problem.make(backend, case)
    got = problem.framework.grad(problem.bind(case.loss, reduction=reduction), *problem.arrays)
    _, want, _ = problem.on_numpy().parts(reduction=reduction)
    assert got.dtype == problem.x.dtype
    assert_close(got, want)


@pytest.mark.needs("autodiff")
@by_case([c for c in CASES if c.extremes])
def test_gradient_is_exact_for_confident_entries(backend, case):
    """The derivative of the composition, where textbook spellings return 0."""
    case, x, y = case.at_extremes("float32")
    magnitude = np.abs(x).reshape(len(x), -1)
    ordinary = (magnitude[:, 0] if case.class_axis is None else magnitude.max(-1)) < 80
    problem = Problem.of(backend, case.at(ordinary, x.shape), x[ordinary], y[ordinary])
    loss = problem.bind(case.loss, reduction="sum")
    got = asnumpy(problem.framework.grad(loss, *problem.arrays))
    _, want, _ = problem.parts(reduction="sum")
    # Of what is barely normal, JAX takes the parts for 0.
    tiny = 16 * np.finfo("float32").smallest_normal
    got, want = (np.where(np.abs(part) < tiny, 0.0, part) for part in (got, want))
    assert_within(got, want, 2 * backend.epsilons, "float32")


@pytest.mark.needs("second order")
@by_case()
def test_second_derivative(backend, case):
    problem = Problem.make(backend, case)
    loss = problem.bind(case.loss)
    got = problem.framework.hessian_diagonal(loss, *problem.arrays)
    assert_close(got, problem.on_numpy().parts()[2], epsilons=64)


@pytest.mark.needs("forward mode")
@by_case()
def test_forward_mode(backend, case):
    problem = Problem.make(backend, case)
    loss = problem.bind(case.loss)
    tangent = backend.asarray(np.random.default_rng(3).normal(size=problem.x.shape).astype("f4"))
    value, got = problem.framework.jvp(lambda x: loss(x, *problem.arrays[1:]), problem.x, tangent)
    want, gradient, _ = problem.on_numpy().parts()
    np.testing.assert_allclose(
        asnumpy(got), (gradient * asnumpy(tangent)).sum(), rtol=1e-4, atol=1e-6
    )
    assert_close(value, want)


@pytest.mark.needs("jit", "autodiff")
@by_case()
def test_gradient_of_a_compiled_loss(backend, case):
    """And NaN where a label cannot be meant; both in one test, as compiling takes its time."""
    problem = Problem.make(backend, case)
    framework = problem.framework
    compiled = framework.jit(problem.bind(case.loss))
    if is_limited := any(case is c for c in LIMITED):
        problem = problem.replace(y=native(backend, asnumpy(problem.y)))
    assert_close(framework.grad(compiled, *problem.arrays), problem.on_numpy().parts()[1])
    if is_limited:
        seen, _ = with_labels(problem, outside(domain_of(case))[0], observed=True)
        assert np.isnan(asnumpy(framework.grad(compiled, *seen.arrays))).any()


@pytest.mark.needs("vmap")
@by_case(CLASSES_LAST)
def test_vmap_is_a_loop(backend, case):
    problem = Problem.make(backend, case)
    got = problem.framework.vmap(problem.everything())(*problem.mapped_arrays)
    reference = problem.on_numpy()
    rows = [reference.everything()(*row) for row in zip(*reference.mapped_arrays, strict=True)]
    for part, wanted in zip(got, zip(*rows, strict=True), strict=True):
        assert_close(part, np.stack([asnumpy(row) for row in wanted]))


@pytest.mark.needs("vmap")
@by_case(CLASSES_LAST)
def test_vmap_over_one_array_alone(backend, case):
    """Of two operands only one is mapped: MLX gets that wrong for `&` and `|`."""
    problem = Problem.make(backend, case)
    reference = problem.on_numpy()
    for place, mapped in enumerate(problem.mapped_arrays):

        def one(array, problem=problem, place=place):
            fixed = [other[-1] for other in problem.mapped_arrays]
            everything = problem.everything(reduction="none")
            return everything(*fixed[:place], array, *fixed[place + 1 :])

        got = problem.framework.vmap(one)(mapped)
        want = zip(*(one(row, reference) for row in reference.mapped_arrays[place]), strict=True)
        for part, wanted in zip(got, want, strict=True):
            assert_close(part, np.stack([asnumpy(row) for row in wanted]))


@pytest.mark.needs("autodiff")
@pytest.mark.parametrize("reduction", ["mean", "weighted_mean"])
@by_case()
def test_gradients_of_labels_and_weights(backend, case, reduction):
    """By central differences in NumPy's float64: no derivative that is asked for is missing."""
    problem = Problem.make(backend, case)
    x, y, mask, weight = case.arrays()
    loss = functools.partial(case.loss, x, mask=mask, reduction=reduction)
    names = [name for name, value in case.options.items() if _is_differentiable(value)]
    names = [name for name in names if name not in case.held]
    arguments = {"weight": weight} | {name: case.options[name] for name in names}
    if y.dtype.kind == "f" and y.ndim == x.ndim and "labels" not in case.held:
        arguments["labels"] = np.clip(y, 1e-3, 1 - 1e-3) if case.loss is not ml.mse_loss else y

    def numpy_value(name, value):
        keywords = case.options | {"weight": weight} | {name: value}
        return float(loss(keywords.pop("labels", y), **keywords))

    def native(name):
        def function(value):
            keywords = problem.options | {"weight": problem.weight} | {name: value}
            labels = keywords.pop("labels", problem.y)
            return case.loss(problem.x, labels, mask=problem.mask, reduction=reduction, **keywords)

        return function

    for name, value in arguments.items():
        got = problem.framework.grad(native(name), backend.asarray(value.astype("float32")))
        want = np.zeros_like(value)
        for index in np.ndindex(value.shape):
            step = np.zeros_like(value)
            step[index] = 1e-5
            want[index] = numpy_value(name, value + step) - numpy_value(name, value - step)
        np.testing.assert_allclose(asnumpy(got), want / 2e-5, rtol=1e-3, atol=1e-5)


def _is_differentiable(value):
    return isinstance(value, np.ndarray) and value.dtype.kind == "f"


@pytest.mark.needs("torch")
@pytest.mark.costly
@pytest.mark.long
@by_case([case for case in CASES if case.extremes])
def test_torch_inductor(backend, case):
    """The code that inductor writes keeps value and gradient, confident entries among them.

    The curvature is left out: with it, it takes up to 30 s to write the code of one case.
    """
    import torch

    case, x, y = case.at_extremes("float32")
    problem = Problem.of(backend, case, x, y)
    torch._dynamo.reset()
    loss = problem.bind(ml.value_and_grad(case.loss), reduction="none")
    compiled = torch.compile(loss, fullgraph=True)
    want_parts = problem.parts(reduction="none")[:2]
    for got, want in zip(compiled(*problem.arrays), want_parts, strict=True):
        got, big = asnumpy(got), np.abs(want) > np.finfo("float32").smallest_normal
        np.testing.assert_allclose(got[big], want[big], rtol=16 * 1.2e-7)


@pytest.mark.needs("torch")
def test_torch_inductor_keeps_the_precision_of_long_rows(backend):
    """It adds up a row one by one."""
    import torch

    rng = np.random.default_rng(0)
    x, y = rng.normal(0, 3, (64, 32000)).astype("float32"), rng.integers(0, 32000, 64)
    loss = ml.value_and_grad(ml.cross_entropy)
    torch._dynamo.reset()
    compiled = torch.compile(loss, fullgraph=True)
    got = compiled(backend.asarray(x), backend.asarray(y))
    for part, want in zip(got, loss(x.astype(float), y), strict=True):
        assert_within(asnumpy(part), want, backend.epsilons, "float32")


@pytest.mark.needs("torch")
@by_case()
def test_torch_func_hessian(backend, case):
    """Forward over reverse."""
    import torch

    problem = Problem.make(backend, case)
    loss = problem.bind(case.loss)
    hessian = torch.func.hessian(lambda x: loss(x, *problem.arrays[1:]))(problem.x)
    size = problem.x.numel()
    got = hessian.reshape(size, size).diagonal().reshape(problem.x.shape)
    assert_close(got, problem.on_numpy().parts()[2], epsilons=64)


def test_transforms_of_a_partial(backend):
    case = CASES[0]
    problem = Problem.make(backend, case)
    bound = functools.partial(case.loss, mask=problem.mask, reduction="sum")
    value, gradient = ml.value_and_grad(bound)(problem.x, problem.y)
    want = problem.replace(weight=None).parts(reduction="sum")
    assert_close(value, want[0])
    assert_close(gradient, want[1])


@pytest.mark.needs("jit")
def test_transforms_within_what_is_compiled(backend):
    problem = Problem.make(backend, CASES[0]).replace(mask=None, weight=None)
    loss = problem.case.loss
    compiled = problem.framework.jit(lambda x, y: ml.value_and_grad(loss)(x, y, axis=0))
    want = problem.replace(options={}).parts(axis=0)
    for got, part in zip(compiled(problem.x, problem.y), want, strict=False):
        assert_close(got, part)


@pytest.mark.parametrize("renew", [copy.deepcopy, lambda f: pickle.loads(pickle.dumps(f))])
@pytest.mark.parametrize("transform", [ml.value_and_grad, ml.grad_and_hessian])
def test_transforms_survive_pickling_and_copying(backend, transform, renew):
    """As processes beside this one need."""
    problem = Problem.make(backend, CASES[0])
    loss = problem.case.loss
    for given in (loss, functools.partial(loss, reduction="sum")):
        function = transform(given)
        again = renew(function)
        for got, want in zip(
            again(problem.x, problem.y), function(problem.x, problem.y), strict=True
        ):
            np.testing.assert_array_equal(asnumpy(got), asnumpy(want))
        assert inspect.signature(again) == inspect.signature(given)
    again = renew(transform(loss))
    assert (again.__name__, again.__doc__) == (loss.__name__, transform(loss).__doc__)


SYMBOLIC = [case for case in CASES if case.name in {"mse_loss", "cross_entropy", "l1_loss"}]


@pytest.mark.needs("torch")
@pytest.mark.costly
@pytest.mark.parametrize("reduction", ["mean", "macro", "sums"])
@by_case(SYMBOLIC)
def test_torch_compiles_once_for_all_batch_sizes(backend, case, reduction):
    """Dynamo gives up at the ninth recompilation."""
    import torch

    torch._dynamo.reset()
    problem = Problem.make(backend, case)
    loss = torch.compile(
        functools.partial(case.loss, reduction=reduction), fullgraph=True, backend="aot_eager"
    )
    x, y = (torch.cat([array] * 5) for array in (problem.x, problem.y))
    for size in range(2, 13):
        got, want = loss(x[:size], y[:size]), case.loss(x[:size], y[:size], reduction=reduction)
        torch.testing.assert_close(got, want)


OF_NUMBERS = [case for case in CASES if case.name in {"sigmoid_focal_loss", "huber_loss"}]


@pytest.mark.needs("torch")
@by_case(OF_NUMBERS)
def test_torch_compiles_options_that_are_symbols(backend, case):
    """As Dynamo makes of a float with `dynamic=True`."""
    import torch

    torch._dynamo.reset()
    problem = Problem.make(backend, case)
    loss = torch.compile(case.loss, fullgraph=True, backend="aot_eager", dynamic=True)
    assert_close(loss(problem.x, problem.y), case.loss(problem.x, problem.y))


@pytest.mark.needs("torch")
@pytest.mark.parametrize("strict", [True, False])
@by_case(SYMBOLIC)
def test_torch_exports_any_batch_size(backend, case, strict):
    import torch

    class Module(torch.nn.Module):
        def forward(self, x, y):
            return case.loss(x, y)

    problem = Problem.make(backend, case)
    batch = torch.export.Dim("batch", min=2, max=64)
    sizes = {"x": {0: batch}, "y": {0: batch}}
    arrays = (problem.x, problem.y)
    program = torch.export.export(Module(), arrays, dynamic_shapes=sizes, strict=strict).module()
    x, y = (torch.cat([array] * 3) for array in arrays)
    torch.testing.assert_close(program(x, y), case.loss(x, y))
