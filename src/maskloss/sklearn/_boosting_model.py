"""Boosted trees that minimise a loss of the observed entries."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any, ClassVar, Self

import numpy as np
from scipy.sparse import csr_matrix, issparse
from sklearn.utils import check_random_state

from .._arrays.kinds import shown
from .._arrays.typing import Array
from .._docstrings import document
from .._formula import Link
from .._registry import link_of
from ._boosting_categories import Categories, encode, learn_categories
from ._boosting_library import Features, Training, find_library
from ._boosting_samples import as_data, groups, observed, split
from ._documentation import FITTED
from ._estimator import MaskedEstimator, Samples

# What an estimator sets by its own keywords, by the names of the libraries.
_OF_THE_ESTIMATOR = {
    "base_score": "which is found from the observed entries",
    "eval_metric": "which is the loss over the observed entries",
    "init_score": "which is found from the observed entries",
    "iterations": "give `n_estimators`",
    "loss_function": "give `loss`",
    "metric": "which is the loss over the observed entries",
    "num_boost_round": "give `n_estimators`",
    "num_class": "which is for labels of several classes; give labels in columns",
    "num_iterations": "give `n_estimators`",
    "objective": "give `loss`",
}
_SEEDS = 2**31 - 1


class BoostingModel(MaskedEstimator):
    """What regressor and classifier share: parameters, early stopping, the fit, predictions."""

    _finite = "allow-nan"
    _dtypes = (np.float64, np.float32)
    _default_loss: ClassVar[Any]
    models_: list[Any]
    start_: Array
    n_iter_: Array
    _trained_by: str  # the library
    _categories: Categories = MappingProxyType({})
    _link: Link

    def __init__(
        self,
        loss: Any = None,
        *,
        library: str = "xgboost",
        n_estimators: int = 100,
        learning_rate: float = 0.1,
        max_depth: int | None = None,
        early_stopping_rounds: int | None = None,
        validation_fraction: float = 0.1,
        hessian: float | None = None,
        missing: object = None,
        n_jobs: int | None = None,
        random_state: Any = None,
        categorical_features: Any = "from_dtype",
        **params: Any,
    ) -> None:
        self.loss = loss
        self.library = library
        self.n_estimators = n_estimators
        self.learning_rate = learning_rate
        self.max_depth = max_depth
        self.early_stopping_rounds = early_stopping_rounds
        self.validation_fraction = validation_fraction
        self.hessian = hessian
        self.missing = missing
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.categorical_features = categorical_features
        for name, value in params.items():
            setattr(self, name, value)

    def get_params(self, deep: bool = True) -> dict[str, Any]:  # noqa: FBT001, FBT002
        """Return the parameters, with those of the library.

        Parameters
        ----------
        deep : bool, default: True
            Whether to return the parameters of parameters that are estimators.

        Returns
        -------
        dict
            The parameters by their names.
        """
        return {**super().get_params(deep), **self._of_the_library()}

    def set_params(self, **params: Any) -> Self:
        """Set parameters, also those of the library.

        Parameters
        ----------
        **params : dict
            The parameters by their names.

        Returns
        -------
        self : object
            The estimator.
        """
        own = {*self._get_param_names()}
        for name in [*params]:
            if name not in own and "__" not in name:
                setattr(self, name, params.pop(name))
        super().set_params(**params)
        return self

    @document(fitted=FITTED)
    def fit(
        self,
        X: Any,  # noqa: N803
        y: Any,
        sample_weight: Any = None,
        *,
        X_val: Any = None,  # noqa: N803 - as HistGradientBoostingClassifier
        y_val: Any = None,
        sample_weight_val: Any = None,
    ) -> Self:
        """Fit the observed entries of `y`.

        **fitted
        X_val, y_val : array or DataFrame, optional
            Further samples to stop early by, instead of a share of `X`.
        sample_weight_val : array, optional
            Their weights.

        Returns
        -------
        self : object
            The fitted estimator.
        """
        samples, held_out = self._read(X, y, sample_weight), None
        if (X_val is None) != (y_val is None):
            msg = "X_val and y_val go together, got one of them"
            raise ValueError(msg)
        if X_val is not None:
            if self.early_stopping_rounds is None:
                msg = "X_val is what early stopping looks at: set early_stopping_rounds as well"
                raise ValueError(msg)
            held_out = self._held_out(X_val, y_val, sample_weight_val, samples)
        self._fit(samples, held_out)
        return self

    def _held_out(self, X: Any, y: Any, sample_weight: Any, samples: Samples) -> Samples:  # noqa: N803
        targets = self._read_targets(y, "y_val")
        given, fitted = targets.values.shape[1], samples.targets.values.shape[1]
        if given != fitted:
            msg = f"y_val must have the {fitted} columns of y, got {given}"
            raise ValueError(msg)
        return self._samples(X, targets, sample_weight, reset=False)

    def _fit(self, samples: Samples, held_out: Samples | None = None) -> None:
        library = find_library(self.library)
        for name in ("n_estimators", "early_stopping_rounds"):
            if (value := getattr(self, name)) is not None and not value >= 1:
                msg = f"{name} must be at least 1, got {shown(value)}"
                raise ValueError(msg)
        loss = self._default_loss if self.loss is None else self.loss
        objective = library.objective(loss, hessian=self.hessian)
        number = samples.targets.values.shape[1]
        if objective.is_of_rows and not library.takes_all_targets:
            msg = (
                f"`{objective.loss.__name__}` takes rows of predictions, but library="
                f"{self.library!r} fits a model for each target; take library='xgboost'"
            )
            raise ValueError(msg)
        generator = check_random_state(self.random_state)
        params, self._trained_by, self._link = self._params(generator), self.library, link_of(loss)
        self.start_ = np.zeros(number)
        self.models_, trees = [], []
        for columns in groups(number, library):
            training = self._training(objective, samples, held_out, columns, generator, params)
            model = None if training is None else library.train(training)
            if training is not None:
                self.start_[columns] = training.start
            self.models_.append(model)
            trees.append(0 if model is None else library.number_of_trees(model))
        self.n_iter_ = np.asarray(trees)

    def _training(
        self,
        objective: Any,
        samples: Samples,
        held_out: Samples | None,
        columns: slice,
        generator: Any,
        params: dict[str, Any],
    ) -> Training | None:
        """Return what the model of some targets trains on; None where nothing is observed."""
        learnt = observed(samples, columns)
        if not learnt.targets.mask.any():
            return None
        if held_out is not None:
            held_out = observed(held_out, columns)
        elif self.early_stopping_rounds is not None:
            learnt, held_out = split(learnt, self.validation_fraction, generator)
        if any(part and not part.targets.mask.any() for part in (learnt, held_out)):
            msg = (
                f"early stopping needs an observed entry of target {columns.start} to learn from "
                "and one to validate with: change validation_fraction, pass X_val and y_val, or "
                "leave out early_stopping_rounds"
            )
            raise ValueError(msg)
        categorical = tuple(self._categories)
        data = as_data(learnt, objective, categorical)
        return Training(
            objective=objective,
            data=data,
            validation=None if held_out is None else as_data(held_out, objective, categorical),
            start=objective.start(data.labels, data.weight),
            rounds=self.n_estimators,
            patience=self.early_stopping_rounds or 0,
            params=params,
        )

    def _params(self, generator: Any) -> dict[str, Any]:
        """Return the parameters for the library."""
        params = self._of_the_library()
        for name in params:
            if name in _OF_THE_ESTIMATOR:
                msg = f"`{name}` is set by the estimator: {_OF_THE_ESTIMATOR[name]}"
                raise TypeError(msg)
        given = {
            "learning_rate": self.learning_rate,
            "max_depth": self.max_depth,
            "n_jobs": self.n_jobs,
            "random_state": None if self.random_state is None else generator.randint(_SEEDS),
        }
        return {name: one for name, one in {**given, **params}.items() if one is not None}

    def _of_the_library(self) -> dict[str, Any]:
        own = {*self._get_param_names()}
        return {
            name: value
            for name, value in vars(self).items()
            if name not in own and not name.startswith("_") and not name.endswith("_")
        }

    def _features(self, X: Any, *, reset: bool) -> Array:  # noqa: N803
        if reset:
            self._categories = learn_categories(X, self.categorical_features)
        # What has another number of features is refused below.
        if self._categories and (reset or np.shape(X)[1:] == (self.n_features_in_,)):
            X = encode(X, self._categories)  # noqa: N806
        features = super()._features(X, reset=reset)
        if not issparse(features):
            return features
        # CatBoost 1.2 and LightGBM 4.7 take no sparse array, and CatBoost no index of 64 bits.
        indices, starts = features.indices.astype(np.int32), features.indptr.astype(np.int32)
        return csr_matrix((features.data, indices, starts), features.shape)

    def _raw(self, features: Array) -> Array:
        library, number = find_library(self._trained_by), len(self.start_)
        outputs = np.tile(self.start_, (features.shape[0], 1))
        given = Features(features, tuple(self._categories))
        for columns, model in zip(groups(number, library), self.models_, strict=True):
            if model is not None:
                predicted = library.predict(model, given)
                outputs[:, columns] += np.reshape(predicted, (features.shape[0], -1))
        return outputs
