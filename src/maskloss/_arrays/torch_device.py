"""PyTorch on an accelerator, for operations that nothing differentiates.

Each operation is a kernel that moves its arguments and results through the accelerator's memory. So
kernels that fuse several steps take the place of compositions, and constants are created once.
"""

from __future__ import annotations

import copy

import torch

from .torch import TorchNamespace
from .typing import Array


class TorchDeviceNamespace(TorchNamespace):
    """The functions of torch for one call."""

    differentiates = False
    has_kernels = True

    def __init__(self) -> None:
        super().__init__()
        self._constants: dict[object, Array] = {}

    def where(self, condition: Array, first: Array | float, second: Array | float) -> Array:
        """Return `first` where the condition holds, else `second`."""
        if isinstance(first, torch.Tensor):
            return torch.where(condition, first, self.constant(second, first))
        if isinstance(second, torch.Tensor):
            return torch.where(condition, self.constant(first, second), second)
        return torch.where(condition, first, second)

    def put_along_axis(self, array: Array, index: Array, values: Array | float, axis: int) -> Array:
        """Replace one element of each row, in place."""
        if isinstance(values, torch.Tensor):
            values = values.expand_as(index)
        return array.scatter_(axis, index, values)

    def sum_without(self, array: Array, index: Array, axis: int) -> Array:
        """Sum each row without one element, keeping the axis."""
        others = self.where(self.one_hot_mask(array, index, axis), 0.0, array)
        return self.sum_along(others, (axis,))

    def copy(self, array: Array) -> Array:
        """Return a copy of a tensor."""
        return array.clone()

    def astype(self, array: Array, dtype: torch.dtype) -> Array:
        """Cast a tensor; without a copy where it has the dtype, as no operation changes it."""
        return array.to(dtype)

    def square(self, x: Array) -> Array:
        """Return x * x."""
        return torch.square(x)

    def multiply_add(self, a: Array, b: Array, c: Array, factor: float = 1.0) -> Array:
        """Return factor * a * b + c; the factor is 1 or -1."""
        return torch.addcmul(c, a, b, value=factor)

    def add_times(self, a: Array, b: Array, factor: float) -> Array:
        """Return a + factor * b."""
        return torch.add(a, b, alpha=factor)

    def one_minus(self, array: Array, factor: float) -> Array:
        """Return 1 - factor * array."""
        return torch.rsub(array, 1, alpha=factor)

    def finite_or_0(self, x: Array) -> Array:
        """Return x, with 0 in place of infinities and NaN."""
        return torch.nan_to_num(x, nan=0.0, posinf=0.0, neginf=0.0)

    def at_least_one(self, count: Array) -> Array:
        """Return counts, with 1 in place of 0."""
        return count.clamp(min=1)

    def signs(self, x: Array) -> Array:
        """Return -1, 0 or 1, and NaN for NaN, which `torch.sign` would make 0."""
        # One factor would leave the smallest number below 1.
        large = torch.finfo(x.dtype).max
        return x.mul(large).mul_(large).clamp_(-1, 1)

    def relu(self, x: Array) -> Array:
        """Return max(0, x), and NaN for NaN."""
        return torch.relu(x)

    def clip(self, x: Array, low: float, high: float) -> Array:
        """Clip x to [low, high]; NaN stays NaN."""
        return torch.clamp(x, low, high)

    def softplus(self, x: Array) -> Array:
        """Return log(1 + exp(x)); torch's default threshold, 20, is for float32."""
        return torch.nn.functional.softplus(x, threshold=40)

    def sigmoid(self, x: Array) -> Array:
        """Return 1 / (1 + exp(-x))."""
        return torch.sigmoid(x)

    def minus_abs(self, x: Array) -> Array:
        """Return -abs(x)."""
        return torch.copysign(x, -1.0)

    def copysign(self, size: Array, x: Array) -> Array:
        """Return `size` with the sign bit of x."""
        return torch.copysign(size, x)

    def is_positive_minus(self, x: Array, array: Array) -> Array:
        """Return 1 - array where the sign bit of x is 0, and -array elsewhere."""
        # `torch.sub` refuses bools.
        return torch.add(torch.signbit(x).logical_not_(), array, alpha=-1)

    def constant(self, value: Array | float, like: Array) -> Array | float:
        """Return a number as a tensor, the same for the whole call: each is a kernel."""
        if isinstance(value, torch.Tensor) or not like.is_floating_point():
            return value
        key = (str(value), like.dtype, like.device)  # NaN does not equal itself
        if key not in self._constants:
            self._constants[key] = torch.full((), value, dtype=like.dtype, device=like.device)
        return self._constants[key]


_EMPTY = TorchDeviceNamespace()


def device_namespace() -> TorchDeviceNamespace:
    """Return a namespace whose constants last as long as one call.

    Longer-lived ones could belong to a fake tensor mode or to the capture of a CUDA graph.
    """
    fresh = copy.copy(_EMPTY)
    fresh._constants = {}  # noqa: SLF001 - of its own class
    return fresh
