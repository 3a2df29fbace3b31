"""Linear regression on targets with gaps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .. import _public as ml
from .._arrays.kinds import shown
from .._arrays.typing import Array
from .._docstrings import document
from .._registry import link_of
from ._documentation import FEATURES, LINEAR
from ._estimator import Samples
from ._linear_model import LinearModel
from ._regressor import MaskedRegressor


@document(linear=LINEAR, features=FEATURES)
class MaskedLinearRegressor(MaskedRegressor, LinearModel):
    """Linear regression on one or several targets with gaps.

    It minimises the sum of the loss over observed targets plus ``alpha`` times the sum of the
    squared coefficients. Each target is fitted to its observed rows alone. With the default loss it
    is `sklearn.linear_model.Ridge` on these rows.

    Parameters
    ----------
    loss : callable, default: `maskloss.mse_loss`
        A loss of maskloss of numbers, such as `maskloss.huber_loss` or `maskloss.poisson_nll_loss`,
        or a `functools.partial` of one with its options. A smooth one converges fastest.
    alpha : float, default: 1.0
        The penalty of the coefficients; the intercepts have none.
    **linear

    Attributes
    ----------
    coef_ : array
        Coefficients of shape (features,), or (targets, features) for `y` of two dimensions.
    intercept_ : float or array
        The intercept, or one for each target.
    n_iter_ : int
        The number of iterations.
    **features

    Examples
    --------
    >>> import numpy as np
    >>> from maskloss.sklearn import MaskedLinearRegressor
    >>> x = np.asarray([[0.0], [1.0], [2.0], [3.0]])
    >>> y = np.asarray([[1.0, np.nan], [3.0, 2.0], [np.nan, 1.0], [7.0, np.nan]])
    >>> model = MaskedLinearRegressor(alpha=0.0).fit(x, y)
    >>> model.predict([[4.0]]).round(2)
    array([[ 9., -1.]])
    """

    coef_: Array
    intercept_: Any

    def __init__(
        self,
        loss: Callable[..., Array] = ml.mse_loss,
        *,
        alpha: float = 1.0,
        missing: object = None,
        fit_intercept: bool = True,
        max_iter: int = 1000,
        tol: float = 1e-6,
    ) -> None:
        super().__init__(
            loss, missing=missing, fit_intercept=fit_intercept, max_iter=max_iter, tol=tol
        )
        self.alpha = alpha

    def _penalty(self) -> float:
        if not self.alpha >= 0:
            msg = f"alpha must be a number of at least 0, got {shown(self.alpha)}"
            raise ValueError(msg)
        return self.alpha

    def _fit(self, samples: Samples) -> None:
        super()._fit(samples)
        self._link = link_of(self.loss)
        if self._is_column:
            self.coef_, self.intercept_ = self.coef_[0], float(self.intercept_[0])

    def _start(self, values: Array, weight: Array) -> Array:
        total = weight.sum(axis=0)
        mean = (weight * values).sum(axis=0) / np.where(total == 0, 1, total)
        return np.log(np.where(mean > 0, mean, 1)) if link_of(self.loss) == "log" else mean
