"""Peak memory of a run beyond what it is given and what it returns, by one of two counters."""

import ctypes
import gc
import tracemalloc
from pathlib import Path


def resident(run):
    """Return how far the resident memory rises above what it is with the results (Linux)."""
    _let_go()
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    results = run()
    peak = _kilobytes("VmHWM")
    _let_go()
    held = _kilobytes("VmRSS")
    del results
    return max(0, peak - held) / 1024


def traced(run):
    """Return the same of what Python and NumPy ask for, without pages of files."""
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


def _let_go():
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)


def _kilobytes(name):
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name))
