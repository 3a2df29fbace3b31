"""What every estimator shares: targets with gaps, features, and a fit to both."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_consistent_length, check_is_fitted, validate_data

from .._arrays.typing import Array
from .._docstrings import document
from ._documentation import FITTED
from ._targets import Targets, read_targets, read_weight


class Samples(NamedTuple):
    """Features, targets in columns, and a weight per entry, 0 where missing."""

    features: Array
    targets: Targets
    weight: Array


class MaskedEstimator(BaseEstimator):  # type: ignore[misc]
    """An estimator of targets with gaps; subclasses say what a target is and how to fit it."""

    loss: Any
    missing: Any
    # How scikit-learn validates features: whether NaN may stand in them, and the dtypes to keep.
    _finite: ClassVar[Any] = True
    _dtypes: ClassVar[Any] = np.float64
    _is_column: bool  # whether `fit` got targets of one dimension

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.input_tags.allow_nan = self._finite == "allow-nan"
        tags.target_tags.multi_output = True
        return tags

    @document(fitted=FITTED)
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:  # noqa: N803 - as scikit-learn
        """Fit the observed entries of `y`.

        **fitted

        Returns
        -------
        self : object
            The fitted estimator.
        """
        self._fit(self._read(X, y, sample_weight))
        return self

    def _read(self, X: Any, y: Any, sample_weight: Any) -> Samples:  # noqa: N803
        """Return the samples to fit, and learn from them what a target is."""
        targets = self._read_targets(y)
        self._is_column = targets.is_column
        self._learn_classes(targets)
        return self._samples(X, targets, sample_weight, reset=True)

    def _samples(
        self,
        X: Any,  # noqa: N803
        targets: Targets,
        sample_weight: Any,
        *,
        reset: bool,
    ) -> Samples:
        features = self._features(X, reset=reset)
        check_consistent_length(features, targets.values)
        return Samples(features, self._encode(targets), read_weight(sample_weight, targets))

    def _read_targets(self, y: Any, name: str = "y") -> Targets:
        return read_targets(y, self.missing, owner=type(self).__name__, name=name)

    def _features(self, X: Any, *, reset: bool) -> Array:  # noqa: N803
        options = {"accept_sparse": "csr", "dtype": self._dtypes, "ensure_all_finite": self._finite}
        return validate_data(self, X, reset=reset, **options)

    def _outputs(self, X: Any) -> Array:  # noqa: N803
        """Return what the model predicts, in columns if the targets were."""
        check_is_fitted(self)
        outputs = self._raw(self._features(X, reset=False))
        return outputs[:, 0] if self._is_column else outputs

    def _learn_classes(self, targets: Targets) -> None:
        """Set what a classifier knows of its classes."""

    @abstractmethod
    def _encode(self, targets: Targets) -> Targets:
        """Return targets as floats, 0 where missing."""

    @abstractmethod
    def _fit(self, samples: Samples) -> None:
        """Fit the model."""

    @abstractmethod
    def _raw(self, features: Array) -> Array:
        """Return the first argument of the loss, of shape (samples, targets)."""
