"""Cases on DTensors in two processes, beside the same cases on plain tensors: to be spawned."""

import sys
import tempfile
from pathlib import Path

import numpy as np
import torch
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.tensor import DTensor, Replicate, Shard, distribute_tensor

from tables.cases import KINDS, RICH


def arguments(case):
    """Return prediction and labels, and the keywords, as tensors and numbers."""
    prediction, labels, mask, weight = case.arrays()
    options = {**case.options, "mask": mask, "weight": weight}
    tensors = {k: torch.asarray(v) for k, v in options.items() if isinstance(v, np.ndarray)}
    return torch.asarray(prediction), torch.asarray(labels), {**options, **tensors}


def result(case, x, labels, options):
    """Return the value and the gradient, as plain tensors."""
    x = x.detach().requires_grad_()
    value = case.loss(x, labels, **options)
    (gradient,) = torch.autograd.grad(value, x)
    parts = [value.detach(), gradient]
    return [part.full_tensor() if isinstance(part, DTensor) else part for part in parts]


def wrong(case, mesh, axis, *, splits_labels):
    """Return what is wrong about a case whose prediction is split along an axis, or is not."""
    x, labels, options = arguments(case)
    expected = result(case, x, labels, options)
    place = [Replicate() if axis is None else Shard(axis % x.ndim)]
    if splits_labels:
        is_alike = labels.shape == x.shape or axis == 0
        labels = distribute_tensor(labels, mesh, place if is_alike else [Replicate()])
    try:
        got = result(case, distribute_tensor(x, mesh, place), labels, options)
    except Exception as error:  # noqa: BLE001 - the test shows it
        return f"{type(error).__name__}: {error}".splitlines()[0]
    pairs = zip(expected, got, strict=True)
    is_right = all(torch.allclose(a, b, rtol=1e-12, atol=1e-14) for a, b in pairs)
    return None if is_right else f"{got[0]}, not {expected[0]}"


def run(rank, file):
    """Print what is wrong, and the number of comparisons."""
    torch.set_num_threads(1)
    torch.distributed.init_process_group(
        "gloo", init_method=f"file://{file}", rank=rank, world_size=2
    )
    mesh = init_device_mesh("cpu", (2,))
    lines, number = [], 0
    for k, case in enumerate(RICH):
        for axis in (0, -1, None) if case in KINDS else (0, -1):
            splits_labels = (k + (axis or 0)) % 2 == 0
            found = wrong(case, mesh, axis, splits_labels=splits_labels)
            number += 1
            if found:
                lines.append(f"{case.name}, axis {axis}, labels split {splits_labels}: {found}")
    if rank == 0:
        print(*lines, f"{number} compared", sep="\n")
    torch.distributed.barrier()
    torch.distributed.destroy_process_group()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        torch.multiprocessing.spawn(run, (str(Path(folder, "group")),), nprocs=2)
    sys.stdout.flush()
