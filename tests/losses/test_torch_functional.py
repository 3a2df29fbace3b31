"""With nothing missing, the function of the same name in `torch.nn.functional`."""

import re
from pathlib import Path

import numpy as np
import pytest

from helpers.problems import Problem
from tables.cases import CASES, by_case

pytestmark = pytest.mark.needs("torch")
SAME = [case for case in CASES if case.torch]
WEIGHT_NAMES = {"class_weight": "weight", "pos_weight": "pos_weight"}


@pytest.mark.filterwarnings("ignore:reduction. 'mean' divides")  # of kl_div, as ours does
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@by_case(SAME)
def test_value_and_gradient(backend, case, dtype):
    import torch

    problem = Problem.make(backend, case, dtype=dtype).replace(mask=None, weight=None)
    peer = getattr(torch.nn.functional, case.torch)
    options = {
        WEIGHT_NAMES.get(name, name): value
        for name, value in problem.options.items()
        if name != "class_axis"
    }
    # torch divides by the weights of the labels' classes.
    reductions = {"none": "none", "sum": "sum", "mean": "mean"}
    if "class_weight" in case.options and case.torch in {"cross_entropy", "nll_loss"}:
        reductions["weighted_mean"] = reductions.pop("mean")

    for ours, theirs in reductions.items():
        x, z = (problem.x.clone().requires_grad_() for _ in range(2))
        got = problem.replace(x=x).call(reduction=ours)
        want = peer(z, problem.y, reduction=theirs, **options)
        got.sum().backward()
        want.sum().backward()
        rtol = 64 * float(np.finfo(dtype).eps)
        torch.testing.assert_close(got, want, rtol=rtol, atol=rtol)
        torch.testing.assert_close(x.grad, z.grad, rtol=rtol, atol=rtol)


@pytest.mark.parametrize("reduction", ["none", "sum", "mean"])
def test_probabilities_of_exactly_0_and_1(backend, reduction):
    """The edge, where torch clamps the logarithm and the divisor of the slope."""
    import torch

    import maskloss as ml

    p = torch.tensor([0.0, 0.0, 1.0, 1.0, 0.0, 1.0, 0.5], requires_grad=True)
    q = p.detach().clone().requires_grad_()
    y = torch.tensor([0.0, 1.0, 0.0, 1.0, 0.25, 0.25, 1.0])
    got = ml.binary_cross_entropy(p, y, reduction=reduction)
    want = torch.nn.functional.binary_cross_entropy(q, y, reduction=reduction)
    got.sum().backward()
    want.sum().backward()
    torch.testing.assert_close(got, want)
    torch.testing.assert_close(p.grad, q.grad)
    _, gradient = ml.value_and_grad(ml.binary_cross_entropy)(q.detach(), y, reduction=reduction)
    torch.testing.assert_close(gradient, q.grad)


def test_class_probabilities_divide_by_the_rows(backend):
    import torch

    import maskloss as ml

    case = next(case for case in CASES if case.name == "cross_entropy, probabilities")
    problem = Problem.make(backend, case)
    got = ml.cross_entropy(problem.x, problem.y, **problem.options)
    want = torch.nn.functional.cross_entropy(
        problem.x.movedim(-1, 1), problem.y.movedim(-1, 1), weight=problem.options["class_weight"]
    )
    torch.testing.assert_close(got, want)


def test_ignore_index_is_a_missing_label(backend):
    import torch

    import maskloss as ml

    x = torch.randn(6, 3, generator=torch.Generator().manual_seed(0))
    y = torch.tensor([0, -100, 2, 1, -100, 1])
    weight = torch.tensor([0.2, 1.0, 3.0])
    got = ml.cross_entropy(
        x, y, missing=-100, class_weight=weight, label_smoothing=0.1, reduction="weighted_mean"
    )
    want = torch.nn.functional.cross_entropy(x, y, weight=weight, label_smoothing=0.1)
    torch.testing.assert_close(got, want)


PAGE = (Path(__file__).parents[2] / "docs" / "guarantees.md").read_text(encoding="utf-8")
ROUNDED = re.findall(
    r"^\| `(\w+)`, (value|gradient) ([^|]+) \| (\S+) \| (\S+) \|$", PAGE, re.MULTILINE
)


def _inputs(name, where):
    """Return logits and labels of a row of the page."""
    import torch

    if name == "cross_entropy":
        return torch.tensor([[20.0, 0.0]]), torch.tensor([0])
    x, y = re.search(r"x = (\S+), y = (\d)", where).groups()
    return torch.tensor([float(x)]), torch.tensor([float(y)])


@pytest.mark.parametrize(("name", "part", "where", "theirs", "ours"), ROUNDED)
def test_the_page_says_where_torch_rounds(backend, name, part, where, theirs, ours):
    import torch

    import maskloss as ml

    version = re.search(r"In torch (\S+) with float32:", PAGE)[1]
    if not torch.__version__.startswith(f"{version}."):
        pytest.skip(f"the page is about torch {version}")
    for library, want in ((torch.nn.functional, theirs), (ml, ours)):
        x, y = _inputs(name, where)
        x.requires_grad_()
        value = getattr(library, name)(x, y)
        value.backward()
        got = value.item() if part == "value" else x.grad.ravel()[0].item()
        assert got == pytest.approx(float(want), rel=2e-3)


def test_every_row_of_that_table_is_found(backend):
    assert len(ROUNDED) == 4
