"""The rows of all processes, with the gradient of those of this one."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from .._arrays.kinds import type_name
from .._arrays.torch import xp
from ._all_reduce import is_distributed


def all_gather(*arrays: Tensor, group: Any = None, averaged: bool = True) -> tuple[Tensor, ...]:
    """Return the rows of all processes of a group, in the order of the ranks.

    This makes losses of a whole batch exact, such as `nnpu_loss`, `large_loss`, `two_way_loss` or a
    Dice loss over the batch: each process computes the loss of all rows, with the bits of one
    process. Its gradient is right after the engine has averaged gradients over the processes, as
    DistributedDataParallel and FSDP do. For losses whose sums add up, `all_reduce` moves less.

    Every process of the group must call this function, also one without a row. Without an
    initialised `torch.distributed`, it returns its arguments.

    Parameters
    ----------
    *arrays : Tensor, shape (N, ...)
        Predictions, labels, mask, weights: all that the loss takes one of per row. N may differ
        between processes, and may be 0.
    group : ProcessGroup, optional
        The processes with different data, by default all.
    averaged : bool, default: True
        Whether the engine averages gradients over the group. With False, it adds them.

    Returns
    -------
    tuple of Tensor
        The same arrays with the rows of all processes; the rows of the others are constants.

    Raises
    ------
    TypeError
        If an argument is not a tensor.
    ValueError
        In each process, if the arrays of a process differ in their number of rows, or those of two
        processes in number, dtype or the shape of a row.

    Notes
    -----
    There are two collectives, of the shapes and of all arrays as bytes, and none in the backward
    pass. Each process holds the rows of all. Call it outside of functions that torch compiles:
    they cannot exchange shapes.

    Examples
    --------
    >>> import torch
    >>> import maskloss as ml
    >>> from maskloss.torch import all_gather
    >>> logits = torch.tensor([2.0, -1.0, 0.5], requires_grad=True)
    >>> x, y = all_gather(logits, torch.tensor([1, -1, -1]))
    >>> ml.nnpu_loss(x, y, prior=0.5).backward()
    >>> logits.grad.round(decimals=4)
    tensor([-0.1050,  0.0983,  0.1175])
    """
    for array in arrays:
        given: object = array
        if not isinstance(given, Tensor):
            msg = f"all_gather takes tensors, got {type_name(given)}; pass tensors alone"
            raise TypeError(msg)
    if not is_distributed():
        return arrays
    rows = _rows(arrays, group)
    xp.has_gathered = True
    start = sum(rows[: torch.distributed.get_rank(group)])
    processes = len(rows) if averaged else 1
    gathered = _gathered(arrays, rows, group)
    return tuple(
        _with_own(whole, own, start, processes) for whole, own in zip(gathered, arrays, strict=True)
    )


class _Scaled(torch.autograd.Function):  # type: ignore[misc]
    """The identity, whose derivative is a factor: it keeps the bits of NaN and infinity too."""

    generate_vmap_rule = True

    @staticmethod
    def forward(array: Tensor, _: int) -> Tensor:
        return array.view_as(array)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, int], _: Tensor) -> None:
        ctx.factor = inputs[1]

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        return gradient * ctx.factor, None

    @staticmethod
    def jvp(ctx: Any, tangent: Tensor, _: None) -> Tensor:
        return tangent * ctx.factor


def _with_own(whole: Tensor, own: Tensor, start: int, processes: int) -> Tensor:
    """Return the rows of all, those of this process with their gradient."""
    if not own.requires_grad:
        return whole
    parts = whole[:start], _Scaled.apply(own, processes), whole[start + len(own) :]
    return torch.cat(parts)


def _rows(arrays: tuple[Tensor, ...], group: Any) -> list[int]:
    """Return the number of rows of each process; raise in every process if arrays do not fit."""
    kinds = [(str(array.dtype), tuple(array.shape[1:])) for array in arrays]
    lengths = {len(array) if array.ndim else None for array in arrays}
    mine = lengths, kinds
    all_of_them: list[Any] = [None] * torch.distributed.get_world_size(group)
    torch.distributed.all_gather_object(all_of_them, mine, group=group)
    for rank, (found, other) in enumerate(all_of_them):
        if len(found) != 1 or None in found:
            msg = (
                f"all arrays must have one row per sample, the same number in a process, got "
                f"{sorted(map(str, found))} rows in rank {rank}"
            )
            raise ValueError(msg)
        if other != all_of_them[0][1]:
            msg = (
                f"arrays must have the same dtypes and shapes of rows in each process, got "
                f"{all_of_them[0][1]} in rank 0 and {other} in rank {rank}"
            )
            raise ValueError(msg)
    return [found.pop() for found, _ in all_of_them]


def _gathered(arrays: tuple[Tensor, ...], rows: list[int], group: Any) -> list[Tensor]:
    """Return all arrays with the rows of all processes, by one collective of bytes."""
    most = max(rows)
    widths = [math.prod(array.shape[1:]) * array.element_size() for array in arrays]
    own = torch.zeros(most, sum(widths), dtype=torch.uint8, device=arrays[0].device)
    for part, array in zip(own.split(widths, 1), arrays, strict=True):
        flat = array.detach().reshape(len(array), math.prod(array.shape[1:]))
        # `contiguous` keeps the strides of one row or none, which no view as bytes takes.
        flat = flat.clone(memory_format=torch.contiguous_format)
        part[: len(array)] = flat.view(torch.uint8)
    others = [torch.empty_like(own) for _ in rows]
    torch.distributed.all_gather(others, own, group=group)
    whole = torch.cat([part[:number] for part, number in zip(others, rows, strict=True)])
    return [
        part.clone(memory_format=torch.contiguous_format)
        .view(array.dtype)
        .reshape(-1, *array.shape[1:])
        if part.numel()
        else array.new_empty(len(whole), *array.shape[1:])
        for part, array in zip(whole.split(widths, 1), arrays, strict=True)
    ]
