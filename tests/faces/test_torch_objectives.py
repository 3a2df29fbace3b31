"""Several objectives as one module, with weights that are learned."""

import copy
import math
import pickle
import re

import pytest
import torch

import maskloss as ml
from maskloss.torch import MultiObjective

NAN = math.nan
HEADS = {
    "kind": ml.Head(ml.cross_entropy, missing=-1, class_weight=torch.tensor([1.0, 2.0, 4.0])),
    "depth": ml.Head(ml.mse_loss, missing=NAN, weight=0.5),
}
PREDICTIONS = {
    "kind": torch.linspace(-1, 2, 12).reshape(4, 3),
    "depth": torch.tensor([0.0, 1.0, 2.0, 3.0]),
}
TARGETS = {"kind": torch.tensor([0, -1, 2, 1]), "depth": torch.tensor([1.0, NAN, NAN, 0.0])}


def test_is_the_function():
    module = MultiObjective(HEADS, learn_weights=False)
    got, want = module(PREDICTIONS, TARGETS), ml.MultiObjective(HEADS)(PREDICTIONS, TARGETS)
    torch.testing.assert_close(got, want)
    assert not list(module.parameters())


def test_log_variances_are_learned():
    module = MultiObjective(HEADS)
    with torch.no_grad():
        module.log_variances.copy_(torch.tensor([0.5, -1.0]))
    want = ml.MultiObjective(HEADS)(PREDICTIONS, TARGETS, log_variances=torch.tensor([0.5, -1.0]))
    result = module(PREDICTIONS, TARGETS)
    torch.testing.assert_close(result.total, want.total)
    kind, depth = (result.values[name].item() for name in HEADS)
    torch.testing.assert_close(
        result.total.item(),
        math.exp(-0.5) * kind + 0.25 + 0.5 * (math.exp(1) * depth / 2 - 0.5),
        rtol=1e-6,
        atol=0.0,
    )
    optimizer = torch.optim.Adam(module.parameters(), lr=0.05)
    for _ in range(400):
        optimizer.zero_grad()
        module(PREDICTIONS, TARGETS).total.backward()
        optimizer.step()
    # Where the gradient is 0: exp(s) is 2 L, and L of a squared error.
    best = torch.log(torch.tensor([2 * kind, depth]))
    torch.testing.assert_close(module.log_variances.detach(), best, rtol=0, atol=1e-2)


def test_a_head_without_labels_leaves_its_log_variance_alone():
    module = MultiObjective(HEADS)
    module(PREDICTIONS, TARGETS | {"depth": torch.full((4,), NAN)}).total.backward()
    assert module.log_variances.grad[1] == 0
    assert module.log_variances.grad[0] != 0


def test_sums_of_steps_make_the_total_of_all():
    module = MultiObjective(HEADS)
    steps = [slice(0, 1), slice(1, 4)]
    sums = sum(
        module(
            {k: v[step] for k, v in PREDICTIONS.items()},
            {k: v[step] for k, v in TARGETS.items()},
            reduction="sums",
        )
        for step in steps
    )
    want = module(PREDICTIONS, TARGETS)
    torch.testing.assert_close(module.combine(sums), want, check_dtype=False)


def test_tensors_are_buffers_that_follow():
    module = MultiObjective(HEADS).to(torch.float64)
    assert sorted(module.state_dict()) == ["kind_class_weight", "log_variances"]
    assert module.kind_class_weight.dtype == torch.float64
    module.to("meta")
    on_meta = ({k: v.to("meta") for k, v in both.items()} for both in (PREDICTIONS, TARGETS))
    assert module(*on_meta).total.is_meta


def test_what_a_call_gives_comes_first():
    module, function = MultiObjective(HEADS), ml.MultiObjective(HEADS)
    given = {
        "class_weight": {"kind": torch.ones(3)},
        "mask": {"depth": torch.tensor([True, False, False, False])},
    }
    got, want = module(PREDICTIONS, TARGETS, **given), function(PREDICTIONS, TARGETS, **given)
    torch.testing.assert_close(got.values, want.values)
    with pytest.raises(TypeError, match="`class_weight` must be a mapping of 'kind', 'depth'"):
        module(PREDICTIONS, TARGETS, class_weight=torch.ones(3))


def test_heads_in_order():
    module = MultiObjective(tuple(HEADS.values()))
    arrays = tuple(PREDICTIONS.values()), tuple(TARGETS.values())
    result, named = module(*arrays), MultiObjective(HEADS)(PREDICTIONS, TARGETS)
    torch.testing.assert_close(result.total, named.total)
    torch.testing.assert_close(
        module(*arrays, class_weight=(torch.ones(3), None)).values[0],
        ml.cross_entropy(arrays[0][0], arrays[1][0], missing=-1),
    )


@pytest.mark.parametrize("renew", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
def test_copies_are_the_same(renew):
    module = MultiObjective(HEADS)
    other = renew(module)
    torch.testing.assert_close(other(PREDICTIONS, TARGETS), module(PREDICTIONS, TARGETS))
    assert repr(other) == repr(module)
    assert other.log_variances is not module.log_variances


def test_compiles_as_one_graph():
    module = MultiObjective(HEADS)
    compiled = torch.compile(module, fullgraph=True, backend="aot_eager", dynamic=False)
    result = compiled(PREDICTIONS, TARGETS)
    torch.testing.assert_close(result, module(PREDICTIONS, TARGETS))
    result.total.backward()
    got, module.log_variances.grad = module.log_variances.grad, None
    module(PREDICTIONS, TARGETS).total.backward()
    torch.testing.assert_close(got, module.log_variances.grad)


def test_repr_shows_the_heads():
    text = repr(MultiObjective(HEADS))
    assert "(kind): cross_entropy(missing=-1, class_weight=Tensor(3,)), weight=1.0" in text
    assert "(depth): mse_loss(missing=nan), weight=0.5" in text


def test_mistakes():
    with pytest.raises(TypeError, match=re.escape("write Head(loss, ...)")):
        MultiObjective({"kind": ml.cross_entropy})
    with pytest.raises(ValueError, match="at least one Head"):
        MultiObjective({})
