"""PyTorch in a program that `torch.compile` makes kernels of, and that nothing differentiates."""

from __future__ import annotations

import torch

from .namespace import Mode
from .torch import TorchNamespace
from .typing import Array, Shape


class TorchKernelNamespace(TorchNamespace):
    """The functions of torch, with sums that end up in the kernel of their summands.

    Inductor (torch 2.13) computes the sums of rows beside whatever else it computes of their
    elements. Before a sum along several axes at once, it writes every summand to memory.
    """

    def mode(self, array: Array) -> Mode:  # noqa: ARG002
        """Return "other": no closed form is attached for a backward pass."""
        return "other"

    def sum_along(self, array: Array, axes: Shape) -> Array:
        """Sum along `axes`, keeping them; along the last of them first."""
        if len(axes) > 1:
            array = super().sum_along(array, (max(axes),))
            axes = tuple(axis for axis in axes if axis != max(axes))
        return super().sum_along(array, axes)

    def count_nonzero(
        self, array: Array, axis: Shape | None = None, *, keepdims: bool = False
    ) -> Array:
        """Count along some axes, the last one first."""
        if axis is not None and keepdims and len(axis) > 1:
            return torch.sum((array != 0).sum(max(axis), keepdim=True), axis, keepdim=True)
        return torch.sum(array != 0, axis, keepdim=keepdims)


xp = TorchKernelNamespace()
