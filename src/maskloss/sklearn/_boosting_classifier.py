"""Boosted trees for labels with gaps."""

from __future__ import annotations

from .. import _public as ml
from .._docstrings import document
from ._boosting_model import BoostingModel
from ._classifier import MaskedClassifier
from ._documentation import BOOSTING, FEATURES, MODELS


@document(boosting=BOOSTING, models=MODELS, features=FEATURES)
class MaskedBoostingClassifier(MaskedClassifier, BoostingModel):
    """Boosted trees of XGBoost, LightGBM or CatBoost for yes-or-no labels with gaps.

    The trees minimise the sum of the loss over the observed labels, and start at the constant
    logits with the least loss. A missing label has no part in any tree.

    Parameters
    ----------
    loss : callable, default: `maskloss.binary_cross_entropy_with_logits`
        A loss of maskloss of logits and labels of 0 and 1, such as `maskloss.sigmoid_focal_loss`,
        or a `functools.partial` of one with its options.
    **boosting

    Attributes
    ----------
    classes_ : array or list of array
        The two classes; for `y` of two dimensions, a list of ``[0, 1]`` for each label.
    **models
    **features

    Examples
    --------
    >>> import numpy as np
    >>> from maskloss.sklearn import MaskedBoostingClassifier
    >>> x = np.arange(100.0)[:, None]
    >>> y = np.hstack([x > 50, x > 80]).astype(float)
    >>> y[::3, 0] = y[1::3, 1] = np.nan
    >>> model = MaskedBoostingClassifier(max_depth=1)
    >>> model.fit(x, y).predict([[20.0], [70.0], [95.0]])
    array([[0, 0],
           [1, 0],
           [1, 1]])
    """

    _default_loss = staticmethod(ml.binary_cross_entropy_with_logits)
