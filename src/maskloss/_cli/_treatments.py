"""The three ways to train on incomplete labels."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.preprocessing import StandardScaler

from ._models import Model
from ._scores import squarable, varies
from ._table import Bools, Floats

__all__ = ["TREATMENTS", "Fit", "fit", "kept_rows", "title"]

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


@dataclass(frozen=True)
class Fit:
    """A model of some labels, fitted.

    Attributes
    ----------
    estimator : MaskedEstimator or None
        The model of the labels that could be fitted; None if there are none.
    fitted : array of bool, shape (labels,)
        False for a label with one class only in the rows to learn from, or with numbers too large
        to square.
    scale : StandardScaler
        The scale of the labels; of labels of 0 and 1, none.
    converged : bool
        Whether the fit ended before its limit on iterations.
    """

    estimator: Any
    fitted: Bools
    scale: Any
    converged: bool

    def predict(self, features: Any) -> Floats:
        """Return probabilities, or numbers; NaN for a label that could not be fitted.

        Parameters
        ----------
        features : array or sparse matrix, shape (rows, features)
            The features.

        Returns
        -------
        array of float, shape (rows, labels)
            The predictions.
        """
        predictions = np.full((features.shape[0], len(self.fitted)), np.nan)
        if self.estimator is not None:
            predict = getattr(self.estimator, "predict_proba", self.estimator.predict)
            predictions[:, self.fitted] = self.scale.inverse_transform(predict(features))
        return predictions


def fit(treatment: str, features: Any, targets: Floats, *, binary: bool, model: Model) -> Fit:
    """Fit a model on the rows that a treatment keeps.

    Parameters
    ----------
    treatment : {"masked", "filled", "dropped"}
        The treatment of missing labels.
    features : array or sparse matrix, shape (rows, features)
        The features of the rows to learn from.
    targets : array of float, shape (rows, labels)
        The labels to learn from, NaN where missing.
    binary : bool
        Whether the labels are 0 and 1.
    model : Model
        The model.

    Returns
    -------
    Fit
        The fitted model.
    """
    if treatment == "filled" and binary:
        targets = np.nan_to_num(targets, nan=0.0)
    fitted = np.array(
        [varies(target) and squarable(target) for target in targets.T], dtype=np.bool_
    )
    scale = StandardScaler(with_mean=not binary, with_std=not binary)
    if not fitted.any():
        return Fit(None, fitted, scale, converged=True)
    targets = scale.fit_transform(targets[:, fitted])
    if treatment == "filled":
        # A standardised label has mean zero.
        targets = np.nan_to_num(targets, nan=0.0)
    estimator, converged = model.fit(features, targets, binary=binary)
    return Fit(estimator, fitted, scale, converged)
