"""The total of the losses of several heads, with fixed or learned weights."""

from __future__ import annotations

import functools
import operator
from collections.abc import Mapping, Sequence
from typing import Any

from .._arrays.namespace import Namespace
from .._arrays.typing import Array
from .._inputs.dtypes import cast
from .head import Head


class Weighting:
    """The terms of the heads in one call: w_h L_h, or w_h (c_h exp(-s_h) L_h + s_h / 2).

    Parameters
    ----------
    xp : namespace
        The array library.
    heads : mapping of Head
        The heads by their names or positions.
    counts : sequence of array
        The number of observed entries of each head.
    log_variances : array or None
        The log-variance s of each head.
    """

    def __init__(
        self,
        xp: Namespace,
        heads: Mapping[Any, Head],
        counts: Sequence[Array],
        log_variances: Array | None,
    ) -> None:
        self._xp, self._heads, self._counts = xp, list(heads.values()), counts
        # If a head has no observed entry, s = 0 makes its term and all derivatives exactly 0.
        self._log_variances: list[Array | None] = [None for _ in counts]
        if log_variances is not None:
            _check_log_variances(xp, list(heads), log_variances)
            self._log_variances = [
                xp.where(count == 0, 0.0, log_variances[k]) for k, count in enumerate(counts)
            ]

    def total(self, values: Sequence[Array], parts: Sequence[Array] | None = None) -> Array:
        """Return the total, in the widest dtype among the values.

        With `parts`, the values are shares of those of a step, and each head's part of its s / 2.
        """
        each: Sequence[Array | float] = [1.0 for _ in values] if parts is None else parts
        given = (self._heads, values, self._counts, self._log_variances, each)
        terms = list(map(self._term, *given))
        dtype = functools.reduce(self._wider, [term.dtype for term in terms])
        return functools.reduce(operator.add, [cast(self._xp, term, dtype) for term in terms])

    def derivatives(self, derivatives: Sequence[Array]) -> list[Array]:
        """Turn the derivatives of each head's loss into derivatives of the total."""
        return [
            self._factor(head, derivative.dtype, s) * derivative
            for head, derivative, s in zip(
                self._heads, derivatives, self._log_variances, strict=True
            )
        ]

    def _wider(self, one: Any, other: Any) -> Any:
        # JAX refuses to promote in its strict mode, and Dynamo cannot trace `max` with a key
        # (jax 0.10, torch 2.13).
        xp = self._xp
        return one if float(xp.finfo(one).eps) <= float(xp.finfo(other).eps) else other

    def _factor(self, head: Head, dtype: object, s: Array | None) -> Array | float:
        if s is None:
            return head.weight
        return head.weight * head.likelihood_factor * self._xp.exp(-cast(self._xp, s, dtype))

    def _term(
        self, head: Head, value: Array, count: Array, s: Array | None, part: Array | float
    ) -> Array:
        # A head without an observed entry has the value `empty`, which the total leaves out.
        value = self._xp.where(count == 0, 0.0, value)
        term = self._factor(head, value.dtype, s) * value
        if s is None:
            return term
        return term + part * (head.weight * cast(self._xp, s, value.dtype) / 2)


def _check_log_variances(xp: Namespace, keys: Sequence[Any], array: Array) -> None:
    given, wanted = tuple(array.shape), (len(keys),)
    if given != wanted or not xp.isdtype(array.dtype, "real floating"):
        msg = (
            f"`log_variances` must be a real floating array of shape {wanted}, one number for each "
            f"of the heads {', '.join(map(repr, keys))}, got {array.dtype} of shape {given}"
        )
        raise TypeError(msg) if given == wanted else ValueError(msg)
