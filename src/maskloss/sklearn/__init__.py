"""Estimators for scikit-learn that take labels with gaps."""

try:
    import sklearn  # noqa: F401
except ImportError as _error:
    msg = "maskloss.sklearn needs scikit-learn, which is not installed: pip install scikit-learn"
    raise ImportError(msg) from _error

from ._boosting_classifier import MaskedBoostingClassifier
from ._boosting_regressor import MaskedBoostingRegressor
from ._linear_classifier import MaskedLinearClassifier
from ._linear_regressor import MaskedLinearRegressor

__all__ = [
    "MaskedBoostingClassifier",
    "MaskedBoostingRegressor",
    "MaskedLinearClassifier",
    "MaskedLinearRegressor",
]
