"""Losses for incomplete labels as objectives of XGBoost, LightGBM and CatBoost."""

from __future__ import annotations

from typing import TYPE_CHECKING

try:
    import numpy as np  # noqa: F401
except ImportError as _error:
    msg = "maskloss.boosting needs NumPy, as every boosting library does: pip install numpy"
    raise ImportError(msg) from _error

from ._catboost import CatBoostMetric, CatBoostObjective
from ._labels import MISSING, mark_missing
from ._lightgbm import LightGBMMetric, LightGBMObjective
from ._xgboost import XGBoostMetric, XGBoostObjective

if TYPE_CHECKING:
    from ._catboost_multi import CatBoostMultiMetric, CatBoostMultiObjective

__all__ = [
    "MISSING",
    "CatBoostMetric",
    "CatBoostMultiMetric",
    "CatBoostMultiObjective",
    "CatBoostObjective",
    "LightGBMMetric",
    "LightGBMObjective",
    "XGBoostMetric",
    "XGBoostObjective",
    "mark_missing",
]


def __getattr__(name: str) -> object:
    # These two derive from classes of CatBoost; all others work without CatBoost.
    if name in {"CatBoostMultiMetric", "CatBoostMultiObjective"}:
        from . import _catboost_multi

        return getattr(_catboost_multi, name)
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)
