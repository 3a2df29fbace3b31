"""The compiled loop of a recorded formula, by Numba, and the files in which it is kept."""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
import types
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numba import njit
from numba.core.errors import NumbaError

from .._arrays.typing import Array
from .fallback import warn_once


class Kernel:
    """A compiled loop.

    Parameters
    ----------
    text : str
        The printed loop.
    constants : sequence of float
        The constants that it takes.
    dtype : str
        The dtype of the computation.
    """

    def __init__(self, text: str, constants: Sequence[float], dtype: str) -> None:
        self._loop = _compiled(text)
        self._number = np.dtype(dtype).type
        self._constants = _constant(np.asarray(constants, np.float64))

    def __call__(
        self,
        inputs: Sequence[Array],
        observed: Array | None,
        outputs: Sequence[Array],
        totals: Array,
        factor: float,
        number: int,
        bounds: Array,
    ) -> bool:
        """Write the outputs and the totals of some blocks, and return whether they hold.

        They do not if an observed entry is outside its domain, or if the compiler fails. `number`
        is how many entries the inputs have, `bounds` are those at which blocks start and end.
        `totals` has a row for each block. Its first place gets the number of observed entries, the
        others get the sums of values and weights; if it has no others, the loop writes value and
        weight of each entry. Derivatives are multiplied by a factor.
        """
        if self._loop is None:
            return False
        masks = [] if observed is None else [observed]
        read = map(_constant, [*inputs, *masks])
        factor, bounds = self._number(factor), _constant(bounds)
        try:
            is_any_bad = self._run(*read, self._constants, factor, *outputs, totals, number, bounds)
        except NumbaError as error:
            self._loop = None  # not tried again for the next block
            warn_once(f"Numba cannot compile this loss, which is computed without a loop: {error}")
            return False
        return not is_any_bad

    def _run(self, *arguments: Any) -> bool:
        try:
            result: bool = self._loop(*arguments)
        except NumbaError:
            raise
        except Exception:  # noqa: BLE001 - of any kind, from a damaged file or a full disk
            self._loop = _decorated(self._loop.py_func, is_kept=False)
            result = self._loop(*arguments)
        return result


def _constant(array: Array) -> Array:
    """Return an array that is only read: Numba would compile anew for one that can be written."""
    flat = np.ascontiguousarray(array).reshape(-1).view(np.ndarray)
    flat.flags.writeable = False
    return flat


def _compiled(text: str) -> Any:
    """Return the loop of a source; threads that ask for it at once compile it once."""
    if text not in _LOOPS:
        _LOOPS.setdefault(text, _made(text))
    return _LOOPS[text]


_LOOPS: dict[str, Any] = {}


def _made(text: str) -> Any:
    name = f"maskloss_kernel_{hashlib.sha256(text.encode()).hexdigest()[:32]}"
    path = _stored(name, text)
    # Numba imports the module of a function that it reads from a file.
    sys.modules[name] = module = types.ModuleType(name)
    exec(compile(text, path or name, "exec"), vars(module))  # noqa: S102 - printed by this package
    try:
        return _decorated(module.loop, is_kept=path is not None)
    except RuntimeError:  # the folder holds the source, but cannot be written to
        return _decorated(module.loop, is_kept=False)


def _decorated(loop: Any, *, is_kept: bool) -> Any:
    options: Any = {"nogil": True, "error_model": "numpy", "fastmath": {"contract"}}
    return njit(cache=is_kept, **options)(loop)


def _stored(name: str, text: str) -> str | None:
    """Return the path of a file with a source, beside which Numba keeps what it compiled.

    None if no such file can be written.
    """
    root = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    try:
        path = Path(root, "maskloss", f"{name}.py").expanduser()
        if not path.exists():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False) as file:
                file.write(text)
            Path(file.name).replace(path)  # at once, for other processes
    except (OSError, RuntimeError):
        return None
    return str(path)
