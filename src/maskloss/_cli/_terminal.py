"""Write to the terminal and to files: what may be printed, and what to do if nothing can be."""

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from maskloss._cli._errors import UserError

__all__ = ["accept_any_text", "check_writable", "printable", "standard_output"]


def printable(text: str) -> str:
    r"""Escape what a terminal would obey or hide, such as ``\x1b`` before a colour."""
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)


def accept_any_text() -> None:
    """Let the standard streams escape the characters that their encoding lacks."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


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
    """Raise if a file of this name can be neither created nor changed; leave no new file."""
    # Where a link leads, so that the link itself is not removed; a circle of links is kept as is.
    file = Path(os.path.realpath(path))
    try:
        is_new = not file.exists()
        if is_new or file.is_file():
            with file.open("ab"):
                pass
        if is_new:
            file.unlink()
    except OSError as error:
        msg = f"{option} {path}: cannot be written: {error.strerror}; name another file"
        raise UserError(msg) from None


def _discard_output() -> None:
    # Python flushes again at exit, and would fail again.
    try:
        target = sys.stdout.fileno()
    except OSError:  # a stream without a descriptor, as in a notebook
        return
    with Path(os.devnull).open("w") as nothing:
        os.dup2(nothing.fileno(), target)
