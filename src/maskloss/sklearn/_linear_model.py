"""A linear model that minimises a loss of the observed entries."""

from __future__ import annotations

import warnings
from abc import abstractmethod
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.optimize import minimize
from sklearn.exceptions import ConvergenceWarning

from .. import _public as ml
from .._arrays.typing import Array
from .._registry import without_partial
from ..boosting._trainable import layout_of
from ._estimator import MaskedEstimator, Samples

# As in scikit-learn's LogisticRegression: the relative decrease that counts as none.
_FLAT = 64 * np.finfo(np.float64).eps


class LinearModel(MaskedEstimator):
    """What regressor and classifier share: the fit, and the linear predictions."""

    coef_: Array
    intercept_: Any  # an array, or a number for one target
    n_iter_: int

    def __init__(
        self, loss: Any, *, missing: Any, fit_intercept: bool, max_iter: int, tol: float
    ) -> None:
        self.loss = loss
        self.missing = missing
        self.fit_intercept = fit_intercept
        self.max_iter = max_iter
        self.tol = tol

    @abstractmethod
    def _penalty(self) -> float:
        """Return the factor of the squared coefficients."""

    def _fit(self, samples: Samples) -> None:
        """Set `coef_` and `intercept_` to the minimum of the summed loss and the penalty."""
        loss, options = without_partial(self.loss)
        _check_loss(loss, options)
        X, targets, weight = samples  # noqa: N806
        factor = options.get("weight")
        weight = weight if factor is None else weight * factor
        penalty = self._penalty()
        mask, shape = targets.mask & (weight > 0), (X.shape[1] + 1, targets.values.shape[1])
        value_and_grad, total = self._value_and_grad(), weight.sum()
        start = np.zeros(shape)
        if self.fit_intercept:
            start[-1] = self._start(targets.values, weight)

        def objective(flat: Array) -> tuple[float, Array]:
            parameters = flat.reshape(shape)
            coef = parameters[:-1]
            predictions = X @ coef + parameters[-1]
            value, slope = value_and_grad(
                predictions, targets.values, mask=mask, weight=weight, reduction="sum"
            )
            gradient = np.zeros(shape)
            gradient[:-1] = X.T @ slope + 2 * penalty * coef
            if self.fit_intercept:
                gradient[-1] = slope.sum(axis=0)
            whole = (float(value) + penalty * (coef * coef).sum()) / total
            return whole, gradient.ravel() / total

        # Relative to the first gradient, so that the units of the targets do not matter.
        steepest = np.abs(objective(start.ravel())[1]).max()
        options = {"maxiter": self.max_iter, "gtol": self.tol * steepest, "ftol": _FLAT}
        found = minimize(objective, start.ravel(), jac=True, method="L-BFGS-B", options=options)
        if found.status == 1:
            text = (
                f"the fit did not converge in max_iter={self.max_iter} iterations: raise max_iter, "
                "or scale the features, for instance by a StandardScaler"
            )
            warnings.warn(text, ConvergenceWarning, stacklevel=3)
        parameters = found.x.reshape(shape)
        self.coef_, self.intercept_ = parameters[:-1].T.copy(), parameters[-1].copy()
        self.n_iter_ = max(int(found.nit), 1)

    def _value_and_grad(self) -> Callable[..., tuple[Any, Array]]:
        return ml.value_and_grad(self.loss)

    def _start(self, values: Array, weight: Array) -> Array | float:  # noqa: ARG002
        """Return the intercepts to start from."""
        return 0.0

    def _raw(self, features: Array) -> Array:
        return features @ np.atleast_2d(self.coef_).T + self.intercept_


def _check_loss(loss: Any, options: dict[str, Any]) -> None:
    """Refuse a loss that cannot be minimised over the predictions of each target."""
    if layout_of(loss, options, in_parts=False).row_axes is not None:
        msg = (
            f"`loss` must be a loss of elements, such as mse_loss or "
            f"binary_cross_entropy_with_logits, as each target is fitted to its observed rows, got "
            f"{loss.__name__!r} of whole rows"
        )
        raise ValueError(msg)
