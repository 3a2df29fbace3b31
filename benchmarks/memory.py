"""Peak memory of a run beyond its arguments and results, by one of two counters."""

import contextlib
import ctypes
import gc
import threading
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


@contextlib.contextmanager
def own_peak():
    """Yield a list that then holds the peak of resident memory without mapped files, in MB.

    The system keeps no such peak: a thread looks every 5 ms (Linux only).
    """
    seen, done = [_kilobytes("RssAnon")], threading.Event()

    def look():
        while not done.wait(0.005):
            seen[0] = max(seen[0], _kilobytes("RssAnon"))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        done.set()
        thread.join()
        seen[0] /= 1024


COUNTERS = {"RSS": resident, "tracemalloc": traced}


def _free_unused_memory():
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)


def _kilobytes(name):
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name))
