"""Objectives that are functions: the two ways in which XGBoost and LightGBM call them."""

from __future__ import annotations

from typing import Any, ClassVar

from .._arrays.kinds import type_name
from .._arrays.typing import Array
from ._objective import Objective
from ._own_metrics import refuse_own_metrics

# Predictions, labels and the weight of the rows.
CallArrays = tuple[Array, Array, Array | None]


_TITLES = {"lightgbm": "LightGBM", "xgboost": "XGBoost"}


def read_call(
    expected: str, first: Array, second: Any, sample_weight: Array | None
) -> tuple[bool, CallArrays]:
    """Return whether a call comes from the library's own API, and its arrays.

    The own API passes predictions and a data set; the scikit-learn API passes labels and
    predictions. A data set of another library than `expected` raises, because the libraries expect
    different results from a metric.
    """
    if hasattr(second, "get_label"):
        given = _TITLES.get(type_name(second).partition(".")[0], expected)
        if given != expected:
            msg = (
                f"an objective or metric for {expected} got data of {given}; take "
                f"{given}Objective, and its metric"
            )
            raise TypeError(msg)
        return True, (first, second.get_label(), second.get_weight())
    return False, (second, first, sample_weight)


class CallableObjective(Objective):
    """An objective that is a function, for a library's own API and for its scikit-learn API."""

    _library: ClassVar[str]

    def __call__(
        self, first: Array, second: Any, sample_weight: Array | None = None
    ) -> tuple[Array, Array]:
        """Return gradient and Hessian for predictions and a data set, or labels and predictions."""
        _, given = read_call(self._library, first, second, sample_weight)
        refuse_own_metrics(given[1])
        return self.derivatives(*given)
