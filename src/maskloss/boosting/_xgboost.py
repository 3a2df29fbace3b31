"""The objective and the metric for XGBoost."""

from __future__ import annotations

import sys
from typing import Any

from .._arrays.typing import Array
from ._calls import CallableObjective, read_call
from ._documentation import documented
from ._objective import Score, check_observed
from ._trainable import layout_of


class XGBoostMetric(Score):
    """The mean loss over the observed labels, as a metric for XGBoost; lower is better.

    Pass it as ``custom_metric=`` of `xgboost.train` or ``eval_metric=`` of its scikit-learn
    estimators. Where several workers train one model, as on dask, it is the mean over the labels of
    all workers.

    Parameters
    ----------
    objective : XGBoostObjective
        The objective.
    """

    def __call__(
        self, first: Array, second: Any, sample_weight: Array | None = None
    ) -> tuple[str, float] | float:
        """Return name and value for predictions and a DMatrix, or the value for two arrays."""
        is_native, given = read_call("XGBoost", first, second, sample_weight)
        workers = _workers()
        if workers is None:
            value = self.objective.mean(*given)
        else:
            # XGBoost 3.2 averages the values of the workers, whatever their numbers of labels.
            sums = self.objective.sums(*given)
            total, weight = workers.allreduce(sums, workers.Op.SUM).tolist()
            check_observed(weight > 0)
            value = total / weight
        return (self.__name__, value) if is_native else value


@documented(
    metric="XGBoostMetric",
    params="predictions start at 0, and no metric of XGBoost, which would count missing labels",
    start=(
        "For one target pass it as ``base_score``, for several (XGBoost 3.1 and above) as well: "
        "``objective.params | {'base_score': start}``; with an older XGBoost give every row of it "
        "as ``base_margin`` of the DMatrix, also where you predict."
    ),
)
class XGBoostObjective(CallableObjective):
    """An objective for XGBoost from a loss of maskloss, for missing labels.

    Pass it as ``obj=`` of `xgboost.train` or ``objective=`` of `xgboost.XGBRegressor`. There may be
    one output or several, with one tree per output or one for all (``multi_strategy``). A missing
    label has gradient and Hessian 0. The trees of an output are therefore the trees that its
    observed rows alone would give.

    **sections

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> from maskloss.boosting import XGBoostObjective, mark_missing
    >>> objective = XGBoostObjective(ml.binary_cross_entropy_with_logits)
    >>> labels = mark_missing(np.asarray([[1.0, np.nan], [0.0, 1.0]]))
    >>> objective(labels, np.zeros((2, 2), dtype="float32"))  # as XGBRegressor calls it
    (array([[-0.5,  0. ],
           [ 0.5, -0.5]], dtype=float32), array([[0.25, 0.  ],
           [0.25, 0.25]], dtype=float32))
    """

    _library = "XGBoost"
    _row_advice = (
        "set `num_class` to the number of classes, or give labels of several targets, a column each"
    )

    def __call__(
        self, first: Array, second: Any, sample_weight: Array | None = None
    ) -> tuple[Array, Array]:
        """Return gradient and Hessian for predictions and a DMatrix, or labels and predictions."""
        if _workers() is not None:
            layout_of(self.loss, self._options, in_parts=True)
        return super().__call__(first, second, sample_weight)

    @property
    def metric(self) -> XGBoostMetric:
        """The mean loss over the observed labels."""
        return XGBoostMetric(self)

    @property
    def params(self) -> dict[str, Any]:
        """The parameters that XGBoost needs beside the objective."""
        return {"base_score": 0.0, "disable_default_eval_metric": True}


def _workers() -> Any:
    """Return XGBoost's module of collectives if this is one of several workers, else None."""
    collective = sys.modules.get("xgboost.collective")
    return collective if collective is not None and collective.get_world_size() > 1 else None
