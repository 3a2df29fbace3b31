"""Logistic regression on labels with gaps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self

import numpy as np
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets, type_of_target

import maskloss as ml
from maskloss._arrays.typing import Array
from maskloss.sklearn._linear_model import LinearModel
from maskloss.sklearn._targets import Targets, read_targets, read_weight, refuse_infinity


class MaskedLinearClassifier(ClassifierMixin, LinearModel, BaseEstimator):  # type: ignore[misc]
    """Logistic regression on one or several yes-or-no labels with gaps.

    It minimises `C` times the sum of the loss over observed labels, plus half the sum of the
    squared coefficients. Each label is fitted to its observed rows alone. With the default loss it
    is `sklearn.linear_model.LogisticRegression` on these rows.

    Parameters
    ----------
    loss : callable, default: `maskloss.binary_cross_entropy_with_logits`
        A loss of maskloss of logits and labels of 0 and 1, such as `maskloss.sigmoid_focal_loss`,
        or a `functools.partial` of one with its options.
    C : float, default: 1.0
        The inverse of the penalty of the coefficients; the intercepts have none.
    missing : object, optional
        A label that means missing, such as ``-1``, in addition to NaN, None and pandas' NA.
    fit_intercept : bool, default: True
        Whether to fit an intercept for each label.
    max_iter : int, default: 1000
        The most iterations of L-BFGS.
    tol : float, default: 1e-6
        The fit ends where the gradient is this share of the first one.

    Attributes
    ----------
    classes_ : array or list of array
        The two classes; for `y` of two dimensions, a list of ``[0, 1]`` for each label.
    coef_ : array
        Coefficients of shape (labels, features).
    intercept_ : array
        An intercept for each label.
    n_iter_ : int
        The number of iterations.
    n_features_in_ : int
        The number of features.
    feature_names_in_ : array
        The names of the features, if the table in `fit` had names.

    Examples
    --------
    >>> import numpy as np
    >>> from maskloss.sklearn import MaskedLinearClassifier
    >>> x = np.asarray([[-2.0], [-1.0], [1.0], [2.0]])
    >>> y = np.asarray([[0, np.nan], [np.nan, 1], [1, 0], [1, np.nan]])
    >>> model = MaskedLinearClassifier().fit(x, y)
    >>> model.predict([[-3.0], [3.0]])
    array([[0, 1],
           [1, 0]])
    """

    classes_: Array | list[Array]

    def __init__(
        self,
        loss: Callable[..., Array] = ml.binary_cross_entropy_with_logits,
        *,
        C: float = 1.0,  # noqa: N803 - scikit-learn's name
        missing: object = None,
        fit_intercept: bool = True,
        max_iter: int = 1000,
        tol: float = 1e-6,
    ) -> None:
        self.loss = loss
        self.C = C
        self.missing = missing
        self.fit_intercept = fit_intercept
        self.max_iter = max_iter
        self.tol = tol

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.target_tags.multi_output = True
        tags.classifier_tags.multi_class = False
        tags.classifier_tags.multi_label = True
        return tags

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:  # noqa: N803
        """Fit the observed labels.

        Parameters
        ----------
        X : array, sparse matrix or DataFrame
            Features, a row per sample.
        y : array or DataFrame
            Labels with gaps: one dimension with any two classes, or columns of 0 and 1.
        sample_weight : array, optional
            A weight per row, or one per label in the shape of `y`.

        Returns
        -------
        MaskedLinearClassifier
            The fitted estimator.
        """
        targets = read_targets(y, self.missing, owner=type(self).__name__)
        X = self._read_features(X, targets)  # noqa: N806
        self.classes_ = _classes_of(targets)
        if not self.C > 0:
            msg = f"C must be a number above 0, got {self.C!r}"
            raise ValueError(msg)
        indices = self._as_indices(targets)
        self._minimise(X, indices, read_weight(sample_weight, targets), 0.5 / self.C)
        return self

    def decision_function(self, X: Any) -> Array:  # noqa: N803
        """Return logits, in columns if the labels were.

        Parameters
        ----------
        X : array, sparse matrix or DataFrame
            Features, a row per sample.

        Returns
        -------
        array
            The logits.
        """
        logits = self._linear(X)
        return logits if isinstance(self.classes_, list) else logits[:, 0]

    def predict_proba(self, X: Any) -> Array:  # noqa: N803
        """Return probabilities.

        Parameters
        ----------
        X : array, sparse matrix or DataFrame
            Features, a row per sample.

        Returns
        -------
        array
            For labels in columns, the probability of 1 for each; for labels of one dimension, the
            probabilities of both classes.
        """
        logits = self.decision_function(X)
        if logits.ndim > 1:
            return expit(logits)
        return np.stack([expit(-logits), expit(logits)], axis=1)

    def predict(self, X: Any) -> Array:  # noqa: N803
        """Return the more probable class of each label.

        Parameters
        ----------
        X : array, sparse matrix or DataFrame
            Features, a row per sample.

        Returns
        -------
        array
            The classes.
        """
        index = (self.decision_function(X) > 0).astype(np.int64)
        return index if index.ndim > 1 else self.classes_[index]

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:  # noqa: N803
        """Return the share of observed labels that are predicted right.

        Parameters
        ----------
        X : array, sparse matrix or DataFrame
            Features, a row per sample.
        y : array or DataFrame
            Labels with gaps.
        sample_weight : array, optional
            A weight per row, or one per label in the shape of `y`.

        Returns
        -------
        float
            The accuracy over observed labels.
        """
        targets = read_targets(y, self.missing, owner=type(self).__name__)
        weight = read_weight(sample_weight, targets)
        is_right = self.predict(X).reshape(targets.values.shape) == targets.values
        return float(weight[is_right & targets.mask].sum() / weight.sum())

    def _as_indices(self, targets: Targets) -> Targets:
        """Return labels as 0 and 1, 0 where missing."""
        values, mask = targets.values, targets.mask
        index = np.zeros(values.shape)
        index[mask] = values[mask] == (self.classes_[1] if targets.is_column else 1)
        return targets._replace(values=index)


def _classes_of(targets: Targets) -> Array | list[Array]:
    known = targets.values[targets.mask]
    if known.dtype.kind == "O":
        known = np.asarray(known.tolist())
    refuse_infinity(known)
    check_classification_targets(known)
    classes = np.unique(known)
    if not targets.is_column:
        if not np.isin(classes, [0, 1]).all():
            msg = (
                f"labels in columns must be 0 and 1, or missing, got {classes[:5].tolist()}; "
                "name another marker by `missing`"
            )
            raise ValueError(msg)
        return [np.asarray([0, 1]) for _ in range(targets.values.shape[1])]
    if len(classes) > 2:
        msg = (
            "Only binary classification is supported. The type of the target is "
            f"{type_of_target(known)}."
        )
        raise ValueError(msg)
    if len(classes) < 2:
        msg = f"y must have two classes, got one class, {classes[0]!r}"
        raise ValueError(msg)
    return classes
