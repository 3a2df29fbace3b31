"""What every regressor shares: numbers with gaps, and R² over observed targets."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.metrics import r2_score

from .._arrays.typing import Array
from .._docstrings import document
from .._formula import Link
from ._documentation import GIVEN, SCORED
from ._estimator import MaskedEstimator
from ._targets import Targets, as_numbers, read_weight


class MaskedRegressor(RegressorMixin, MaskedEstimator):  # type: ignore[misc]
    """A regressor of one or several targets with gaps."""

    _link: Link = "identity"  # of the loss, which `fit` sets

    @document(given=GIVEN)
    def predict(self, X: Any) -> Array:  # noqa: N803
        """Return predictions in the unit of the targets, in columns if the targets were.

        A loss of logarithms of means, such as `poisson_nll_loss`, gives their exponentials.

        **given

        Returns
        -------
        array
            The predictions.
        """
        outputs = self._outputs(X)
        return np.exp(outputs) if self._link == "log" else outputs

    @document(scored=SCORED)
    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:  # noqa: N803
        """Return the mean over targets of R², each on its observed rows.

        Targets with fewer than two observed rows are left out.

        **scored

        Returns
        -------
        float
            The score; NaN if no target has two observed rows.
        """
        targets = as_numbers(self._read_targets(y))
        weight = read_weight(sample_weight, targets)
        predictions = self.predict(X).reshape(targets.values.shape)
        scores = [
            r2_score(values[known], predicted[known], sample_weight=weights[known])
            for values, predicted, weights, known in zip(
                targets.values.T, predictions.T, weight.T, targets.mask.T, strict=True
            )
            if known.sum() >= 2
        ]
        return float(np.mean(scores)) if scores else float("nan")

    def _encode(self, targets: Targets) -> Targets:
        return as_numbers(targets)
