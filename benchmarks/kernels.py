"""Kernels, memory traffic and peak memory of torch's operations, counted without an accelerator.

Every operation that reaches the dispatcher and is no view is a kernel. Every byte of its arguments
and results is traffic; an operation in place counts its result too. Nothing is computed: the
tensors are of torch's meta device. So the numbers are exact, the same on every machine.
"""

import weakref
from dataclasses import dataclass

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves


@dataclass(frozen=True)
class Cost:
    """What some work costs.

    Attributes
    ----------
    kernels : int
        The number of kernels.
    passes : float
        Bytes moved, by the bytes of the prediction.
    peak : float
        Most memory alive beyond the arguments, by the bytes of the prediction.
    """

    kernels: int
    passes: float
    peak: float

    def __str__(self):
        return f"{self.kernels} / {self.passes:.1f} / {self.peak:.1f}"


def count(work, prediction, *others):
    """Run `work` with tensors of the meta device, its arguments, and return its cost."""
    counter = _Counter([prediction, *others])
    with counter:
        work(prediction, *others)
    size = _size(prediction)
    return Cost(counter.kernels, counter.moved / size, counter.peak / size)


class _Counter(TorchDispatchMode):
    def __init__(self, arguments):
        super().__init__()
        self.kernels = self.moved = self.peak = self._alive = 0
        self._known = {_storage(tensor)._cdata: None for tensor in arguments}

    def __torch_dispatch__(self, operation, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        result = operation(*args, **kwargs)
        read = {name: value for name, value in kwargs.items() if name != "out"}
        given, made = _tensors((args, read)), _tensors(result)
        if made and not (operation.is_view or _only_allocates(operation)):
            self.kernels += 1
            self.moved += sum(map(_size, [*given, *made]))
        for tensor in made:
            self._watch(_storage(tensor))
        return result

    def _watch(self, storage):
        """Count the memory of a storage until it is freed."""
        key, size = storage._cdata, storage.nbytes()
        if key in self._known:
            return

        def free(_):
            self._alive -= size
            del self._known[key]

        self._known[key] = weakref.ref(storage, free)
        self._alive += size
        self.peak = max(self.peak, self._alive)


def _only_allocates(operation):
    return operation.name().startswith(("aten::empty", "aten::new_empty", "aten::detach"))


def _tensors(tree):
    return [leaf for leaf in tree_leaves(tree) if isinstance(leaf, torch.Tensor)]


def _storage(tensor):
    return tensor.untyped_storage()


def _size(tensor):
    return tensor.numel() * tensor.element_size()
