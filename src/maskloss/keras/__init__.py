"""Losses and metrics for Keras: of any of its backends, for labels with gaps."""

import importlib

try:
    importlib.import_module("keras")
except ImportError as error:
    msg = (
        "maskloss.keras needs Keras 3 and a backend of it: pip install keras, and name the one of "
        "jax, torch and tensorflow that is installed in the environment variable KERAS_BACKEND"
    )
    raise ImportError(msg) from error

from .._class_names import attributes as _attributes
from ._base import MaskedLoss
from ._losses import classes as _classes
from ._metrics import MaskedMetric

# Type checkers read `__init__.pyi`, which `nox -s stubs` writes. Keras finds the classes that a
# saved model names once they are made.
__getattr__, __dir__ = _attributes(__name__, _classes, (MaskedLoss, MaskedMetric))
_classes()
