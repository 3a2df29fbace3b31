"""The task on files of gigabytes that are mapped into memory instead of read."""

import functools
import tempfile
from pathlib import Path

import exact
import numpy as np
from arrays import entrywise
from room import ask_for
from task import Target, Task

import maskloss as ml

BCE = ml.binary_cross_entropy_with_logits


def value(*arrays, mask):
    return (BCE(*arrays, mask=mask),)


def task(name, function, sizes):
    """Repeat one block: as a large file, and as a small file that is read as often."""
    x, y, mask = entrywise(sizes.block, 0.3)
    blocks, number = (x, y.astype("int8"), mask), sizes.blocks
    large = functools.cache(lambda: mapped(blocks, number))
    small = functools.cache(lambda: mapped(blocks, 1))

    def ours():
        x, y, mask = large()
        value, *gradients = function(x, y, mask=mask)
        return value, *(part.reshape(number, *sizes.block) for part in gradients)

    def theirs():
        x, y, mask = small()
        for _ in range(number):
            results = function(x, y, mask=mask)
        return of_all(results)

    def of_all(results):
        value, *gradients = results
        return value, *(np.broadcast_to(g / number, (number, *g.shape)) for g in gradients)

    return Task(
        f"NumPy, 2 GB memmap, {name}",
        "itself at 2 MB, per entry",
        Target(0.8, megabytes=64),
        ours,
        theirs,
        lambda: of_all(exact.bce(x, y, mask)[: len(function(x, y, mask=mask))]),
        counter="tracemalloc",
    )


def mapped(blocks, number):
    """Return memory-mapped arrays of `number` blocks; their files are deleted already."""
    size = number * sum(block.nbytes for block in blocks)
    gradient = number * blocks[0].nbytes
    ask_for(memory=size + gradient, disk=size)
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, str(place)) for place in range(len(blocks))]
        return [_written(path, block, number) for path, block in zip(paths, blocks, strict=True)]


def _written(path, block, number):
    with path.open("wb") as file:
        for _ in range(number):
            file.write(block.data)
    rows, columns = block.shape
    return np.memmap(path, block.dtype, "r", shape=(number * rows, columns))


TASKS = (
    functools.partial(task, "value", value),
    functools.partial(task, "value and gradient", ml.value_and_grad(BCE)),
)
