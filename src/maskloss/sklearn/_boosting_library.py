"""What a boosting library does for an estimator: train on samples with gaps, and predict."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from importlib import import_module
from typing import Any, ClassVar, NamedTuple

from .._arrays.kinds import shown
from .._arrays.typing import Array
from ..boosting._objective import Objective

_TITLES = {"xgboost": "XGBoost", "lightgbm": "LightGBM", "catboost": "CatBoost"}


class Features(NamedTuple):
    """Features, and which of them are the codes of categories."""

    values: Array
    categorical: tuple[int, ...]


class Data(NamedTuple):
    """Samples as a library takes them: one model's targets, `MISSING` where not observed."""

    features: Features
    labels: Array
    weight: Array | None


class Training(NamedTuple):
    """What a library trains on, how long, and from which constant predictions."""

    objective: Any
    data: Data
    validation: Data | None
    start: Any
    rounds: int
    patience: int
    params: Mapping[str, Any]


class Library(ABC):
    """A boosting library."""

    # Whether one model has all targets; without, each target has a model of its observed rows.
    takes_all_targets: ClassVar[bool]
    objective: ClassVar[type[Objective]]

    @abstractmethod
    def train(self, training: Training) -> Any:
        """Return the trained model; None where no feature can be split."""

    @abstractmethod
    def predict(self, model: Any, features: Features) -> Array:
        """Return the predictions without the constant start."""

    @abstractmethod
    def number_of_trees(self, model: Any) -> int:
        """Return how many rounds the predictions use."""


def find_library(name: str) -> Library:
    """Return the library of this name."""
    if name not in _TITLES:
        known = ", ".join(repr(one) for one in _TITLES)
        msg = f"library must be one of {known}, got {shown(name)}"
        raise ValueError(msg)
    try:
        module = import_module(f"._boosting_{name}", __package__)
    except ImportError as error:
        msg = (
            f"library={name!r} needs {_TITLES[name]}, which cannot be imported: pip install {name}"
        )
        raise ImportError(msg) from error
    library: Library = module.LIBRARY
    return library
