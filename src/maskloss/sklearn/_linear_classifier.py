"""Logistic regression on labels with gaps."""

from __future__ import annotations

from collections.abc import Callable

from .. import _public as ml
from .._arrays.kinds import shown
from .._arrays.typing import Array
from .._docstrings import document
from ._classifier import MaskedClassifier
from ._documentation import FEATURES, LINEAR
from ._linear_model import LinearModel


@document(linear=LINEAR, features=FEATURES)
class MaskedLinearClassifier(MaskedClassifier, LinearModel):
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
    **linear

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
    **features

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
        super().__init__(
            loss, missing=missing, fit_intercept=fit_intercept, max_iter=max_iter, tol=tol
        )
        self.C = C

    def _penalty(self) -> float:
        if not self.C > 0:
            msg = f"C must be a number above 0, got {shown(self.C)}"
            raise ValueError(msg)
        return 0.5 / self.C
