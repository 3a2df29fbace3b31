"""Targets and weights as users of scikit-learn give them, with gaps."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from .. import _public as ml
from .._arrays.typing import Array
from .._inputs.missing import as_tuple


class Targets(NamedTuple):
    """Targets in columns, and where they are observed."""

    values: Array
    mask: Array
    is_column: bool  # whether the user gave one dimension


def read_targets(y: Any, missing: Any, *, owner: str, name: str = "y") -> Targets:
    """Return targets of one or two dimensions; NaN, None and `missing` are not observed."""
    if y is None:
        msg = f"This {owner} estimator requires y to be passed, but the target y is None"
        raise ValueError(msg)
    if hasattr(y, "columns"):
        values, mask, _ = ml.from_table(y)
        values, mask = np.asarray(values), np.asarray(mask)
    else:
        values = np.asarray(y)
        mask = _known(values)
        if isinstance(y, np.ma.MaskedArray):
            mask = mask & ~np.ma.getmaskarray(y)
    if values.ndim not in {1, 2}:
        msg = f"{name} must have one or two dimensions, got shape {values.shape}"
        raise ValueError(msg)
    if values.dtype.kind == "c":
        msg = f"Complex data not supported: {name} has dtype {values.dtype}"
        raise ValueError(msg)
    for value in as_tuple(missing):
        mask = mask & ~np.asarray(values == value)
    if not mask.any():
        msg = f"Input {name} contains NaN or missing labels alone: no label is observed"
        raise ValueError(msg)
    if values.ndim == 1:
        return Targets(values[:, None], mask[:, None], is_column=True)
    return Targets(values, mask, is_column=False)


def as_numbers(targets: Targets) -> Targets:
    """Return targets as floats, 0 where missing; raise for observed ones that are infinite."""
    numbers = np.zeros(targets.values.shape)
    numbers[targets.mask] = targets.values[targets.mask].astype(np.float64)
    refuse_infinity(numbers)
    return targets._replace(values=numbers)


def refuse_infinity(values: Array) -> None:
    """Raise, in scikit-learn's words, if a number is infinite."""
    if values.dtype.kind == "f" and np.isinf(values).any():
        msg = "Input y contains infinity or a value too large for dtype('float64')."
        raise ValueError(msg)


def read_weight(sample_weight: Any, targets: Targets) -> Array:
    """Return a weight per entry, 0 where missing, from one per row or one per entry."""
    shape = targets.mask.shape
    if sample_weight is None:
        return targets.mask.astype(np.float64)
    weight = np.asarray(sample_weight, dtype=np.float64)
    given = shape[:1] if targets.is_column else shape
    if weight.shape not in {(), shape[:1], given}:
        msg = (
            f"sample_weight must have shape ({shape[0]},) or the shape of y, {given}, got "
            f"{weight.shape}"
        )
        raise ValueError(msg)
    weight = weight[:, None] if weight.ndim == 1 else weight
    weight = np.where(targets.mask, weight, 0.0)
    if not (weight >= 0).all() or np.isinf(weight).any():
        msg = "sample_weight must be finite and not negative where a label is observed"
        raise ValueError(msg)
    if not weight.any():
        msg = "sample_weight is zero for every observed label"
        raise ValueError(msg)
    return weight


def _known(values: Array) -> Array:
    if values.dtype.kind == "f":
        return ~np.isnan(values)
    if values.dtype.kind != "O":
        return np.ones(values.shape, dtype=bool)
    known = [not _is_nothing(value) for value in values.ravel()]
    return np.asarray(known, dtype=bool).reshape(values.shape)


def _is_nothing(value: object) -> bool:
    """Return whether an object is None, NaN, or pandas' NA, which is no truth value."""
    return value is None or type(value).__name__ in {"NAType", "NaTType"} or value != value  # noqa: PLR0124
