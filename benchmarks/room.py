"""Check for free memory and disk; a task that does not fit is left out."""

import shutil
import tempfile
from pathlib import Path

SPARE = 2**29


class NoRoomError(Exception):
    """Too little memory or disk is free for a task."""


def ask_for(*, memory, disk=0, folder=None):
    """Raise `NoRoomError` unless these bytes are free, with `SPARE` more."""
    folder = folder or tempfile.gettempdir()
    for what, needed, free in (
        ("memory", memory, _free_memory()),
        (f"disk in {folder}", disk, shutil.disk_usage(folder).free),
    ):
        if needed and needed + SPARE > free:
            msg = f"needs {needed / 2**30:.1f} GB of {what}, where {free / 2**30:.1f} are free"
            raise NoRoomError(msg)


def _free_memory():
    lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable"))
