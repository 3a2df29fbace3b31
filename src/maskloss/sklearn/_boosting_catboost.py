"""CatBoost for the estimators: a model for each target."""

from __future__ import annotations

from typing import Any

import catboost
import numpy as np
import pandas as pd
from scipy.sparse import issparse

from .._arrays.typing import Array
from ..boosting import CatBoostObjective
from ._boosting_library import Data, Features, Library, Training


class CatBoost(Library):
    """Trains by `catboost.CatBoostRegressor`."""

    takes_all_targets = False
    objective = CatBoostObjective

    def train(self, training: Training) -> Any:
        """Return the trained `catboost.CatBoostRegressor`; None where there is nothing to learn."""
        # CatBoost 1.2 raises for features, or labels, that are all equal.
        if not _varies(training.data.features.values) or not np.ptp(training.data.labels):
            return None
        params = {"verbose": 0, "allow_writing_files": False, **training.params}
        if "n_jobs" in params:
            params["thread_count"] = params.pop("n_jobs")
        params |= {"n_estimators": training.rounds, **training.objective.params}
        stopping: dict[str, Any] = {}
        if training.validation is not None:
            stopping = {
                "eval_set": _started(training.validation, training.start),
                "early_stopping_rounds": training.patience,
            }
        model = catboost.CatBoostRegressor(**params)
        return model.fit(_started(training.data, training.start), **stopping)

    def predict(self, model: Any, features: Features) -> Array:
        """Return the sums of the trees up to the best round."""
        return model.predict(_pool(features))

    def number_of_trees(self, model: Any) -> int:
        """Return the number of rounds up to the best one."""
        return int(model.tree_count_)


def _started(data: Data, start: float) -> Any:
    baseline = np.full(len(data.labels), start)
    return _pool(data.features, label=data.labels, weight=data.weight, baseline=baseline)


def _pool(features: Features, **given: Any) -> Any:
    values, categorical = features
    if not categorical:
        return catboost.Pool(values, **given)
    # CatBoost takes categories as integers, and an array of floats for one without categories.
    columns = {
        place: np.nan_to_num(values[:, place], nan=-1).astype(int)
        if place in categorical
        else values[:, place]
        for place in range(values.shape[1])
    }
    return catboost.Pool(pd.DataFrame(columns), cat_features=[*categorical], **given)


def _varies(features: Array) -> bool:
    if issparse(features):
        return bool((features.max(axis=0) != features.min(axis=0)).nnz)
    first = features[:1]
    return bool(((features != first) & ~(np.isnan(features) & np.isnan(first))).any())


LIBRARY = CatBoost()
