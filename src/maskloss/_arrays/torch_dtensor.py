"""DTensors of PyTorch: tensors whose parts lie in several processes.

Helper arrays are DTensors beside the given one, and an element of a row is read without a gather.
Nothing here needs more communication than torch's own functions of the same arrays.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch.distributed.device_mesh import DeviceMesh
from torch.distributed.tensor import DTensor, Replicate, Shard

from .namespace import Namespace
from .torch import TorchNamespace
from .torch import xp as torch_xp
from .typing import Array, Shape

_NO_INDICES = (
    "labels of `Observed` are not computed beside a DTensor; pass labels of the prediction's shape"
)


class DTensorNamespace(TorchNamespace):
    """The functions of PyTorch that are right for DTensors."""

    def check_arrays(self, arrays: Mapping[str, Array]) -> None:
        """Refuse DTensors of several meshes."""
        super().check_arrays(arrays)
        first, *others = arrays
        for name in others:
            if arrays[name].device_mesh != arrays[first].device_mesh:
                msg = (
                    f"all DTensors must be on one mesh, got `{first}` on "
                    f"{arrays[first].device_mesh} and `{name}` on {arrays[name].device_mesh}; call "
                    f"`distribute_tensor` with the mesh of `{first}`"
                )
                raise ValueError(msg)

    def has_other_processes(self) -> bool:
        """Return False: a DTensor is the whole batch in every process."""
        return False

    def takes(self, other: Namespace) -> bool:
        """Return whether arrays of another namespace are converted: plain tensors are."""
        return other is torch_xp

    def convert(self, array: Array, like: Array) -> Array:
        """Return a plain tensor as a DTensor; every process must have the whole tensor."""
        is_short = any(1 < own < size for own, size in zip(array.shape, like.shape, strict=False))
        if is_short and array.shape == like.to_local().shape:
            msg = (
                f"a plain tensor of shape {tuple(array.shape)} beside a DTensor of shape "
                f"{tuple(like.shape)} looks like the part of one process; pass it whole, or as a "
                f"DTensor: `distribute_tensor` of the whole, `DTensor.from_local` of the part"
            )
            raise ValueError(msg)
        mesh = like.device_mesh
        return DTensor.from_local(array, mesh, _replicated(mesh), run_check=False)

    def number_like(self, value: float, dtype: object, like: Array) -> Array:
        """Return a number as a DTensor: torch does not broadcast a plain one."""
        return self.convert(super().number_like(value, dtype, like), like)

    def asarray_like(self, numbers: Any, like: Array) -> Array:
        """Return a bool or a list of numbers as a DTensor, whole in every process."""
        plain = torch.asarray(numbers, device=like.device)
        mesh = like.device_mesh
        return DTensor.from_local(plain, mesh, _replicated(mesh), run_check=False)

    def any(self, x: Array, /, *, axis: int | Shape | None = None, keepdims: bool = False) -> Array:
        """Return whether any element holds.

        torch's `any` (2.13) returns a pending sum of bools, which later operations read as each
        process's own result.
        """
        return self._module.sum(x, axis=axis, keepdims=keepdims, dtype=torch.int64) > 0

    def all(self, x: Array, /, *, axis: int | Shape | None = None, keepdims: bool = False) -> Array:
        """Return whether all elements hold; torch's own has the fault of its `any`."""
        return ~self.any(~x, axis=axis, keepdims=keepdims)

    def reshape(self, array: Array, shape: Shape) -> Array:
        """Reshape a DTensor; if axes are merged, every process gets the whole tensor.

        torch (2.13) merges only axes that are split evenly, and gives placements that few of its
        functions take.
        """
        before, after = ([n for n in sizes if n != 1] for sizes in (array.shape, shape))
        if before != after:
            array = array.redistribute(placements=_replicated(array.device_mesh))
        return torch.reshape(array, shape)

    def one_hot_mask(self, array: Array, index: Array, axis: int) -> Array:
        """Return True at the element of each row whose position along `axis` is `index`."""
        return self._places(array, axis) == index

    def positions_along(self, array: Array, axis: int) -> Array:
        """Return the position of each element along an axis, in the shape of `array`."""
        return self._places(array, axis) + torch.zeros_like(array, dtype=torch.int64)

    def take_along_axis(self, array: Array, index: Array, axis: int) -> Array:
        """Take elements of each row.

        A gather (torch 2.13) along an axis in several processes fails in the gradient.
        """
        if index.shape[axis] == 1:
            taken = torch.where(self.one_hot_mask(array, index, axis), array, 0)
            return torch.sum(taken, axis, keepdim=True, dtype=array.dtype)
        return torch.gather(_whole_along(array, axis), axis, _whole_along(index, axis))

    def gather_nd(self, *_: object) -> Array:
        """Refuse indices along every axis."""
        raise TypeError(_NO_INDICES)

    def scatter_add(self, *_: object) -> Array:
        """Refuse indices along every axis."""
        raise TypeError(_NO_INDICES)

    def _places(self, array: Array, axis: int) -> Array:
        """Return 0, 1, ... along an axis, in the processes that have these elements."""
        axis %= array.ndim
        size = array.shape[axis]
        shape = [size if k == axis else 1 for k in range(array.ndim)]
        places = torch.arange(size, device=array.device).reshape(shape)
        here = [p if p == Shard(axis) else Replicate() for p in array.placements]
        return self.convert(places, array).redistribute(placements=here)


def _replicated(mesh: DeviceMesh) -> list[Replicate]:
    """Return the placements of a tensor that every process has whole."""
    return [Replicate()] * mesh.ndim


def _whole_along(array: Any, axis: int) -> Any:
    """Return a DTensor whose rows along an axis are whole in every process."""
    axis %= array.ndim
    whole = [Replicate() if p.is_shard(axis) else p for p in array.placements]
    return array.redistribute(placements=whole)


xp = DTensorNamespace()
