"""Linear regression on targets with gaps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.metrics import r2_score

import maskloss as ml
from maskloss._arrays.typing import Array
from maskloss.sklearn._linear_model import LinearModel
from maskloss.sklearn._targets import as_numbers, read_targets, read_weight


class MaskedLinearRegressor(RegressorMixin, LinearModel, BaseEstimator):  # type: ignore[misc]
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
    missing : float, optional
        A value that means missing, in addition to NaN, None and pandas' NA.
    fit_intercept : bool, default: True
        Whether to fit an intercept for each target.
    max_iter : int, default: 1000
        The most iterations of L-BFGS.
    tol : float, default: 1e-6
        The fit ends where the gradient is this share of the first one.

    Attributes
    ----------
    coef_ : array
        Coefficients of shape (features,), or (targets, features) for `y` of two dimensions.
    intercept_ : float or array
        The intercept, or one for each target.
    n_iter_ : int
        The number of iterations.
    n_features_in_ : int
        The number of features.
    feature_names_in_ : array
        The names of the features, if the table in `fit` had names.

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
        missing: float | None = None,
        fit_intercept: bool = True,
        max_iter: int = 1000,
        tol: float = 1e-6,
    ) -> None:
        self.loss = loss
        self.alpha = alpha
        self.missing = missing
        self.fit_intercept = fit_intercept
        self.max_iter = max_iter
        self.tol = tol

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.target_tags.multi_output = True
        return tags

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:  # noqa: N803
        """Fit the observed targets.

        Parameters
        ----------
        X : array, sparse matrix or DataFrame
            Features, a row per sample.
        y : array or DataFrame
            Targets, of one dimension or a column each, with gaps.
        sample_weight : array, optional
            A weight per row, or one per target in the shape of `y`.

        Returns
        -------
        MaskedLinearRegressor
            The fitted estimator.
        """
        targets = as_numbers(read_targets(y, self.missing, owner=type(self).__name__))
        X = self._read_features(X, targets)  # noqa: N806
        self._minimise(X, targets, read_weight(sample_weight, targets), self.alpha)
        if targets.is_column:
            self.coef_, self.intercept_ = self.coef_[0], float(self.intercept_[0])
        return self

    def predict(self, X: Any) -> Array:  # noqa: N803
        """Return predictions, in columns if the targets were.

        Parameters
        ----------
        X : array, sparse matrix or DataFrame
            Features, a row per sample.

        Returns
        -------
        array
            The predictions.
        """
        predictions = self._linear(X)
        return predictions[:, 0] if self.coef_.ndim == 1 else predictions

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:  # noqa: N803
        """Return the mean over targets of R², each on its observed rows.

        Targets with fewer than two observed rows are left out.

        Parameters
        ----------
        X : array, sparse matrix or DataFrame
            Features, a row per sample.
        y : array or DataFrame
            Targets with gaps.
        sample_weight : array, optional
            A weight per row, or one per target in the shape of `y`.

        Returns
        -------
        float
            The score; NaN if no target has two observed rows.
        """
        targets = as_numbers(read_targets(y, self.missing, owner=type(self).__name__))
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

    @staticmethod
    def _start(values: Array, weight: Array) -> Array:
        total = weight.sum(axis=0)
        return (weight * values).sum(axis=0) / np.where(total == 0, 1, total)
