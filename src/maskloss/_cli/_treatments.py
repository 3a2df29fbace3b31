"""The three ways to train on incomplete labels."""

from typing import Any

import numpy as np
from scipy.special import expit
from sklearn.preprocessing import StandardScaler

from maskloss._cli._backend import AsArray
from maskloss._cli._fit import fit_linear, negative_log_likelihood
from maskloss._cli._scores import squarable, varies
from maskloss._cli._table import Bools, Floats

__all__ = ["TREATMENTS", "fit_and_predict", "kept_rows", "title"]

TREATMENTS = ("masked", "filled", "dropped")


def title(treatment: str, *, binary: bool) -> str:
    """Return the name of a treatment in a report."""
    if treatment == "filled":
        return "missing as negative" if binary else "missing as mean"
    return {"masked": "masked", "dropped": "rows dropped"}[treatment]


def kept_rows(treatment: str, known: Bools) -> Bools:
    """Return True for each row that a treatment learns from."""
    kept: Bools = np.all(known | (treatment != "dropped"), axis=1)
    return kept


def fit_and_predict(
    treatment: str, train: Any, targets: Floats, test: Any, *, binary: bool, asarray: AsArray
) -> tuple[Floats, bool]:
    """Fit a model on the rows that a treatment keeps, and predict other rows.

    Parameters
    ----------
    treatment : {"masked", "filled", "dropped"}
        The treatment of missing labels.
    train, test : array or sparse matrix, shape (rows, features)
        The features of the rows to learn from, and of the rows to predict.
    targets : array of float, shape (rows, labels)
        The labels to learn from, NaN where missing.
    binary : bool
        Whether the labels are 0 and 1.
    asarray : callable
        A function from a NumPy array to an array of the library that computes the loss.

    Returns
    -------
    predictions : array of float, shape (rows, labels)
        Probabilities, or numbers; NaN for a label with one class only in the rows to learn from,
        or with numbers too large to square.
    converged : bool
        Whether the minimiser stopped before its limit on iterations.
    """
    if treatment == "filled" and binary:
        targets = np.nan_to_num(targets, nan=0.0)
    trainable = np.array(
        [varies(target) and squarable(target) for target in targets.T], dtype=np.bool_
    )
    predictions = np.full((test.shape[0], len(trainable)), np.nan)
    if not trainable.any():
        return predictions, True
    scale = StandardScaler(with_mean=not binary, with_std=not binary)
    targets = scale.fit_transform(targets[:, trainable])
    if treatment == "filled":
        # A standardised label has mean zero.
        targets = np.nan_to_num(targets, nan=0.0)
    known = np.isfinite(targets)
    likelihood = negative_log_likelihood(targets, known, binary=binary, asarray=asarray)
    coefficients, converged = fit_linear(train, likelihood, targets.shape[1])
    linear = test @ coefficients[:-1] + coefficients[-1]
    predictions[:, trainable] = expit(linear) if binary else scale.inverse_transform(linear)
    return predictions, converged
