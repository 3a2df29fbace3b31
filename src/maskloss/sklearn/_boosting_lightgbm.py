"""LightGBM for the estimators: a model for each target."""

from __future__ import annotations

from typing import Any

import lightgbm
import numpy as np

from .._arrays.typing import Array
from ..boosting import LightGBMObjective
from ._boosting_library import Data, Features, Library, Training


class LightGBM(Library):
    """Trains by `lightgbm.train`."""

    takes_all_targets = False
    objective = LightGBMObjective

    def train(self, training: Training) -> Any:
        """Return the trained `lightgbm.Booster`; None where no feature can be split."""
        objective, stopping = training.objective, {}
        # Features that `min_data_in_leaf` leaves no split are kept: without a feature, LightGBM 4.7
        # ends an objective in Python by an error, and its own by a constant.
        defaults = {"verbose": -1, "feature_pre_filter": False}
        params = {**defaults, **training.params, **objective.params}
        data = _data_set(training.data, training.start, params).construct()
        if not any(data.feature_num_bin(place) > 1 for place in range(data.num_feature())):
            return None
        if training.validation is not None:
            held_out = _data_set(training.validation, training.start, params, reference=data)
            stop = lightgbm.early_stopping(training.patience, verbose=False)
            stopping = {"valid_sets": [held_out], "feval": objective.metric, "callbacks": [stop]}
        return lightgbm.train(params, data, training.rounds, **stopping)

    def predict(self, model: Any, features: Features) -> Array:
        """Return the sums of the trees up to the best round."""
        return model.predict(features.values, raw_score=True)

    def number_of_trees(self, model: Any) -> int:
        """Return the number of rounds up to the best one."""
        return int(model.best_iteration if model.best_iteration > 0 else model.current_iteration())


def _data_set(data: Data, start: float, params: Any, reference: Any = None) -> Any:
    # The parameters of the bins count where the bins are made.
    options = {key: value for key, value in params.items() if key not in {"objective", "metric"}}
    return lightgbm.Dataset(
        data.features.values,
        data.labels,
        weight=data.weight,
        init_score=np.full(len(data.labels), start),
        reference=reference,
        categorical_feature=[*data.features.categorical],
        params=options,
    )


LIBRARY = LightGBM()
