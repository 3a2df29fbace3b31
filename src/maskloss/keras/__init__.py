"""Losses and metrics for Keras: of any of its backends, for labels with gaps."""

import importlib
import sys

try:
    importlib.import_module("keras")
except ImportError as error:
    msg = (
        "maskloss.keras needs Keras 3 and a backend of it: pip install keras, and name the one of "
        "jax, torch and tensorflow that is installed in the environment variable KERAS_BACKEND"
    )
    raise ImportError(msg) from error

from maskloss.keras._base import MaskedLoss
from maskloss.keras._losses import classes as _classes
from maskloss.keras._metrics import MaskedMetric

# Type checkers read `__init__.pyi`, which `nox -s stubs` writes. Keras finds the classes that a
# saved model names once they are made.
_OTHERS = (MaskedLoss, MaskedMetric)
_classes()


def __getattr__(name: str) -> object:
    """Find the class of a loss."""
    if name == "__all__":
        return _names()
    known = _classes()
    if name in known:
        return known[name]
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg, name=name, obj=sys.modules[__name__])


def __dir__() -> list[str]:
    return sorted({*globals(), *_names()})


def _names() -> list[str]:
    return sorted({*_classes(), *(public.__name__ for public in _OTHERS)})
