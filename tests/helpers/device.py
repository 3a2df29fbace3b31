"""Tensors of a CPU, treated as those of an accelerator."""

import contextlib

import pytest

import maskloss as ml
from maskloss._evaluation import torch_device


@contextlib.contextmanager
def as_device():
    """Give tensors of a CPU to the evaluator of accelerators, which reads no value.

    Yield the list of its calls.
    """
    from maskloss._arrays.torch import TorchNamespace

    calls, evaluate = [], torch_device.evaluate_on_device

    def counted(*args, **kwargs):
        calls.append(args)
        return evaluate(*args, **kwargs)

    with pytest.MonkeyPatch.context() as patch, ml.fused(False):
        patch.setattr(TorchNamespace, "is_readable", lambda *_: False)
        patch.setattr(TorchNamespace, "mode", lambda *_: "device")
        patch.setattr(torch_device, "evaluate_on_device", counted)
        yield calls
