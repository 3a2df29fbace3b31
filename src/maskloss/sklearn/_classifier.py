"""What every classifier shares: classes, probabilities and accuracy over observed labels."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import expit
from sklearn.base import ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets, type_of_target

from .._arrays.kinds import shown
from .._arrays.typing import Array
from .._docstrings import document
from ._documentation import GIVEN, SCORED
from ._estimator import MaskedEstimator
from ._targets import Targets, read_weight, refuse_infinity


class MaskedClassifier(ClassifierMixin, MaskedEstimator):  # type: ignore[misc]
    """A classifier of one or several yes-or-no labels with gaps, whose model predicts logits."""

    classes_: Array | list[Array]

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        tags.classifier_tags.multi_label = True
        return tags

    @document(given=GIVEN)
    def decision_function(self, X: Any) -> Array:  # noqa: N803
        """Return logits, in columns if the labels were.

        **given

        Returns
        -------
        array
            The logits.
        """
        return self._outputs(X)

    @document(given=GIVEN)
    def predict_proba(self, X: Any) -> Array:  # noqa: N803
        """Return probabilities.

        **given

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

    @document(given=GIVEN)
    def predict(self, X: Any) -> Array:  # noqa: N803
        """Return the more probable class of each label.

        **given

        Returns
        -------
        array
            The classes.
        """
        index = (self.decision_function(X) > 0).astype(np.int64)
        return index if index.ndim > 1 else self.classes_[index]

    @document(scored=SCORED)
    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:  # noqa: N803
        """Return the share of observed labels that are predicted right.

        **scored

        Returns
        -------
        float
            The accuracy over observed labels.
        """
        targets = self._read_targets(y)
        weight = read_weight(sample_weight, targets)
        is_right = self.predict(X).reshape(targets.values.shape) == targets.values
        return float(weight[is_right & targets.mask].sum() / weight.sum())

    def _learn_classes(self, targets: Targets) -> None:
        self.classes_ = _classes_of(targets)

    def _encode(self, targets: Targets) -> Targets:
        """Return labels as 0 and 1, 0 where missing."""
        values, mask = targets.values, targets.mask
        negative, positive = np.asarray(self.classes_).tolist() if self._is_column else (0, 1)
        known = values[mask]
        if strange := sorted({*np.unique(known).tolist()} - {negative, positive}):
            msg = (
                f"labels must be {negative!r} and {positive!r}, or missing, got {shown(strange[0])}"
            )
            raise ValueError(msg)
        index = np.zeros(values.shape)
        index[mask] = known == positive
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
