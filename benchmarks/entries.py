"""Mean loss and count of a table of many entries in bounded memory, by three ways to store it.

`python benchmarks/entries.py --entries 1e9 --folder DIR` writes logits, labels and mask once for
each way, computes the mean, and prints the time and the peak of the memory that the process had
taken for itself. Pages of mapped files are not among it: the system takes them back when it likes.
"""

import argparse
import multiprocessing
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
from memory import own_peak
from room import ask_for

import maskloss as ml

COLUMNS, BLOCK = 1000, 10_000  # rows of a block that is written again and again
BCE = ml.binary_cross_entropy_with_logits


def block():
    rng = np.random.default_rng(0)
    shape = BLOCK, COLUMNS
    labels = np.where(rng.random(shape) < 0.7, -1, rng.integers(0, 2, shape)).astype("int8")
    return rng.standard_normal(shape, "float32"), labels


def write_files(folder, blocks):
    x, y = block()
    for name, array in (("x", x), ("y", y)):
        with Path(folder, name).open("wb") as file:
            file.writelines(array.data for _ in range(blocks))


def mapped(folder, blocks):
    shape = blocks * BLOCK, COLUMNS
    return [
        np.memmap(Path(folder, name), dtype, "r", shape=shape)
        for name, dtype in (("x", "float32"), ("y", "int8"))
    ]


def memmap(folder, blocks):
    return BCE(*mapped(folder, blocks), missing=-1, reduction="sums")


class Sliced:
    """An array that is read slice by slice: dask 2026.8 copies a memmap into memory as a whole."""

    def __init__(self, array):
        self.array, self.shape, self.dtype, self.ndim = array, array.shape, array.dtype, array.ndim

    def __getitem__(self, index):
        return self.array[index]


def dask(folder, blocks):
    import dask
    import dask.array as da

    # Without a name, dask hashes the array, and pickles all of it for that.
    arrays = [
        da.from_array(Sliced(array), chunks=(BLOCK // 10, -1), name=False)
        for array in mapped(folder, blocks)
    ]
    with dask.config.set(scheduler="threads", num_workers=2):
        return ml.Sums(*dask.compute(*BCE(*arrays, missing=-1, reduction="sums")))


def write_parquet(folder, blocks):
    import pyarrow as pa
    import pyarrow.parquet as pq

    # One column of all entries: tables of a thousand columns are read one column at a time.
    x, y = (array.reshape(-1) for array in block())
    table = pa.table({"x": x, "y": pa.array(y, mask=y < 0)})
    with pq.ParquetWriter(Path(folder, "table.parquet"), table.schema) as writer:
        for _ in range(blocks):
            writer.write_table(table)


def arrow(folder, _):
    import pyarrow.parquet as pq

    # With its default, pyarrow 26 keeps all that it has read.
    file = pq.ParquetFile(Path(folder, "table.parquet"), pre_buffer=False)
    sums = 0
    for batch in file.iter_batches(batch_size=2**20):
        labels, mask, _ = ml.from_table(batch["y"])
        logits = batch["x"].to_numpy()
        sums += BCE(logits, labels, mask=mask, reduction="sums")
    return sums


WAYS = {
    "memmap": (write_files, memmap),
    "dask": (write_files, dask),
    "Arrow": (write_parquet, arrow),
}


def compete(ways, entries, folder):
    """Write the files of each way, compute the mean of them, and yield what it took."""
    blocks = max(1, round(entries / (BLOCK * COLUMNS)))
    ask_for(memory=2**31, disk=8 * blocks * BLOCK * COLUMNS, folder=folder)
    x, y = block()
    want = float(BCE(x, y, missing=-1))
    context = multiprocessing.get_context("spawn")
    for way in ways:
        with tempfile.TemporaryDirectory(dir=folder) as written:
            WAYS[way][0](written, blocks)
            # A process for each, so that no way starts with the memory of another.
            with ProcessPoolExecutor(1, context) as pool:
                mean, count, seconds, peak = pool.submit(_measure, way, written, blocks).result()
        yield {
            "way": way,
            "entries": blocks * BLOCK * COLUMNS,
            "observed": count,
            "seconds": seconds,
            "mb": peak,
            "error": abs(mean - want) / want / float(np.finfo("float32").eps),
        }


def _measure(way, folder, blocks):
    start = time.perf_counter()
    with own_peak() as peak:
        sums = WAYS[way][1](folder, blocks)
    seconds = time.perf_counter() - start
    return float(sums.mean()), int(sums.count), seconds, *peak


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--entries", type=float, default=1e9)
    options.add_argument("--ways", default=",".join(WAYS), help="comma-separated")
    options.add_argument("--folder", help="where the files are written, 5 bytes per entry")
    given = options.parse_args()
    for row in compete(given.ways.split(","), given.entries, given.folder):
        print(
            f"{row['way']}: {row['entries']:.1e} entries, {row['observed']} observed, "
            f"{row['seconds']:.1f} s, peak {row['mb']:.0f} MB of its own, "
            f"mean off by {row['error']:.1f} float32 epsilons",
            flush=True,
        )


if __name__ == "__main__":
    main()
