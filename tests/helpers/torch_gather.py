"""Losses of a whole batch whose rows lie in several processes, beside one process."""

import re
import warnings

import numpy as np
import torch

import maskloss as ml
import maskloss.torch as mt
from tables.cases import CASES


def tensor(value):
    return torch.asarray(value) if isinstance(value, np.ndarray) else value


def is_of_batch(case):
    """Return whether a loss does not split by rows, the first axis."""
    x, y, *_ = case.arrays()
    is_region = "spatial_axes" in case.options and 0 in case.row_axes(x.shape)
    return (not case.is_split or is_region) and x.shape[:1] == y.shape[:1]


def value_and_gradient(case, x, y, options, leaf):
    value = case.loss(x, y, **options)
    return value.detach(), torch.autograd.grad(value, leaf)[0]


def compared(case, rows, averaged):
    """Return the results of one process, those with `all_gather`, and those of the rows alone."""
    x, y, mask, weight = case.arrays()
    arrays = {**case.options, "mask": mask, "weight": weight}
    names = [*case.lined_up(x.shape), "mask", "weight"]
    has_rows = {name for name in names if np.shape(arrays[name])[:1] == x.shape[:1]}
    whole = {k: tensor(v) for k, v in arrays.items()}
    own = {k: tensor(v[rows] if k in has_rows else v) for k, v in arrays.items()}
    leaf = torch.asarray(x).requires_grad_()
    want = value_and_gradient(case, leaf, torch.asarray(y), whole, leaf)
    mine, labels = torch.asarray(x[rows]).requires_grad_(), torch.asarray(y[rows])
    names = sorted(has_rows)
    gathered = mt.all_gather(mine, labels, *(own[name] for name in names), averaged=averaged)
    options = {**own, **dict(zip(names, gathered[2:], strict=True))}
    got = value_and_gradient(case, *gathered[:2], options, mine)
    alone = value_and_gradient(case, mine, labels, own, mine)
    return (want[0], want[1][rows]), got, alone


def same_bits(one, other):
    return one.shape == other.shape and bool(torch.equal(one.nan_to_num(9), other.nan_to_num(9)))


def whole_batches(rank, rows_of, ranks):
    """Value and gradient have the bits of one process; means of local losses are others."""
    lines, number, apart = [], 0, 0
    for case in filter(is_of_batch, CASES):
        rows = rows_of(rank, len(case.arrays()[0]))
        for averaged in (True, False):
            want, got, alone = compared(case, rows, averaged)
            gradient = got[1] / ranks if averaged else got[1]
            if not (same_bits(want[0], got[0]) and same_bits(want[1], gradient)):
                lines.append(f"{case.name}, averaged {averaged}: {got[0]}, not {want[0]}")
        mean = alone[0].double() / ranks
        torch.distributed.all_reduce(mean)
        apart += not torch.allclose(mean, want[0].double(), rtol=1e-6)
        number += 1
    if not (number > 10 and apart > number / 2):
        lines.append(f"{number} compared, of which {apart} differ from means of local losses")
    return [*lines, *_without_warning(), *_any_strides(rank), *_mistakes(rank)]


def _without_warning():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        x, y = mt.all_gather(torch.zeros(2, 3), torch.ones(2, 3, dtype=torch.int8))
        ml.selective_asymmetric_loss(x, y)
    return [str(warning.message) for warning in caught]


def _any_strides(rank):
    """One row or none of a column has strides that are not those of a row in memory."""
    whole = torch.arange(12.0).reshape(4, 3)
    own = whole[rank : rank + 1] if rank < 2 else whole[:0]
    arrays = (own[:, 1], own[:, :1].expand(-1, 4), own.T.contiguous().T)
    column, same, rows = mt.all_gather(*arrays)
    right = column.tolist() == [1, 4] and same.tolist() == [[0] * 4, [3] * 4]
    return [] if right and torch.equal(rows, whole[:2]) else [f"strides: {column}, {same}, {rows}"]


def _mistakes(rank):
    """Mistakes of one process raise in each."""
    lines, one = [], torch.zeros(2, 3)
    for name, arrays, says in (
        ("rows", (one, one[rank > 2 :]), "same number in a process, got"),
        ("no rows", (one, torch.tensor(1.0)), "one row per sample"),
        ("dtypes", (one.double() if rank == 1 else one,), "float64.*in rank 1"),
        ("row", (one[:, rank > 0 :],), "same dtypes and shapes of rows"),
    ):
        try:
            mt.all_gather(*arrays)
            lines.append(f"{name}: nothing raised")
        except ValueError as error:
            lines += [] if re.search(says, str(error)) else [f"{name}: {error}"]
    return lines
