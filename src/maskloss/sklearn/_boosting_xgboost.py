"""XGBoost for the estimators: one model of all targets."""

from __future__ import annotations

from typing import Any

import xgboost

from .._arrays.typing import Array
from ..boosting import XGBoostObjective
from ._boosting_library import Data, Features, Library, Training


class XGBoost(Library):
    """Trains by `xgboost.train`."""

    takes_all_targets = True
    objective = XGBoostObjective

    def train(self, training: Training) -> Any:
        """Return the trained `xgboost.Booster`."""
        objective, data, validation = training.objective, training.data, training.validation

        # A DMatrix holds a weight per row only; these have one per entry.
        def derivatives(predictions: Array, _: Any) -> tuple[Array, Array]:
            shaped = predictions.reshape(data.labels.shape)
            gradient, hessian = objective.derivatives(shaped, data.labels, data.weight)
            return gradient, hessian

        def metric(predictions: Array, _: Any) -> tuple[str, float]:
            assert validation is not None
            shaped = predictions.reshape(validation.labels.shape)
            mean = objective.mean(shaped, validation.labels, validation.weight)
            return objective.loss.__name__, mean

        stopping: dict[str, Any] = {}
        if validation is not None:
            stopping = {
                "evals": [(_matrix(validation, training.start), "validation")],
                "custom_metric": metric,
                "early_stopping_rounds": training.patience,
            }
        return xgboost.train(
            {**training.params, **objective.params},
            _matrix(data, training.start),
            training.rounds,
            obj=derivatives,
            verbose_eval=False,
            **stopping,
        )

    def predict(self, model: Any, features: Features) -> Array:
        """Return the sums of the trees up to the best round."""
        chosen = (0, self.number_of_trees(model))
        return model.predict(_with_types(features), output_margin=True, iteration_range=chosen)

    def number_of_trees(self, model: Any) -> int:
        """Return the number of rounds up to the best one."""
        best = model.attr("best_iteration")
        return int(model.num_boosted_rounds() if best is None else int(best) + 1)


def _matrix(data: Data, start: Array) -> Any:
    # Before XGBoost 3.1, `base_score` is one number for all targets.
    matrix = _with_types(data.features, data.labels)
    matrix.set_base_margin(start + 0 * data.labels)
    return matrix


def _with_types(features: Features, labels: Array | None = None) -> Any:
    values, categorical = features
    if not categorical:
        return xgboost.DMatrix(values, labels)
    types = ["c" if place in categorical else "q" for place in range(values.shape[1])]
    return xgboost.DMatrix(values, labels, feature_types=types, enable_categorical=True)


LIBRARY = XGBoost()
