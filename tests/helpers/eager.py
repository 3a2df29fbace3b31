"""Calls of the eager evaluator, in one block, in many, and of whole arrays as when traced."""

import contextlib

import numpy as np
import pytest

import maskloss as ml
from helpers.comparison import assert_all_close
from helpers.frameworks import asnumpy
from maskloss._evaluation import block_size, evaluate
from tables.cases import CASES, by_case

# Elements with a number per class, rows, rows whose classes lie before other axes, coupled rows.
EAGER = [
    case
    for case in CASES
    if case.name
    in {
        "binary_cross_entropy_with_logits, pos_weight",
        "cross_entropy, class_weight",
        "cross_entropy, class_weight and smoothed",
        "multilabel_soft_margin_loss, soft and weighted",
    }
]
each_eager = by_case(EAGER)


@contextlib.contextmanager
def blocks_of(elements):
    """Divide small arrays too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(block_size, "BATCH", elements)
        patch.setattr(block_size, "FEW_ELEMENTS", 0)
        yield


@contextlib.contextmanager
def whole_arrays():
    """Evaluate eager calls as traced ones."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(evaluate, "can_split", lambda _: False)
        yield


def as_parts(value):
    """Return the parts of a value, of which `Sums` has three."""
    return [asnumpy(part) for part in (value if isinstance(value, ml.Sums) else (value,))]


def results(problem, **way):
    """Return all parts of the value, and the derivatives."""
    value, *derivatives = problem.everything(**way)(*problem.arrays)
    derivatives = [asnumpy(part) for part in derivatives]
    if problem.backend.name == "torch":
        derivatives.append(asnumpy(gradient_of(problem, **way)))
    return as_parts(value), derivatives


def gradient_of(problem, grad_output=None, **way):
    """Return what autograd gives for a gradient of the result, by default of ones."""
    import torch

    x = problem.x.detach().requires_grad_()
    value = problem.replace(x=x).call(**way)
    total = value.total if isinstance(value, ml.Sums) else value
    return torch.autograd.grad(
        total, x, torch.ones_like(total) if grad_output is None else grad_output
    )[0]


def assert_same(got, want, way):
    """Values but for the order of additions, derivatives bit by bit where nothing is added."""
    assert_all_close(got[0], want[0], 4)
    if way.get("reduction") == "weighted_mean" and "divisor" not in way:
        assert_all_close(got[1], want[1], 4)
        return
    for one, other in zip(got[1], want[1], strict=True):
        np.testing.assert_array_equal(one, other)
