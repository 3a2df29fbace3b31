"""The objective and the metric for CatBoost with several targets."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from .._arrays.typing import Array
from ._catboost import NO_JIT, CatBoostMetric
from ._documentation import documented
from ._objective import Objective
from ._own_metrics import refuse_own_metrics

try:
    import catboost
except ImportError as error:
    msg = "objectives of several targets need CatBoost: pip install catboost"
    raise ImportError(msg) from error


class CatBoostMultiMetric(CatBoostMetric, catboost.MultiTargetCustomMetric):  # type: ignore[misc]
    """The mean loss over the observed labels of all targets; lower is better.

    Pass it as ``eval_metric=`` of `catboost.CatBoostRegressor`.

    Parameters
    ----------
    objective : CatBoostMultiObjective
        The objective.
    """


@documented(
    metric="CatBoostMultiMetric",
    params="the objective itself and its metric",
    start=(
        "CatBoost 1.2 takes no baseline for several targets. For a loss of differences, such as "
        "`mse_loss`, train on ``mark_missing(labels - start)``, and add the start to what the "
        "model predicts."
    ),
)
class CatBoostMultiObjective(Objective, catboost.MultiTargetCustomObjective):  # type: ignore[misc]
    """An objective for CatBoost from a loss of maskloss, for several targets with missing labels.

    Pass it as ``loss_function=`` of `catboost.CatBoostRegressor`. A missing label has derivatives
    0. CatBoost calls the objective in Python once per row, which takes some tenths of a
    millisecond: for large tables, use XGBoost.

    **sections
    """

    no_jit: ClassVar[bool] = NO_JIT
    _splits_samples = True

    @property
    def metric(self) -> CatBoostMultiMetric:
        """The mean loss over the observed labels of all targets."""
        return CatBoostMultiMetric(self)

    @property
    def params(self) -> dict[str, Any]:
        """The parameters that CatBoost needs beside the objective, and the objective itself."""
        return {"loss_function": self, "eval_metric": self.metric}

    def calc_ders_multi(
        self, approxes: Array, targets: Array, weight: float
    ) -> tuple[list[float], list[list[float]]]:
        """Return the gradient and the Hessian matrix of minus the loss of one row."""
        refuse_own_metrics(targets)
        predictions = np.asarray(approxes, dtype=np.float64)[None]
        weights = None if weight == 1 else np.asarray([weight])
        gradient, hessian = self.derivatives(predictions, np.asarray(targets)[None], weights)
        return (-gradient[0]).tolist(), np.diag(-hessian[0]).tolist()
