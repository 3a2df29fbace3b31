"""Objective and metric of LightGBM."""

from __future__ import annotations

from typing import Any

from maskloss._arrays.typing import Array
from maskloss.boosting._documentation import documented
from maskloss.boosting._objective import CallableObjective, Score, read_native


class LightGBMMetric(Score):
    """Mean loss over the observed labels, as a metric of LightGBM: the lower the better.

    For ``feval=`` of `lightgbm.train` and ``eval_metric=`` of `lightgbm.LGBMRegressor.fit`.

    Parameters
    ----------
    objective : LightGBMObjective
        The objective.
    """

    def __call__(
        self, first: Array, second: Any, sample_weight: Array | None = None
    ) -> tuple[str, float, bool]:
        """Return name, value and that high is not better."""
        _, given = read_native("LightGBM", first, second, sample_weight)
        return self.__name__, self.objective.mean(*given), False


@documented
class LightGBMObjective(CallableObjective):
    """An objective of LightGBM from a loss of maskloss, for labels with gaps.

    For ``params["objective"]`` of `lightgbm.train` and ``objective=`` of `lightgbm.LGBMRegressor`.
    LightGBM has one column of labels: numbers, or, with ``num_class``, class indices for a loss of
    rows such as `cross_entropy`. Several targets take a model each, as
    `sklearn.multioutput.MultiOutputRegressor` makes them. A missing label has gradient and Hessian
    0. LightGBM reckons the rows of a leaf from its share of the Hessian, as if the missing labels
    were spread evenly: where one label in ten is observed, a ``min_data_in_leaf`` of 20 is of two
    observed labels. Make it larger, or leave the rows out.

    Parameters
    ----------
    **parameters

    Attributes
    ----------
    metric : LightGBMMetric
        The mean loss over the observed labels.
    params : dict
        Parameters to go with it: the objective itself, and that no metric of LightGBM's own is
        computed of missing labels.

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
    >>> from maskloss.boosting import LightGBMObjective, mark_missing
    >>> objective = LightGBMObjective(ml.l1_loss)
    >>> labels = mark_missing(np.asarray([3.0, np.nan, -1.0]))
    >>> objective(labels, np.zeros(3))  # as LGBMRegressor calls it
    (array([-1.,  0.,  1.]), array([1., 0., 1.]))
    """

    _library = "LightGBM"
    _for_rows = "set `num_class` to the number of classes"

    @property
    def metric(self) -> LightGBMMetric:
        """The mean loss over the observed labels."""
        return LightGBMMetric(self)

    @property
    def params(self) -> dict[str, Any]:
        """Parameters to go with it."""
        return {"objective": self, "metric": "None"}
