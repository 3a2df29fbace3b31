"""The modules of `maskloss.torch`: the functions, with state."""

import copy
import doctest
import inspect
import io
import math
import pickle
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from numpydoc.validate import validate

import maskloss as ml
import maskloss.torch as mt
from helpers import stubs
from helpers.problems import Problem
from helpers.throw_away import throw_away_case
from maskloss._arrays.support import backend
from maskloss._public import records
from maskloss.torch import _accumulation, _module, _objectives, _trainer
from tables.cases import CASES, by_case

FUNCTIONS = [record.function for record in records()]
PUBLIC = [getattr(mt, name) for name in mt.__all__]
MODULES = {
    c.loss: c for c in PUBLIC if inspect.isclass(c) and hasattr(c, "loss") and c.loss in FUNCTIONS
}
ONE_OF_EACH = list({case.loss: case for case in CASES}.values())


def tensors(values):
    return {k: torch.tensor(v) if isinstance(v, np.ndarray) else v for k, v in values.items()}


class Call:
    """A case as NumPy arrays, and as a module with tensors."""

    def __init__(self, case, dtype="float64"):
        self.problem = Problem.make(backend("numpy"), case, dtype)
        problem = self.problem
        module, options = MODULES[case.loss], tensors(problem.options)
        kept = {
            name: v for name, v in options.items() if name in inspect.signature(module).parameters
        }
        of_call = {name: v for name, v in options.items() if name not in kept}
        self.module = module(**kept)
        self.x, self.y = (torch.tensor(a) for a in (problem.x, problem.y))
        self.x.requires_grad_()
        self.of_call = tensors({"mask": problem.mask, "weight": problem.weight}) | of_call

    def __call__(self, module=None, **keywords):
        module = self.module if module is None else module
        return module(self.x, self.y, **self.of_call | keywords)


def test_every_loss_has_one_module():
    assert set(MODULES) == set(FUNCTIONS)
    assert mt.__all__ == sorted(mt.__all__)
    public = {name for name in dir(mt) if not name.startswith("_")}
    assert {name for name in public if not inspect.ismodule(getattr(mt, name))} == set(mt.__all__)


def test_type_checkers_see_what_is_there():
    assert Path(mt.__file__).with_suffix(".pyi").read_text() == stubs.stub("torch"), "nox -s stubs"


def test_a_new_loss_has_its_module():
    with throw_away_case() as case:
        assert "QuarticLoss" in mt.__all__
        loss = mt.QuarticLoss(missing=-1)
        assert mt.QuarticLoss.__doc__.startswith("Fourth power of the error.\n\nParameters\n")
        assert loss(torch.tensor([1.0, 3.0]), torch.tensor([-1.0, 1.0])).item() == 16
        assert mt.QuarticLoss.loss is case.loss
    assert not hasattr(mt, "QuarticLoss")


def test_an_unknown_name_suggests_a_known_one():
    with pytest.raises(AttributeError, match="no attribute 'MaskedMSELos'") as caught:
        mt.MaskedMSELos  # noqa: B018
    assert (caught.value.name, caught.value.obj) == ("MaskedMSELos", mt)


@pytest.mark.parametrize("module", MODULES.values(), ids=lambda m: m.__name__)
def test_names_are_those_of_torch(module):
    name = module.__name__
    assert name.endswith("Loss")
    assert not hasattr(torch.nn, name)
    if name.startswith("Masked") and module is not mt.MaskedMeanLoss:  # named as its function
        assert hasattr(torch.nn, name.removeprefix("Masked"))
        assert f"torch.nn.{name.removeprefix('Masked')}" in module.__doc__


@by_case(CASES)
def test_value_and_gradient_are_the_functions(case):
    call = Call(case)
    want, slope = call.problem.bind(ml.value_and_grad(case.loss))(*call.problem.arrays)
    value = call()
    value.backward()
    np.testing.assert_allclose(value.detach(), want, rtol=1e-12)
    np.testing.assert_allclose(call.x.grad, slope, rtol=1e-10, atol=1e-14)


def test_a_linear_layer_comes_with_the_call():
    rng = np.random.default_rng(0)
    arrays = rng.normal(size=(4, 3)), rng.normal(size=(5, 3)), np.asarray([0, -1, 4, 2])
    bias = rng.normal(size=5)
    want = ml.linear_cross_entropy(*arrays, bias, missing=-1, label_smoothing=0.1)
    loss = mt.MaskedLinearCrossEntropyLoss(missing=-1, label_smoothing=0.1)
    layer = torch.nn.Linear(3, 5, dtype=torch.float64)
    layer.load_state_dict({"weight": torch.tensor(arrays[1]), "bias": torch.tensor(bias)})
    got = loss(torch.tensor(arrays[0]), layer.weight, torch.tensor(arrays[2]), layer.bias)
    got.backward()
    np.testing.assert_allclose(got.detach(), want)
    assert layer.weight.grad.abs().sum() > 0


@by_case(ONE_OF_EACH)
def test_compiles_as_one_graph(case):
    call = Call(case, "float32")
    torch._dynamo.reset()
    compiled = torch.compile(call.module, fullgraph=True, backend="eager", dynamic=False)
    torch.testing.assert_close(call(compiled), call())


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16])
def test_tensor_options_are_buffers_that_follow(dtype):
    loss = mt.MaskedCrossEntropyLoss(
        class_weight=torch.tensor([1.0, 2.0, 3.0]), class_mask=torch.tensor([True, True, False])
    )
    loss.to(dtype)
    assert loss.class_weight.dtype == dtype
    assert loss.class_mask.dtype == torch.bool
    logits = torch.zeros(2, 3, dtype=dtype)
    torch.testing.assert_close(
        loss(logits, torch.tensor([0, 1])).double().item(), 1.5 * math.log(2)
    )
    loss.to("meta")
    assert loss.class_weight.is_meta
    assert loss.class_mask.is_meta
    assert loss(logits.to("meta"), torch.tensor([0, 1], device="meta")).is_meta


def test_a_buffer_in_double_precision_does_not_widen_the_loss():
    loss = mt.MaskedBCEWithLogitsLoss(pos_weight=torch.ones(2, dtype=torch.float64))
    assert loss(torch.zeros(1, 2), torch.ones(1, 2)).dtype == torch.float32


def test_the_state_is_the_tensors():
    weight = torch.tensor([1.0, 3.0])
    state = mt.MaskedBCEWithLogitsLoss(pos_weight=weight, missing=-1).state_dict()
    assert list(state) == ["pos_weight"]
    other = mt.MaskedBCEWithLogitsLoss(pos_weight=torch.zeros(2), missing=-1)
    other.load_state_dict(state)
    assert torch.equal(other.pos_weight, weight)
    assert not mt.MaskedBCEWithLogitsLoss(pos_weight=2.0).state_dict()
    with pytest.raises(RuntimeError, match="pos_weight"):
        mt.MaskedBCEWithLogitsLoss().load_state_dict(state)


def test_a_tensor_set_later_is_a_buffer():
    loss = mt.MaskedBCEWithLogitsLoss()
    loss.pos_weight = torch.tensor([1.0, 3.0])
    loss.missing = -1
    assert "pos_weight" in loss.state_dict()
    assert repr(loss) == "MaskedBCEWithLogitsLoss(pos_weight=Tensor(2,), missing=-1)"
    got = loss(torch.zeros(1, 2), torch.tensor([[-1.0, 1.0]]))
    torch.testing.assert_close(got.item(), 3 * math.log(2))


def test_a_parameter_is_learned():
    loss = mt.QuantileLoss(quantile=torch.nn.Parameter(torch.tensor(0.5)))
    assert [name for name, _ in loss.named_parameters()] == ["quantile"]
    loss(torch.zeros(2), torch.ones(2)).backward()
    torch.testing.assert_close(loss.quantile.grad, torch.tensor(1.0))


def saved_and_loaded(module):
    file = io.BytesIO()
    torch.save(module, file)
    file.seek(0)
    return torch.load(file, weights_only=False)


@pytest.mark.parametrize(
    "renew", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m)), saved_and_loaded]
)
@by_case(ONE_OF_EACH)
def test_copies_are_the_same(case, renew):
    call = Call(case)
    other = renew(call.module)
    assert repr(other) == repr(call.module)
    assert torch.equal(call(other), call())
    assert all(a is not b for a, b in zip(other.buffers(), call.module.buffers(), strict=True))


def test_what_a_call_gives_comes_first():
    loss = mt.MaskedCrossEntropyLoss(class_mask=torch.tensor([True, True, False]))
    logits, labels = torch.zeros(1, 3), torch.tensor([0])
    torch.testing.assert_close(loss(logits, labels).item(), math.log(2))
    every = torch.ones(1, 3, dtype=torch.bool)
    torch.testing.assert_close(loss(logits, labels, class_mask=every).item(), math.log(3))
    assert loss(logits, labels, reduction="sums").count == 1


def test_the_divisor_is_that_of_the_call():
    loss = mt.MaskedMSELoss(missing=math.nan)
    x, y = torch.zeros(3), torch.tensor([2.0, math.nan, 2.0])
    assert loss(x, y) == 4.0
    assert loss(x, y, divisor=torch.tensor(16)) == 0.5
    assert loss(x, y, divisor=0) == 0.0
    assert loss(x[:0], y[:0]) == 0.0


def test_nothing_is_left_of_what_is_missing():
    call = Call(next(case for case in CASES if case.loss is ml.mse_loss), "float32")
    clean = call()
    clean.backward()
    gradient, call.x.grad = call.x.grad, None
    with torch.no_grad():
        call.x[~call.of_call["mask"]] = math.nan
        call.y[~call.of_call["mask"]] = math.inf
    poisoned = call()
    poisoned.backward()
    assert torch.equal(poisoned, clean)
    assert torch.equal(call.x.grad, gradient)


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (mt.HillLoss, "HillLoss()"),
        (lambda: mt.MaskedHuberLoss(delta=2.0, missing=math.nan), "(delta=2.0, missing=nan)"),
        (lambda: mt.LargeLoss(fraction=0.1), "LargeLoss(fraction=0.1)"),
        (lambda: mt.SigmoidFocalLoss(alpha=None), "SigmoidFocalLoss(alpha=None)"),
        (lambda: mt.DiceLoss(spatial_axes=...), "DiceLoss()"),
        (
            lambda: mt.MaskedNLLLoss(class_weight=torch.ones(4), reduction="weighted_mean"),
            "MaskedNLLLoss(class_weight=Tensor(4,), reduction='weighted_mean')",
        ),
    ],
)
def test_repr_shows_what_is_not_the_default(make, text):
    assert repr(make()).endswith(text)


@pytest.mark.parametrize(
    ("module", "options", "error", "text"),
    [
        (mt.MaskedCrossEntropyLoss, {"ignore_index": -1}, TypeError, "'ignore_index'; use `missin"),
        (mt.MaskedMSELoss, {"mask": True}, TypeError, "`mask`, which belongs to a batch: loss(..."),
        (mt.MaskedNLLLoss, {"weight": 1.0}, TypeError, "weights of classes are `class_weight`"),
        (mt.MaskedNLLLoss, {"class_weight": [1.0]}, TypeError, "tensor or a number, got list"),
        (mt.MaskedNLLLoss, {"class_weight": np.ones(2)}, TypeError, "got numpy"),
        (mt.MaskedL1Loss, {"reduction": "avg"}, ValueError, "`reduction` must be one of"),
        (mt.LargeLoss, {}, TypeError, "LargeLoss() needs the keyword argument 'fraction'"),
    ],
)
def test_mistakes(module, options, error, text):
    with pytest.raises(error, match=re.escape(text)):
        module(**options)


def test_a_subclass_may_have_options_of_its_own():
    class Depth(mt.MaskedHuberLoss):
        def __init__(self, *, far):
            super().__init__(missing=far)

    assert list(inspect.signature(Depth).parameters) == ["far"]
    assert Depth(far=-9.0)(torch.ones(2), torch.tensor([-9.0, 1.0])) == 0
    assert mt.MaskedHuberLoss.loss is ml.huber_loss


def test_a_class_of_your_own_is_one_line():
    class Mine(mt.LossModule, loss=ml.hill_loss):
        pass

    assert repr(Mine(gamma=3.0)) == "Mine(gamma=3.0)"
    with pytest.raises(TypeError, match=re.escape("`class Name(LossModule, loss=...)`")):
        mt.LossModule()
    with pytest.raises(TypeError, match="must be a loss of maskloss"):

        class Other(mt.LossModule, loss=torch.nn.functional.mse_loss):
            pass


def test_buffers_can_be_swapped_by_torch_func():
    loss, other = mt.MaskedBCEWithLogitsLoss(pos_weight=torch.ones(2)), torch.tensor([2.0, 3.0])
    arrays = torch.zeros(1, 2), torch.ones(1, 2)
    got = torch.func.functional_call(loss, {"pos_weight": other}, arrays)
    torch.testing.assert_close(got.item(), 2.5 * math.log(2))
    assert torch.vmap(loss)(torch.zeros(3, 2), torch.ones(3, 2)).shape == (3,)


@pytest.mark.parametrize("name", mt.__all__)
def test_docstrings_follow_numpydoc(name):
    errors = {code for code, _ in validate(f"maskloss.torch.{name}")["errors"]}
    has_examples_elsewhere = getattr(mt, name) in MODULES.values()
    assert errors <= {"SA01", "ES01"} | ({"EX01"} if has_examples_elsewhere else set())


@pytest.mark.parametrize("module", [_module, _objectives, _trainer, _accumulation])
def test_the_examples_of_the_docstrings_run(module):
    result = doctest.testmod(module)
    assert result.attempted
    assert not result.failed


def test_without_torch_the_error_says_what_to_install():
    code = "import sys; sys.modules['torch'] = None; import maskloss.torch"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, text=True)
    assert "ImportError: maskloss.torch needs PyTorch" in done.stderr
    assert 'pip install "maskloss[torch]"' in done.stderr


@by_case(ONE_OF_EACH)
@pytest.mark.filterwarnings("ignore:.*torch.jit.trace:DeprecationWarning")
@pytest.mark.filterwarnings("ignore::torch.jit.TracerWarning")
def test_jit_trace_computes_with_other_numbers(case):
    call = Call(case)

    def loss(x):
        return call.module(x, call.y, **call.of_call)

    traced = torch.jit.trace(loss, call.x, check_trace=False)
    x = (0.9 * call.x.detach()).requires_grad_()
    value, want = traced(x), loss(x)
    torch.testing.assert_close(value, want)
    torch.testing.assert_close(*(torch.autograd.grad(number, x) for number in (value, want)))
