"""The models that a table's labels are fitted by: estimators of `maskloss.sklearn`."""

import argparse
import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from ..sklearn import (
    MaskedBoostingClassifier,
    MaskedBoostingRegressor,
    MaskedLinearClassifier,
    MaskedLinearRegressor,
)
from ..sklearn._boosting_library import find_library
from ._backend import AsArray
from ._errors import UserError
from ._table import Floats

__all__ = ["Model", "models_of"]

# For a row of norm one, weights of variance 1 / PENALTY give a logit of standard deviation 2.
PENALTY = 0.25

_LINEAR = "linear"


class Model(NamedTuple):
    """A model by its name, and the library that computes the loss of the linear one."""

    name: str
    asarray: AsArray

    def fit(self, features: Any, targets: Floats, *, binary: bool) -> tuple[Any, bool]:
        """Fit labels of 0 and 1, or numbers of unit variance, NaN where missing.

        Parameters
        ----------
        features : array or sparse matrix, shape (rows, features)
            The features.
        targets : array of float, shape (rows, labels)
            The labels.
        binary : bool
            Whether the labels are 0 and 1.

        Returns
        -------
        estimator : MaskedEstimator
            The fitted estimator.
        converged : bool
            Whether the fit ended before its limit on iterations.
        """
        estimator = self._estimator(binary=binary)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", ConvergenceWarning)
            estimator.fit(features, targets)
        return estimator, not any(one.category is ConvergenceWarning for one in caught)

    def _estimator(self, *, binary: bool) -> Any:
        if self.name != _LINEAR:
            kind = MaskedBoostingClassifier if binary else MaskedBoostingRegressor
            return kind(library=self.name, random_state=0)
        if self.asarray is np.asarray:
            if binary:
                return MaskedLinearClassifier(C=1 / PENALTY, max_iter=2000)
            return MaskedLinearRegressor(alpha=PENALTY, max_iter=2000)
        linear = _Classifier(C=1 / PENALTY, max_iter=2000) if binary else _Regressor(alpha=PENALTY)
        linear.asarray = self.asarray
        return linear


def models_of(options: argparse.Namespace) -> list[str]:
    """Return the names of the models that the options ask for.

    Raises
    ------
    UserError
        If a library is not installed, or cannot take part.
    """
    names = [*dict.fromkeys(options.model)]
    for name in names:
        if name == _LINEAR:
            continue
        if options.backend != "numpy":
            msg = f"--backend {options.backend} computes the loss of --model linear, not of {name}"
            raise UserError(msg)
        try:
            find_library(name)
        except ImportError:
            msg = f"--model {name}: {name} is not installed: pip install {name}"
            raise UserError(msg) from None
    return names


class _OnLibrary:
    """A linear estimator whose loss another array library computes."""

    asarray: AsArray

    def _value_and_grad(self) -> Callable[..., tuple[Any, Any]]:
        differentiate = super()._value_and_grad()  # type: ignore[misc]

        def evaluate(*arrays: Any, reduction: str, **keywords: Any) -> tuple[Any, Any]:
            given = {name: self.asarray(value) for name, value in keywords.items()}
            value, gradient = differentiate(
                *map(self.asarray, arrays), reduction=reduction, **given
            )
            return value, np.asarray(gradient)

        return evaluate


class _Classifier(_OnLibrary, MaskedLinearClassifier):
    pass


class _Regressor(_OnLibrary, MaskedLinearRegressor):
    pass
