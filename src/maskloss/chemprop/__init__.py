"""Losses and metrics for chemprop, which the import of this package registers."""

from collections.abc import Callable as _Callable

try:
    import chemprop  # noqa: F401
except ImportError as _error:
    msg = "maskloss.chemprop needs chemprop, which is not installed: pip install chemprop"
    raise ImportError(msg) from _error

from .._class_names import attributes as _attributes
from ._classes import classes as _classes
from ._classes import register as _register
from ._metric import BoundedMetric, MaskedMetric

_register()
__all__ = ["BoundedMetric", "MaskedMetric"]
# chemprop pickles a criterion by the name of its class in this module.
__getattr__: _Callable[[str], object]
__dir__: _Callable[[], list[str]]
__getattr__, __dir__ = _attributes(__name__, _classes, (BoundedMetric, MaskedMetric))
