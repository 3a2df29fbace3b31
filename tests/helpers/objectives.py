"""Four heads of different losses, with gaps in their labels."""

import numpy as np
import pytest

import maskloss as ml
from helpers.frameworks import asnumpy

HEADS = {
    "kind": ml.Head(ml.cross_entropy, missing=-1, weight=0.5),
    "depth": ml.Head(ml.mse_loss, missing=-1.0, weight=2.0),
    "tags": ml.Head(ml.binary_cross_entropy_with_logits, reduction="macro", weight=0.25),
    "size": ml.Head(ml.l1_loss, reduction="weighted_mean"),
}


OBJECTIVE = ml.MultiObjective(HEADS)


ADDABLE = ml.MultiObjective(
    {**HEADS, "tags": ml.Head(ml.binary_cross_entropy_with_logits, reduction="sum", weight=0.25)}
)


ROWS = 6


S = np.asarray([0.7, -1.2, 0.0, 2.0], "float32")


def arrays(seed=0, absent=()):
    """Return predictions, targets and keywords in NumPy, with nothing observed of some heads."""
    rng = np.random.default_rng(seed)

    def normal(*shape):
        return rng.normal(0, 2, (ROWS, *shape)).astype("float32")

    x = {"kind": normal(3), "depth": normal(), "tags": normal(4), "size": normal(2)}
    y = {
        "kind": rng.integers(0, 3, ROWS),
        "depth": normal(),
        "tags": rng.integers(0, 2, (ROWS, 4)).astype("float32"),
        "size": normal(2),
    }
    known = {name: rng.permutation(np.arange(a.size) % 3 > 0) for name, a in y.items()}
    known = {name: known[name].reshape(a.shape) for name, a in y.items()}
    known |= {name: np.zeros_like(known[name]) for name in absent}
    for name in ("kind", "depth"):
        y[name] = np.where(known[name], y[name], -1).astype(y[name].dtype)
    mask = {name: known[name] for name in ("tags", "size")}
    weight = {"size": rng.uniform(0.5, 2, (ROWS, 2)).astype("float32")}
    return x, y, {"mask": mask, "weight": weight}


def poisoned(poison, absent):
    """Return the same with everything replaced that is not observed of the absent heads."""
    x, y, keywords = arrays(absent=absent)
    for name in absent:
        x[name] = np.full_like(x[name], poison)
        if name in keywords["mask"]:
            y[name] = np.full_like(y[name], poison)
    if "size" in absent:
        keywords["weight"]["size"] = np.full_like(keywords["weight"]["size"], poison)
    return x, y, keywords


def tree(function, value):
    """Apply `function` to the arrays in mappings and tuples."""
    if isinstance(value, dict):
        return {name: tree(function, part) for name, part in value.items()}
    if type(value) is tuple:
        return tuple(tree(function, part) for part in value)
    return function(value) if type(value) is np.ndarray else value


def on(backend, value):
    return tree(backend.asarray, value)


def flat(result):
    """Return the arrays of a result in the order of the heads."""
    if isinstance(result, ml.ObjectiveValue):
        return [result.total, *flat(result.values), *flat(result.counts)]
    return list(result.values() if isinstance(result, dict) else result)


def numbers(*results):
    """Return the arrays of results as NumPy's."""
    return [asnumpy(array) for result in results for array in flat(result)]


def everything(backend, x, y, keywords, objective=OBJECTIVE):
    """Return value, gradients and Hessian diagonals as lists of NumPy arrays."""
    x, y, keywords = on(backend, (x, y, keywords))
    value, gradients = ml.value_and_grad(objective)(x, y, **keywords)
    again, hessians = ml.grad_and_hessian(objective)(x, y, **keywords)
    assert_same([numbers(gradients)], [numbers(again)])
    return [numbers(part) for part in (value, gradients, hessians)]


def of_head(keywords, name):
    return {key: given[name] for key, given in keywords.items() if name in given}


def assert_same(got, want):
    for part, wanted in zip(got, want, strict=True):
        for one, other in zip(part, wanted, strict=True):
            np.testing.assert_array_equal(one, other)


by_learned = pytest.mark.parametrize("learned", [False, True], ids=["fixed", "learned"])


def steps(backend):
    """Return the arguments of a whole batch, and of its parts, one of which lacks heads."""
    x, y, keywords = arrays()

    def part(rows):
        return tree(lambda a: a[rows], (x, y, keywords))

    parts = [part(slice(k, k + 1)) for k in range(ROWS)]
    return on(backend, (x, y, keywords)), [on(backend, p) for p in parts]
