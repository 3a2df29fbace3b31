"""PyTorch."""

from __future__ import annotations

import contextlib
from contextlib import AbstractContextManager

import torch
from array_api_compat import torch as compat

from maskloss._arrays.namespace import Mode, Namespace
from maskloss._arrays.torch_private import (
    dispatch_stack_length,
    is_functorch_wrapped,
    is_jit_tracing,
)
from maskloss._arrays.typing import Array, Shape

_PLAIN = (torch.Tensor, torch.nn.Parameter)


class TorchNamespace(Namespace):
    """The functions of `array_api_compat.torch`, and torch's own where those cannot be traced."""

    def __init__(self) -> None:
        super().__init__(compat)
        # All at once: Dynamo would have to trace each look-up that stores what it found.
        own = {name for name in dir(compat) if not name.startswith("_")} - {*dir(type(self))}
        vars(self).update({name: getattr(compat, name) for name in own})
        vars(self).update(index_dtype=torch.int64)

    def mode(self, array: Array) -> Mode:
        """Return how a tensor is computed with."""
        if torch.compiler.is_compiling():
            return "compiled"
        return "tensor" if self.is_readable(array) else "other"

    def is_readable(self, array: Array) -> bool:
        """Return whether values can be read: a plain tensor on a CPU that nothing traces."""
        return (
            not torch.compiler.is_compiling()
            and type(array) in _PLAIN
            and array.device.type == "cpu"
            and not is_functorch_wrapped(array)
            and dispatch_stack_length() == 0
            and not is_jit_tracing()
        )

    def stop_gradient(self, array: Array) -> Array:
        """Return a tensor as a constant for autograd."""
        return array.detach()

    def ignore_fp_errors(self) -> AbstractContextManager[object]:
        """Return a context that does nothing: torch does not warn."""
        return contextlib.nullcontext()

    def sum_along(self, array: Array, axes: Shape) -> Array:
        """Sum along `axes`, keeping them.

        Inductor (torch 2.13) adds one by one on a CPU: 32000 numbers are off by 40 epsilons.
        """
        is_inductor = torch.compiler.is_compiling() and array.device.type == "cpu"
        if is_inductor and array.dtype == torch.float32:
            return torch.sum(array, axes, keepdim=True, dtype=torch.float64).float()
        return compat.sum(array, axis=axes, keepdims=True)

    def cumulative_sum(self, array: Array, axis: int) -> Array:
        """Sum each row up to each element; Dynamo refuses the compat function's namespace."""
        return torch.cumsum(array, axis)

    def take_along_axis(self, array: Array, index: Array, axis: int) -> Array:
        """Take elements of each row.

        `torch.take_along_dim` (torch 2.13) is compiled again for each batch size.
        """
        if index.shape[axis] == 1 and torch.compiler.is_compiling():
            # Inductor fuses this with its surroundings, the derivative of a gather with nothing.
            taken = torch.where(self.one_hot_mask(array, index, axis), array, 0.0)
            return torch.sum(taken, axis, keepdim=True)
        return torch.gather(array, axis, index)

    def gather_nd(self, array: Array, indices: tuple[Array, ...]) -> Array:
        """Return the element at each position; an index of uint8 would be a mask."""
        return array[tuple(index.long() for index in indices)]

    def scatter_add(self, like: Array, indices: tuple[Array, ...], values: Array) -> Array:
        """Return zeros like a tensor with values added at positions."""
        zeros = torch.zeros_like(like)
        return zeros.index_put(tuple(index.long() for index in indices), values, accumulate=True)

    def _bincount(self, place: Array, size: int) -> Array:
        zeros = torch.zeros(size, dtype=place.dtype, device=place.device)
        return zeros.scatter_add(0, place, torch.ones_like(place))

    def _multi_hot(self, found: Array, place: Array) -> Array:
        return found.scatter(-1, place, place >= 0)


xp = TorchNamespace()
