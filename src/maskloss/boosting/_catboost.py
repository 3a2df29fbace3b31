"""Objective and metric of CatBoost, of one target."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from maskloss._arrays.typing import Array
from maskloss.boosting._documentation import documented
from maskloss.boosting._objective import Objective, Score


class CatBoostMetric(Score):
    """Mean loss over the observed labels, as a metric of CatBoost: the lower the better.

    For ``eval_metric=`` of `catboost.CatBoostRegressor`.

    Parameters
    ----------
    objective : CatBoostObjective
        The objective.
    """

    def is_max_optimal(self) -> bool:
        """Return whether high is better, which it is not."""
        return False

    def evaluate(
        self, approxes: Sequence[Array], target: Array, weight: Array | None
    ) -> tuple[float, float]:
        """Return the mean, and 1: CatBoost asks for all rows at once."""
        predictions = np.stack(approxes, axis=-1)
        labels = np.stack(target, axis=-1) if isinstance(target, tuple) else target
        return self.objective.mean(predictions, labels, weight), 1.0

    def get_final_error(self, error: float, weight: float) -> float:
        """Return the mean."""
        return error / weight


@documented
class CatBoostObjective(Objective):
    """An objective of CatBoost from a loss of maskloss, for one target with gaps.

    For ``loss_function=`` of `catboost.CatBoostRegressor`. A missing label has derivatives 0. Its
    row still has its weight where CatBoost compares splits: of one target, you may as well drop it.

    Parameters
    ----------
    **parameters

    Attributes
    ----------
    metric : CatBoostMetric
        The mean loss over the observed labels.
    params : dict
        Parameters to go with it: the objective itself and its metric.

    Raises
    ------
    **errors

    Notes
    -----
    **notes

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> from maskloss.boosting import CatBoostObjective, mark_missing
    >>> objective = CatBoostObjective(ml.huber_loss, delta=2.0)
    >>> labels = mark_missing(np.asarray([5.0, np.nan, -1.0]))
    >>> objective.calc_ders_range(np.zeros(3), labels, None)  # CatBoost goes up, not down
    array([[ 2., -1.],
           [-0., -0.],
           [-1., -1.]])
    """

    _in_parts = True
    _for_rows = "take CatBoostMultiObjective, with labels of several targets, a column each"

    @property
    def metric(self) -> CatBoostMetric:
        """The mean loss over the observed labels."""
        return CatBoostMetric(self)

    @property
    def params(self) -> dict[str, Any]:
        """Parameters to go with it."""
        return {"loss_function": self, "eval_metric": self.metric}

    def calc_ders_range(self, approxes: Array, targets: Array, weights: Array | None) -> Array:
        """Return first and second derivatives of minus the loss, a row for each label."""
        predictions = np.asarray(approxes, dtype=np.float64)
        gradient, hessian = self.derivatives(predictions, targets, weights)
        return -np.stack([gradient, hessian], axis=-1)
