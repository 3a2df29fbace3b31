"""Boosted trees for numbers with gaps."""

from __future__ import annotations

from .. import _public as ml
from .._docstrings import document
from ._boosting_model import BoostingModel
from ._documentation import BOOSTING, FEATURES, MODELS
from ._regressor import MaskedRegressor


@document(boosting=BOOSTING, models=MODELS, features=FEATURES)
class MaskedBoostingRegressor(MaskedRegressor, BoostingModel):
    """Boosted trees of XGBoost, LightGBM or CatBoost for one or several targets with gaps.

    The trees minimise the sum of the loss over the observed targets, and start at the constants
    with the least loss. A missing target has no part in any tree. The libraries' own objectives use
    half the squared error: ``functools.partial(maskloss.mse_loss, weight=0.5)``.

    Parameters
    ----------
    loss : callable, default: `maskloss.mse_loss`
        A loss of maskloss of numbers, such as `maskloss.huber_loss` or `maskloss.poisson_nll_loss`,
        or a `functools.partial` of one with its options. For a loss with straight flanks, such as
        `maskloss.l1_loss`, scale the targets to about 1, or give a `hessian`.
    **boosting

    Attributes
    ----------
    **models
    **features

    Examples
    --------
    >>> import numpy as np
    >>> from maskloss.sklearn import MaskedBoostingRegressor
    >>> x = np.arange(100.0)[:, None]
    >>> y = np.hstack([100.0 + (x > 50), 10.0 - (x > 80)])
    >>> y[::3, 0] = y[1::3, 1] = np.nan
    >>> model = MaskedBoostingRegressor(max_depth=1)
    >>> model.fit(x, y).predict([[20.0], [70.0], [95.0]]).round(1)
    array([[100.,  10.],
           [101.,  10.],
           [101.,   9.]])
    """

    _default_loss = staticmethod(ml.mse_loss)
