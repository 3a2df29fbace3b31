"""PyTorch."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from contextlib import AbstractContextManager

import torch
from array_api_compat import torch as compat

from .namespace import Mode, Namespace
from .torch_private import (
    dispatch_stack_length,
    is_functorch_wrapped,
    is_jit_tracing,
)
from .typing import Array, Shape

_HAS_PROCESSES = torch.distributed.is_available()
_PLAIN = (torch.Tensor, torch.nn.Parameter)
_SIGNED = {torch.int8, torch.int16, torch.int32, torch.int64}
_UNSIGNED = {torch.uint8, torch.uint16, torch.uint32, torch.uint64}
_FLOATING = {
    dtype
    for dtype in vars(torch).values()
    if isinstance(dtype, torch.dtype) and dtype.is_floating_point
}
_KINDS: dict[torch.dtype, frozenset[str]] = {
    torch.bool: frozenset({"bool"}),
    **dict.fromkeys(_SIGNED, frozenset({"integral", "signed integer"})),
    **dict.fromkeys(_UNSIGNED, frozenset({"integral", "unsigned integer"})),
    **dict.fromkeys(_FLOATING, frozenset({"real floating"})),
}


class TorchNamespace(Namespace):
    """The functions of `array_api_compat.torch`, or torch's own where Dynamo cannot trace those."""

    index_dtype = torch.int64
    # Those of array-api-compat (1.16) take 1 us more, as long as the arithmetic on 500 numbers.
    finfo = staticmethod(torch.finfo)

    def __init__(self) -> None:
        super().__init__(compat)

    def isdtype(self, dtype: torch.dtype, kind: str | tuple[str, ...]) -> bool:
        """Return whether a dtype is of a kind, or of one of several kinds."""
        kinds = (kind,) if isinstance(kind, str) else kind
        return not _KINDS.get(dtype, frozenset()).isdisjoint(kinds)

    def check_arrays(self, arrays: Mapping[str, Array]) -> None:
        """Refuse tensors that are not dense, and tensors of several devices."""
        first = device = None
        for name, tensor in arrays.items():
            is_subclass = type(tensor) not in _PLAIN
            if (
                tensor.layout is not torch.strided
                or tensor.is_nested
                or tensor.is_quantized
                or (is_subclass and _is_masked(tensor))
            ):
                raise TypeError(_not_dense(name, tensor))
            if first is None:
                first, device = name, tensor.device
            elif tensor.ndim and tensor.device != device:
                msg = (
                    f"all tensors must be on one device, got `{first}` on {device} and `{name}` on "
                    f"{tensor.device}; move it: {name}.to({str(device)!r})"
                )
                raise ValueError(msg)

    def widened(self, array: Array) -> Array:
        """Return numbers in 64 bits; MPS (torch 2.13) has no float64."""
        if array.device.type == "mps" and array.is_floating_point():
            return array
        return array.to(torch.float64 if array.is_floating_point() else torch.int64)

    # Whether `maskloss.torch.all_gather` has put batches together: its user needs no warning.
    has_gathered = False

    def has_other_processes(self) -> bool:
        """Return whether torch.distributed has more than one process with parts of a batch."""
        if not _HAS_PROCESSES or self.has_gathered or torch.compiler.is_compiling():
            return False
        group = torch.distributed
        return bool(group.is_initialized() and group.get_world_size() > 1)

    def mode(self, array: Array) -> Mode:
        """Return how torch computes with a tensor."""
        if torch.compiler.is_compiling():
            return "compiled"
        if type(array) not in _PLAIN or is_jit_tracing():
            return "other"
        if is_functorch_wrapped(array):
            return "transformed"
        if not array.is_cpu:
            return "device"
        return "tensor" if dispatch_stack_length() == 0 else "other"

    def is_readable(self, array: Array) -> bool:
        """Return whether values can be read: a plain tensor on a CPU, outside a trace."""
        return (
            not torch.compiler.is_compiling()
            and type(array) in _PLAIN
            and array.is_cpu
            and not is_functorch_wrapped(array)
            and dispatch_stack_length() == 0
            and not is_jit_tracing()
        )

    def stop_gradient(self, array: Array) -> Array:
        """Return a tensor as a constant for autograd."""
        return array.detach()

    def savable(self, array: Array) -> Array:
        """Return a tensor that autograd may save: a copy of one that was made in inference mode."""
        if torch.compiler.is_compiling() or not torch.is_grad_enabled():
            return array
        return array.clone() if array.is_inference() else array

    def ignore_fp_errors(self) -> AbstractContextManager[object]:
        """Return a context that does nothing: torch never warns."""
        return contextlib.nullcontext()

    def sum_along(self, array: Array, axes: Shape) -> Array:
        """Sum along `axes`, keeping them.

        Inductor (torch 2.13) sums sequentially on a CPU: 32000 numbers are off by 40 epsilons.
        """
        is_inductor = torch.compiler.is_compiling() and array.device.type == "cpu"
        if is_inductor and array.dtype == torch.float32:
            return torch.sum(array, axes, keepdim=True, dtype=torch.float64).float()
        return compat.sum(array, axis=axes, keepdims=True)

    def cumulative_sum(self, array: Array, axis: int) -> Array:
        """Return the cumulative sum of each row; Dynamo cannot trace array-api-compat 1.16's."""
        return torch.cumsum(array, axis)

    def take_along_axis(self, array: Array, index: Array, axis: int) -> Array:
        """Take elements of each row.

        Dynamo (torch 2.13) recompiles `torch.take_along_dim` for each batch size.
        """
        if index.shape[axis] == 1 and torch.compiler.is_compiling():
            # Inductor (torch 2.13) fuses this with other operations, but no derivative of a gather.
            taken = torch.where(self.one_hot_mask(array, index, axis), array, 0.0)
            return torch.sum(taken, axis, keepdim=True)
        return torch.gather(array, axis, index)

    def gather_nd(self, array: Array, indices: tuple[Array, ...]) -> Array:
        """Return the element at each position; torch takes a uint8 index for a mask."""
        return array[tuple(index.long() for index in indices)]

    def scatter_add(self, like: Array, indices: tuple[Array, ...], values: Array) -> Array:
        """Return zeros like a tensor with values added at positions."""
        zeros = torch.zeros_like(like)
        return zeros.index_put(tuple(index.long() for index in indices), values, accumulate=True)

    def _bincount(self, index: Array, size: int) -> Array:
        zeros = torch.zeros(size, dtype=index.dtype, device=index.device)
        return zeros.scatter_add(0, index, torch.ones_like(index))

    def _multi_hot(self, found: Array, index: Array) -> Array:
        return found.scatter(-1, index, index >= 0)


def _is_masked(tensor: Array) -> bool:
    # By name: `torch.masked` need not be imported.
    return type(tensor).__name__ == "MaskedTensor"


def _not_dense(name: str, tensor: Array) -> str:
    if _is_masked(tensor):
        got, advice = "MaskedTensor", "pass its `get_data()`, and its `get_mask()` as `mask`"
    elif tensor.is_nested:
        got, advice = "a nested tensor", "call `to_padded_tensor`, and mark the padding as missing"
    elif tensor.is_quantized:
        got, advice = "a quantised tensor", "call `dequantize`"
    else:
        got, advice = str(tensor.layout), "call `to_dense`"
    return f"`{name}` must be a dense tensor, got {got}; {advice}"


xp = TorchNamespace()
