"""Peak memory of a run beyond its arguments and results, by one of two counters."""

import ctypes
import gc
import tracemalloc
from pathlib import Path


def resident(run):
    """Return peak resident memory minus the memory held with the results (Linux only)."""
    _free_unused_memory()
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    results = run()
    peak = _kilobytes("VmHWM")
    _free_unused_memory()
    held = _kilobytes("VmRSS")
    del results
    return max(0, peak - held) / 1024


def traced(run):
    """Return the same for allocations of Python and NumPy; mapped files do not count."""
    gc.collect()
    tracemalloc.start()
    try:
        results = run()
        gc.collect()
        held, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    del results
    return (peak - held) / 2**20


COUNTERS = {"RSS": resident, "tracemalloc": traced}


def _free_unused_memory():
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)


def _kilobytes(name):
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name))
