"""Fit linear models of several labels at once, by value and gradient of a masked loss."""

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.optimize import minimize

import maskloss as ml
from maskloss._cli._backend import AsArray
from maskloss._cli._table import Bools, Floats

__all__ = ["fit_linear", "negative_log_likelihood"]

# For a row of norm one, weights of variance 1 / PENALTY give a logit of standard deviation 2.
PENALTY = 0.25

# Close enough to the minimum that the last bits of a loss do not change the printed scores.
_OPTIONS = {"maxiter": 2000, "maxfun": 4000, "ftol": 1e-12}

Likelihood = Callable[[Floats], tuple[float, Floats]]


def negative_log_likelihood(
    targets: Floats, known: Bools, *, binary: bool, asarray: AsArray
) -> Likelihood:
    """Return the function from predictions to value and gradient of the masked loss.

    Parameters
    ----------
    targets : array of float, shape (rows, labels)
        The labels; values of missing labels do not matter.
    known : array of bool, shape (rows, labels)
        True where a label is observed.
    binary : bool
        Whether the labels are 0 and 1; otherwise they are numbers of unit variance.
    asarray : callable
        A function from a NumPy array to an array of the library that computes the loss.

    Returns
    -------
    callable
        A function from predictions of shape (rows, labels) to the sum of the losses over the
        observed entries, and its gradient.
    """
    differentiate: Any = ml.value_and_grad(
        ml.binary_cross_entropy_with_logits if binary else ml.mse_loss
    )
    # The negative log-likelihood of a number with unit variance is half the squared error.
    factor = 1.0 if binary else 0.5
    labels, mask = asarray(targets), asarray(known)

    def evaluate(predictions: Floats) -> tuple[float, Floats]:
        value, gradient = differentiate(asarray(predictions), labels, mask=mask, reduction="sum")
        return factor * float(value), factor * np.asarray(gradient)

    return evaluate


def fit_linear(features: Any, likelihood: Likelihood, labels: int) -> tuple[Floats, bool]:
    """Minimise a negative log-likelihood over the weights of a linear model, with an L2 penalty.

    Parameters
    ----------
    features : array or sparse matrix, shape (rows, features)
        The features.
    likelihood : callable
        A function from predictions to value and gradient.
    labels : int
        The number of columns of the predictions.

    Returns
    -------
    coefficients : array of float, shape (features + 1, labels)
        The weights and, in the last row, the intercepts, which have no penalty.
    converged : bool
        Whether the minimiser stopped before its limit on iterations.
    """
    shape = (features.shape[1] + 1, labels)
    transposed = features.T if isinstance(features, np.ndarray) else features.T.tocsr()

    def objective(flat: Floats) -> tuple[float, Floats]:
        coefficients = flat.reshape(shape)
        weights = coefficients[:-1]
        value, slope = likelihood(features @ weights + coefficients[-1])
        gradient = np.vstack([transposed @ slope + PENALTY * weights, slope.sum(axis=0)])
        return value + 0.5 * PENALTY * float(np.vdot(weights, weights)), gradient.ravel()

    result = minimize(
        objective, np.zeros(shape).ravel(), jac=True, method="L-BFGS-B", options=_OPTIONS
    )
    return result.x.reshape(shape), result.status != 1
