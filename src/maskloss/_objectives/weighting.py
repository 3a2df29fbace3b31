"""How the losses of several heads make a total, with fixed or learned weights."""

from __future__ import annotations

import functools
import operator
from collections.abc import Mapping, Sequence
from typing import Any

from maskloss._arrays.typing import Array, Namespace
from maskloss._inputs.dtypes import cast
from maskloss._objectives.head import Head


class Weighing:
    """The weights of heads in one call: w_h L_h, or w_h (c_h exp(-s_h) L_h + s_h / 2).

    Parameters
    ----------
    xp : namespace
        The array library.
    heads : mapping of Head
        The heads by their names or places.
    counts : sequence of array
        How many entries of each are observed.
    log_variances : array or None
        The s of each head.
    """

    def __init__(
        self,
        xp: Namespace,
        heads: Mapping[Any, Head],
        counts: Sequence[Array],
        log_variances: Array | None,
    ) -> None:
        self._xp, self._heads, self._counts = xp, list(heads.values()), counts
        # Where nothing is observed, 0 makes the term and all its derivatives exactly 0.
        self._s: list[Array | None] = [None for _ in counts]
        if log_variances is not None:
            _check_log_variances(xp, list(heads), log_variances)
            self._s = [
                xp.where(count == 0, 0.0, log_variances[k]) for k, count in enumerate(counts)
            ]

    def total(self, values: Sequence[Array]) -> Array:
        """Return the total, in the widest dtype among the values."""
        terms = list(map(self._term, self._heads, values, self._counts, self._s))
        dtype = functools.reduce(self._wider, [term.dtype for term in terms])
        return functools.reduce(operator.add, [cast(self._xp, term, dtype) for term in terms])

    def derivatives(self, derivatives: Sequence[Array]) -> list[Array]:
        """Return derivatives of the total, given those of each head's loss."""
        return [
            self._factor(head, derivative.dtype, s) * derivative
            for head, derivative, s in zip(self._heads, derivatives, self._s, strict=True)
        ]

    def _wider(self, one: Any, other: Any) -> Any:
        # JAX may refuse to promote, and Dynamo does not know `max` with a key.
        xp = self._xp
        return one if float(xp.finfo(one).eps) <= float(xp.finfo(other).eps) else other

    def _factor(self, head: Head, dtype: object, s: Array | None) -> Array | float:
        if s is None:
            return head.weight
        return head.weight * head.likelihood * self._xp.exp(-cast(self._xp, s, dtype))

    def _term(self, head: Head, value: Array, count: Array, s: Array | None) -> Array:
        # What `empty` says of a head without an observed entry stays out of the total.
        value = self._xp.where(count == 0, 0.0, value)
        term = self._factor(head, value.dtype, s) * value
        if s is None:
            return term
        return term + head.weight * cast(self._xp, s, value.dtype) / 2


def _check_log_variances(xp: Namespace, keys: Sequence[Any], array: Array) -> None:
    given, wanted = tuple(array.shape), (len(keys),)
    if given != wanted or not xp.isdtype(array.dtype, "real floating"):
        msg = (
            f"`log_variances` must be a real floating array of shape {wanted}, one number for each "
            f"of the heads {', '.join(map(repr, keys))}, got {array.dtype} of shape {given}"
        )
        raise TypeError(msg) if given == wanted else ValueError(msg)
