"""The objective and the metric for LightGBM."""

from __future__ import annotations

import inspect
from typing import Any

from .._arrays.typing import Array
from ._calls import CallableObjective, read_call
from ._documentation import documented
from ._objective import Score
from ._own_metrics import has_marks, lightgbm_metrics, text_of_own_metrics


class LightGBMMetric(Score):
    """The mean loss over the observed labels, as a metric for LightGBM; lower is better.

    Pass it as ``feval=`` of `lightgbm.train` or ``eval_metric=`` of `lightgbm.LGBMRegressor.fit`.

    Parameters
    ----------
    objective : LightGBMObjective
        The objective.
    """

    def __call__(
        self, first: Array, second: Any, sample_weight: Array | None = None
    ) -> tuple[str, float, bool]:
        """Return the name, the value, and False: a lower value is better."""
        is_native, given = read_call("LightGBM", first, second, sample_weight)
        # The scikit-learn API keeps the data set, and the parameters in it, to itself (4.7).
        caller = getattr(inspect.currentframe(), "f_back", None)
        data = second if is_native else getattr(caller, "f_locals", {}).get("dataset")
        _refuse_other_metrics(data, given[1])
        return self.__name__, self.objective.mean(*given), False


@documented(
    metric="LightGBMMetric",
    params="the objective itself, and no metric of LightGBM, which would count missing labels",
    start=(
        "Give it to every row as ``init_score`` of the Dataset, or of `fit` with "
        "``eval_init_score``, and add it to what the model predicts."
    ),
)
class LightGBMObjective(CallableObjective):
    """An objective for LightGBM from a loss of maskloss, for missing labels.

    Pass all of `params` to `lightgbm.train` or, as keywords, to `lightgbm.LGBMRegressor`. With
    ``objective=`` alone, `LGBMRegressor` also evaluates its own metric, in which missing labels
    count, and stops early by that.

    LightGBM accepts one column of labels: numbers, or, with
    ``num_class``, class indices for a loss of rows such as `cross_entropy`. For several targets,
    fit one model per target, as `sklearn.multioutput.MultiOutputRegressor` does. A missing label
    has gradient and Hessian 0.

    LightGBM estimates the number of rows in a leaf from its share of the Hessian, as if missing
    labels were spread evenly. If one label in ten is observed, a ``min_data_in_leaf`` of 20 means
    two observed labels. Raise it, or leave out the rows with a missing label.

    **sections

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
    _row_advice = "set `num_class` to the number of classes"

    @property
    def metric(self) -> LightGBMMetric:
        """The mean loss over the observed labels."""
        return LightGBMMetric(self)

    @property
    def params(self) -> dict[str, Any]:
        """The parameters that LightGBM needs, with the objective among them."""
        return {"objective": self, "metric": "None"}


def _refuse_other_metrics(data: Any, labels: Array) -> None:
    """Raise if LightGBM evaluates a metric of its own as well, by which it may stop early.

    `LGBMRegressor` adds ``l2`` to every objective in Python.
    """
    own = lightgbm_metrics(getattr(data, "params", None) or {})
    if own and has_marks(labels):
        raise ValueError(text_of_own_metrics("LightGBM", own))
