"""Objective and metric of XGBoost."""

from __future__ import annotations

from typing import Any

from maskloss._arrays.typing import Array
from maskloss.boosting._documentation import documented
from maskloss.boosting._objective import CallableObjective, Score, read_native


class XGBoostMetric(Score):
    """Mean loss over the observed labels, as a metric of XGBoost: the lower the better.

    For ``custom_metric=`` of `xgboost.train` and ``eval_metric=`` of its scikit-learn estimators.

    Parameters
    ----------
    objective : XGBoostObjective
        The objective.
    """

    def __call__(
        self, first: Array, second: Any, sample_weight: Array | None = None
    ) -> tuple[str, float] | float:
        """Return name and value for predictions and a DMatrix, the value for two arrays."""
        is_native, given = read_native("XGBoost", first, second, sample_weight)
        value = self.objective.mean(*given)
        return (self.__name__, value) if is_native else value


@documented
class XGBoostObjective(CallableObjective):
    """An objective of XGBoost from a loss of maskloss, for labels with gaps.

    For ``obj=`` of `xgboost.train` and ``objective=`` of `xgboost.XGBRegressor`, of one output or
    several, in trees of one output each or of all (``multi_strategy``). A missing label has
    gradient and Hessian 0: the trees of an output are those of the rows where it is observed.

    Parameters
    ----------
    **parameters

    Attributes
    ----------
    metric : XGBoostMetric
        The mean loss over the observed labels.
    params : dict
        Parameters to go with it: predictions start at 0, and no metric of XGBoost's own is computed
        of missing labels.

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
    >>> from maskloss.boosting import XGBoostObjective, mark_missing
    >>> objective = XGBoostObjective(ml.binary_cross_entropy_with_logits)
    >>> labels = mark_missing(np.asarray([[1.0, np.nan], [0.0, 1.0]]))
    >>> objective(labels, np.zeros((2, 2), dtype="float32"))  # as XGBRegressor calls it
    (array([[-0.5,  0. ],
           [ 0.5, -0.5]], dtype=float32), array([[0.25, 0.  ],
           [0.25, 0.25]], dtype=float32))
    """

    _library = "XGBoost"
    _for_rows = (
        "set `num_class` to the number of classes, or give labels of several targets, a column each"
    )

    @property
    def metric(self) -> XGBoostMetric:
        """The mean loss over the observed labels."""
        return XGBoostMetric(self)

    @property
    def params(self) -> dict[str, Any]:
        """Parameters to go with it."""
        return {"base_score": 0.0, "disable_default_eval_metric": True}
