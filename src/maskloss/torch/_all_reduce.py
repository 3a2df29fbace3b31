"""Sums over all processes, with the gradient of the global result."""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from typing import Any, TypeVar

import torch
from torch import Tensor

from .. import _public as ml
from .._arrays.kinds import type_name
from .._objectives.structure import Structure

S = TypeVar("S", ml.Sums, ml.ObjectiveSums)
_CHECKED: weakref.WeakSet[Any] = weakref.WeakSet()


def all_reduce(sums: S, group: Any = None, *, averaged: bool = True) -> S:
    """Return the sums over all processes of a group, the same bits in each.

    Every process of the group must call this function, with one collective for all parts. A mean of
    the result is the mean over the entries of all processes, and its gradient is right after the
    engine has averaged gradients over the processes, as DistributedDataParallel and FSDP do.
    Without an initialised `torch.distributed`, it returns its argument.

    Parameters
    ----------
    sums : Sums or ObjectiveSums
        The sums of this process, as calls with ``reduction="sums"``, `Sums.means` and `count` of
        maskloss return them; of the same shapes in each process.
    group : ProcessGroup, optional
        The processes with different data, by default all. With tensor or pipeline parallelism,
        these are the processes of one data-parallel dimension of the mesh.
    averaged : bool, default: True
        Whether the engine averages gradients over the group. With False, it adds them.

    Returns
    -------
    Sums or ObjectiveSums
        The sums over the group, in float64.

    Raises
    ------
    TypeError
        If `sums` is neither `Sums` nor `ObjectiveSums`.
    ValueError
        In each process, if the first sums that a group adds have different shapes.

    Notes
    -----
    The backward pass communicates nothing. The first call for a group exchanges shapes as well.

    Examples
    --------
    >>> import torch
    >>> import maskloss as ml
    >>> from maskloss.torch import all_reduce
    >>> x, y = torch.tensor([1.0, 2.0], requires_grad=True), torch.tensor([3.0, -1.0])
    >>> loss = all_reduce(ml.mse_loss(x, y, missing=-1, reduction="sums")).mean()
    >>> loss.backward()
    >>> loss.item(), x.grad
    (4.0, tensor([-4.,  0.]))
    """
    given: object = sums
    if not isinstance(given, ml.Sums | ml.ObjectiveSums):
        msg = (
            f"`sums` must be Sums or ObjectiveSums, got {type_name(sums)}; call the loss with "
            f'reduction="sums"'
        )
        raise TypeError(msg)
    if not is_distributed():
        return sums
    parts = list(_parts(sums))
    _check_shapes(parts, group)
    processes = torch.distributed.get_world_size(group) if averaged else 1
    dtype = torch.float32 if parts[0].device.type == "mps" else torch.float64
    whole = torch.cat([part.detach().to(dtype).reshape(-1) for part in parts])
    torch.distributed.all_reduce(whole, group=group)
    pieces = whole.split([part.numel() for part in parts])
    reduced = [
        _with_gradient(piece.reshape(part.shape), part, processes)
        for piece, part in zip(pieces, parts, strict=True)
    ]
    rebuilt: S = _rebuilt(sums, iter(reduced))
    return rebuilt


def is_distributed() -> bool:
    """Return whether there may be several processes."""
    return bool(torch.distributed.is_available() and torch.distributed.is_initialized())


def _with_gradient(whole: Tensor, own: Tensor, processes: int) -> Tensor:
    """Return the global sum with the gradient of the own one."""
    if not own.is_floating_point():
        return whole.to(own.dtype)
    if not own.requires_grad:
        return whole
    own = own.to(whole.dtype)
    return whole + processes * (own - own.detach())


def _parts(sums: Any) -> Iterator[Tensor]:
    if isinstance(sums, ml.Sums):
        yield from sums
        return
    structure = Structure.of("heads", sums.heads, "")
    for key in structure.keys:
        yield from sums.heads[key]


def _rebuilt(sums: Any, parts: Iterator[Tensor]) -> Any:
    if isinstance(sums, ml.Sums):
        return ml.Sums(next(parts), next(parts), next(parts))
    structure = Structure.of("heads", sums.heads, "")
    return ml.ObjectiveSums(
        structure.build([_rebuilt(sums.heads[k], parts) for k in structure.keys])
    )


def _check_shapes(parts: list[Tensor], group: Any) -> None:
    """Raise in every process if the first sums of a group differ in shape.

    A collective of different sizes kills or hangs the processes. Later sums are not compared: the
    processes would have to agree on when to compare.
    """
    if torch.compiler.is_compiling():
        return
    key = torch.distributed.group.WORLD if group is None else group
    if key in _CHECKED:
        return
    shapes = [tuple(part.shape) for part in parts]
    others: list[Any] = [None] * torch.distributed.get_world_size(group)
    torch.distributed.all_gather_object(others, shapes, group=group)
    if any(other != others[0] for other in others):
        msg = (
            "`sums` must have the same shapes in each process, got the shapes "
            f"{', '.join(map(str, others))} of total, count and weight in the order of the ranks"
        )
        raise ValueError(msg)
    _CHECKED.add(key)
