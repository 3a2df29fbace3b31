"""The objective and the metric for CatBoost with one target."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from .._arrays.typing import Array
from ._documentation import documented
from ._objective import Objective, Score
from ._own_metrics import refuse_own_metrics

# CatBoost 1.2.10 tries to compile each method by Numba, which cannot, and warns, unless a class has
# this attribute. A filter of warnings would hold for all threads.
NO_JIT = True


class CatBoostMetric(Score):
    """The mean loss over the observed labels, as a metric for CatBoost; lower is better.

    Pass it as ``eval_metric=`` of `catboost.CatBoostRegressor`.

    Parameters
    ----------
    objective : CatBoostObjective
        The objective.
    """

    no_jit: ClassVar[bool] = NO_JIT

    def is_max_optimal(self) -> bool:
        """Return False: a lower loss is better."""
        return False

    def evaluate(
        self, approxes: Sequence[Array], target: Array, weight: Array | None
    ) -> tuple[float, float]:
        """Return the mean, and 1 as its weight: CatBoost passes all rows in one call."""
        predictions = np.stack(approxes, axis=-1)
        labels = np.stack(target, axis=-1) if isinstance(target, tuple) else target
        return self.objective.mean(predictions, labels, weight), 1.0

    def get_final_error(self, error: float, weight: float) -> float:
        """Return the mean from the sums of errors and weights."""
        return error / weight


@documented(
    metric="CatBoostMetric",
    params="the objective itself and its metric",
    start=(
        "Give it to every row as ``baseline`` of the Pool or of `fit`, and add it to what the "
        "model predicts for rows without a baseline."
    ),
)
class CatBoostObjective(Objective):
    """An objective for CatBoost from a loss of maskloss, for one target with missing labels.

    Pass it as ``loss_function=`` of `catboost.CatBoostRegressor`. A missing label has derivatives
    0, but its row keeps its weight when CatBoost compares splits. With one target, you may as well
    drop the row.

    **sections

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> from maskloss.boosting import CatBoostObjective, mark_missing
    >>> objective = CatBoostObjective(ml.huber_loss, delta=2.0)
    >>> labels = mark_missing(np.asarray([5.0, np.nan, -1.0]))
    >>> objective.calc_ders_range(np.zeros(3), labels, None)  # CatBoost maximises
    array([[ 2., -1.],
           [-0., -0.],
           [-1., -1.]])
    """

    no_jit: ClassVar[bool] = NO_JIT
    _splits_samples = True
    _row_advice = "take CatBoostMultiObjective, with labels of several targets, a column each"

    @property
    def metric(self) -> CatBoostMetric:
        """The mean loss over the observed labels."""
        return CatBoostMetric(self)

    @property
    def params(self) -> dict[str, Any]:
        """The parameters that CatBoost needs beside the objective, and the objective itself."""
        return {"loss_function": self, "eval_metric": self.metric}

    def calc_ders_range(self, approxes: Array, targets: Array, weights: Array | None) -> Array:
        """Return first and second derivatives of minus the loss, one row per label."""
        refuse_own_metrics(targets)
        predictions = np.asarray(approxes, dtype=np.float64)
        gradient, hessian = self.derivatives(predictions, targets, weights)
        return -np.stack([gradient, hessian], axis=-1)
