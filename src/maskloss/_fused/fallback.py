"""The warning that a loss is computed without the compiled code that was asked for."""

import functools
import warnings


@functools.cache
def warn_once(msg: str) -> None:
    """Warn, unless the same has been said before: the next call, or block, fails alike."""
    warnings.warn(msg, RuntimeWarning, stacklevel=2)
