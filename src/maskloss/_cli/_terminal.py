"""Write to the terminal and to files: what may be printed, and what to do if nothing can be."""

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ._errors import UserError

__all__ = [
    "accept_any_text",
    "check_standard_output",
    "check_writable",
    "printable",
    "standard_output",
    "written",
]


def printable(text: str) -> str:
    r"""Escape what a terminal would obey or hide, such as ``\x1b`` before a colour."""
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)


def accept_any_text() -> None:
    """Let the standard streams escape the characters that their encoding lacks."""
    if sys.stderr is None:
        sys.stderr = io.StringIO()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def check_standard_output() -> None:
    """Raise if standard output is closed, as after ``>&-``: Python then has none."""
    if sys.stdout is None:
        msg = "standard output is closed: redirect it, such as to /dev/null"
        raise UserError(msg)


@contextmanager
def standard_output() -> Iterator[None]:
    """Flush standard output at the end.

    Raises
    ------
    UserError
        If it cannot be written, such as on a full disk.
    SystemExit
        If nobody reads it any more, as after ``| head``.
    """
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        _discard_output()
        raise SystemExit(1) from None
    except OSError as error:
        _discard_output()
        msg = f"standard output cannot be written: {error.strerror}; redirect it to another place"
        raise UserError(msg) from None


def check_writable(path: str, option: str = "--output") -> None:
    """Raise if a file of this name can be neither created nor changed; leave no new file.

    Raises
    ------
    UserError
        If it cannot be written, as in a folder that is absent.
    """
    file = Path(path)
    with written(path, option):
        is_new = not file.exists()
        if is_new:
            # Where a link leads, so that the link itself is not removed.
            file = Path(os.path.realpath(path))
        # Opening a folder raises; a pipe or a device is left alone.
        if is_new or file.is_file() or file.is_dir():
            with file.open("ab"):
                pass
        if is_new:
            file.unlink()


@contextmanager
def written(path: str, option: str = "--output") -> Iterator[None]:
    """Write a file that an option names.

    Raises
    ------
    UserError
        If it cannot be written, or not without a package, as a file that ends in ``.zst``.
    """
    try:
        yield
    except (OSError, ImportError) as error:
        reason = getattr(error, "strerror", None) or str(error).rstrip(".")
        msg = f"{option} {path}: cannot be written: {reason}; name another file"
        raise UserError(msg) from None


def _discard_output() -> None:
    # Python flushes again at exit, and would fail again.
    try:
        target = sys.stdout.fileno()
    except OSError:  # a stream without a descriptor, as in a notebook
        return
    with Path(os.devnull).open("w") as nothing:
        os.dup2(nothing.fileno(), target)
