"""Cases on DTensors in two processes, beside the same cases on plain tensors: to be spawned."""

import sys
import tempfile
from pathlib import Path

import numpy as np
import torch
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.tensor import DTensor, Replicate, Shard, distribute_tensor

import maskloss as ml
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


# Where features and the rows of the matrix of a layer are.
LAYERS = [(Replicate(), Shard(0)), (Shard(0), Replicate()), (Replicate(), Replicate())]
OPTIONS = [
    {"class_weight": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0], "mask": True},
    {"weight": 2.0, "label_smoothing": 0.1, "divisor": 3},
]


def layer_result(arrays, options):
    """Return value and gradients of a layer, as plain tensors."""
    *layer, labels = arrays
    features, matrix, bias = (array.detach().requires_grad_() for array in layer)
    value = ml.linear_cross_entropy(features, matrix, labels, bias, missing=-1, **options)
    parts = [value.detach(), *torch.autograd.grad(value, [features, matrix, bias])]
    return [part.full_tensor() if isinstance(part, DTensor) else part for part in parts]


def wrong_layers(mesh):
    """Yield the layers, also with a matrix split along the classes, that differ from plain ones."""
    generator = torch.Generator().manual_seed(0)
    shapes = ((4, 3), (6, 3), (6,))
    layer = [torch.randn(s, generator=generator, dtype=torch.float64) for s in shapes]
    labels = torch.tensor([0, 5, 2, -1])
    for options in OPTIONS:
        expected = layer_result([*layer, labels], options)
        for features, rows in LAYERS:
            places = (features, rows, rows)
            pairs = zip(layer, places, strict=True)
            split = [distribute_tensor(array, mesh, [place]) for array, place in pairs]
            got = layer_result([*split, labels], options)
            both = zip(expected, got, strict=True)
            if not all(torch.allclose(a, b, rtol=1e-12, atol=1e-14) for a, b in both):
                yield f"layer, {places}, {options}: {got[0]}, not {expected[0]}"


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
    lines += wrong_layers(mesh)
    if rank == 0:
        print(*lines, f"{number} compared", sep="\n")
    torch.distributed.barrier()
    torch.distributed.destroy_process_group()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        torch.multiprocessing.spawn(run, (str(Path(folder, "group")),), nprocs=2)
    sys.stdout.flush()
