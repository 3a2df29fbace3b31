"""The checked arguments of a call, and which of its entries are observed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from .._arrays.kinds import is_argument
from .._arrays.namespace import Namespace
from .._arrays.typing import Array
from .bound_layout import BoundLayout
from .domain import Domain
from .masked_labels import MaskedLabels, Select, is_array_like, what_is_observed
from .missing import as_tuple
from .options import Settings


@dataclass(frozen=True, slots=True)
class InputSpec:
    """The names and domains of a loss's two arrays, and whether a call has the second.

    A prediction that is no argument has words for a name, such as "the logits".
    """

    names: tuple[str, str]
    domains: tuple[Domain, Domain]
    has_labels: bool = True

    def of_prediction(self) -> InputSpec:
        """Return the spec of a call without labels: `missing` applies to the prediction."""
        return InputSpec((self.names[0], self.names[0]), self.domains, has_labels=False)


class Classes(Protocol):
    """The classes of the entries."""

    def line_up_classes(self, xp: Namespace, name: str, array: Array) -> Array:
        """Line up one number per class with the entries."""


class Places(Classes, Protocol):
    """The positions in the prediction of `Observed` labels, which are stored with their indices.

    Attributes
    ----------
    is_placed : bool array or None
        True where an index lies in the prediction; None if all are known to lie in it.
    """

    @property
    def is_placed(self) -> Array | None: ...


class CheckedCall(NamedTuple):
    """The arguments of a call, lined up; shapes and dtypes are checked, values are not.

    `labels` has the mask, and `weight` the weight, of the keywords; `settings` has the others.
    """

    xp: Namespace
    layout: BoundLayout
    spec: InputSpec
    settings: Settings
    dtype: object
    prediction: Array
    labels: MaskedLabels
    weight: Array | None
    arrays: Mapping[str, object]
    classes: Classes
    is_placed: Array | None = None

    @property
    def has_gaps(self) -> bool:
        """Whether a mask or `missing` may leave entries unobserved."""
        labels, missing = self.labels, self.settings.missing
        return not (labels.mask is None and labels.own_mask is None and missing is None)

    def savable(self) -> CheckedCall:
        """Return the call with arrays that automatic differentiation may save."""

        def savable(value: Any) -> Any:
            return self.xp.savable(value) if is_array_like(value) else value

        return self._replace(
            prediction=savable(self.prediction),
            labels=self.labels.map(savable),
            weight=savable(self.weight),
            settings=self.settings._replace(divisor=savable(self.settings.divisor)),
            arrays={name: savable(value) for name, value in self.arrays.items()},
        )

    def observed(self, layout: BoundLayout, select: Select | None = None) -> Array | None:
        """Return the mask of some entries of the call; None if neither mask nor `missing` is given.

        `select` takes those entries from an array; `layout` is their layout.
        """
        labels, missing = self.labels, self.settings.missing
        if select is not None:
            # Labels are only read to find the values that mean missing.
            labels = labels if missing is None else labels._replace(values=select(labels.values))
            masks = MaskedLabels(None, *labels[1:]).map(select)
            labels = masks._replace(values=labels.values)
        return what_is_observed(self.xp, layout, self.spec.names[1], labels, missing)

    def with_advice(self, labels: Domain) -> Domain:
        """Return the domain of the labels with advice for an error about a label out of range."""
        # Not that predictions come first: in Keras, and in objectives of boosting, labels do.
        swap = "; if it is a prediction, swap `{}` and `{}`".format(*self.spec.names)
        can_swap = is_argument(self.spec.names[0])
        question = "; is `mask` True where observed, and not where missing?"
        return labels._replace(
            missing=as_tuple(self.settings.missing),
            far_beyond=swap if can_swap else "",
            question="" if self.labels.mask is None else question,
        )
