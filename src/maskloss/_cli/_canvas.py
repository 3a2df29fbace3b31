"""The style of the pictures, and the files that they are written to."""

import os
from pathlib import Path

from matplotlib.backend_bases import FigureCanvasBase
from matplotlib.figure import Figure

from ._errors import UserError

__all__ = ["FAINT", "GRID", "STYLE", "check_output", "save", "shortened"]

_INK, FAINT, GRID = "#222222", "#666666", "#E3E3E3"
STYLE = {
    "font.size": 9.5,
    "axes.edgecolor": GRID,
    "axes.labelcolor": _INK,
    "text.color": _INK,
    "xtick.color": FAINT,
    "ytick.color": _INK,
    # A label name with a dollar sign is no formula.
    "text.parse_math": False,
    "svg.fonttype": "none",
}


def shortened(name: str, length: int = 22) -> str:
    """Return a name that leaves room for the panel beside it.

    Examples
    --------
    >>> shortened("A549_viability", 8)
    'A549_vi…'
    """
    return name if len(name) <= length else f"{name[: length - 1]}…"


def check_output(path: str) -> None:
    """Raise before the fits start if no picture can be written to this path."""
    formats = sorted(FigureCanvasBase.get_supported_filetypes())
    suffix = Path(path).suffix.removeprefix(".").lower()
    if suffix not in formats:
        msg = f"--output {path}: no picture format {suffix!r}; expected one of {', '.join(formats)}"
        raise UserError(msg)
    if not _is_writable(Path(path)):
        msg = f"--output {path}: cannot be written; expected a file name in an existing folder"
        raise UserError(msg)


def save(figure: Figure, path: str) -> None:
    """Write a figure to a file.

    Parameters
    ----------
    figure : Figure
        The figure.
    path : str
        The path of the file; its suffix gives the format.

    Raises
    ------
    UserError
        If the file cannot be written.
    """
    try:
        figure.savefig(path, dpi=160)
    except OSError as error:
        msg = f"--output {path}: cannot be written: {error.strerror}"
        raise UserError(msg) from None


def _is_writable(path: Path) -> bool:
    try:
        return path.parent.is_dir() and os.access(path.parent, os.W_OK) and not path.is_dir()
    except OSError:
        return False
