"""The samples of each model: some of the targets, and the rows where one is observed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from .._arrays.kinds import shown
from .._arrays.typing import Array
from ..boosting import mark_missing
from ._boosting_library import Data, Features, Library
from ._estimator import Samples


def groups(number: int, library: Library) -> Iterator[slice]:
    """Yield the targets of each model."""
    size = number if library.takes_all_targets else 1
    for first in range(0, number, size):
        yield slice(first, first + size)


def observed(samples: Samples, columns: slice) -> Samples:
    """Return some targets, in the rows where one is observed with a weight above 0."""
    values, mask, is_column = samples.targets
    weight = samples.weight[:, columns]
    mask = mask[:, columns] & (weight > 0)
    of_columns = Samples(
        samples.features, type(samples.targets)(values[:, columns], mask, is_column), weight
    )
    return _rows(of_columns, np.flatnonzero(mask.any(axis=1)))


def _rows(samples: Samples, rows: Array) -> Samples:
    features, (values, mask, is_column), weight = samples
    targets = type(samples.targets)(values[rows], mask[rows], is_column)
    return Samples(features[rows], targets, weight[rows])


def split(samples: Samples, fraction: float, generator: Any) -> tuple[Samples, Samples]:
    """Return samples to learn from and, by a draw, the others to validate with."""
    if not 0 < fraction < 1:
        msg = f"validation_fraction must be between 0 and 1, got {shown(fraction)}"
        raise ValueError(msg)
    number = len(samples.weight)
    order = generator.permutation(number)
    first = int(np.ceil(fraction * number))
    return _rows(samples, np.sort(order[first:])), _rows(samples, np.sort(order[:first]))


def as_data(samples: Samples, objective: Any, categorical: tuple[int, ...]) -> Data:
    """Return samples as the library takes them."""
    values, mask, _ = samples.targets
    labels, weight = mark_missing(values, mask=mask), samples.weight
    if objective.is_of_rows:
        weight = _row_weight(weight, mask, objective)
    is_one = values.shape[1] == 1
    return Data(
        Features(samples.features, categorical),
        *(part[:, 0] if is_one and part.ndim > 1 else part for part in (labels, weight)),
    )


def _row_weight(weight: Array, mask: Array, objective: Any) -> Array:
    rows = weight.max(axis=1)
    if (weight != np.where(mask, rows[:, None], 0)).any():
        msg = f"an entry of `{objective.loss.__name__}` is a row: sample_weight must be one per row"
        raise ValueError(msg)
    return rows
