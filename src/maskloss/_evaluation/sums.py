"""The parts of a mean, which can be added where means cannot."""

from __future__ import annotations

from typing import Literal, NamedTuple, NoReturn, TypeVar

from maskloss._arrays.kinds import is_number, shown
from maskloss._arrays.lookup import array_namespace
from maskloss._arrays.namespace import Namespace, no_autograph
from maskloss._arrays.typing import Array
from maskloss._inputs.options import check_empty

T = TypeVar("T", bound=tuple[object, ...])


class Sums(NamedTuple):
    """The numerator and the denominators of a mean, to add across steps, devices and files.

    `Sums` are a named tuple, and so a pytree in JAX and in torch.

    Attributes
    ----------
    total : array
        Sum of weight times loss over the observed entries.
    count : array
        Number of observed entries, an integer.
    weight : array
        Sum of the weights of the observed entries.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> known = np.asarray([True, True, False])
    >>> first = ml.mse_loss(np.ones(3), np.zeros(3), mask=known, reduction="sums")
    >>> second = ml.mse_loss(np.full(3, 2.0), np.zeros(3), mask=~known, reduction="sums")
    >>> float((first + second).mean())
    2.0
    """

    total: Array
    count: Array
    weight: Array

    def __add__(self, other: Sums) -> Sums:  # type: ignore[override]
        """Add part by part."""
        if not isinstance(other, Sums):
            raise not_added(self, other)
        return Sums(*(a + b for a, b in zip(self, other, strict=True)))

    def __radd__(self, other: object) -> Sums:
        """Support the builtin `sum`, which starts from 0."""
        return add_to_start(self, other)

    def __mul__(self, other: object) -> NoReturn:
        """Refuse a product, which would repeat the tuple."""
        raise not_multiplied(self, other)

    def __rmul__(self, other: object) -> NoReturn:
        """Refuse a product, as `__mul__` does."""
        raise not_multiplied(self, other)

    @no_autograph
    def mean(self, *, empty: float | Literal["raise"] = 0.0) -> Array:
        """Return total / count, or `empty` where nothing was observed."""
        check_empty(empty)
        xp = array_namespace({"total": self.total})
        count = xp.astype(self.count, self.total.dtype)
        return ratio(xp, self.total, count, number_if_empty(xp, count, empty))

    @no_autograph
    def weighted_mean(self, *, empty: float | Literal["raise"] = 0.0) -> Array:
        """Return total / weight, or `empty` where the weights add up to 0."""
        check_empty(empty)
        xp = array_namespace({"total": self.total})
        return ratio(xp, self.total, self.weight, number_if_empty(xp, self.weight, empty))


def not_added(sums: tuple[object, ...], other: object) -> TypeError:
    """Return the error of a sum with another type."""
    name = type(sums).__name__
    return TypeError(f"only {name} add to {name}, got {shown(other)}")


def add_to_start(sums: T, other: object) -> T:
    """Return `sums` added to the 0 from which the builtin `sum` starts."""
    if isinstance(other, tuple):
        # Python would concatenate tuples; other types may define the sum themselves.
        raise not_added(sums, other)
    return sums if isinstance(other, int) and other == 0 else NotImplemented


def not_multiplied(sums: tuple[object, ...], other: object) -> TypeError:
    """Return the error of a product, which would repeat the tuple."""
    name = type(sums).__name__
    advice = "multiply the mean, or the parts by name"
    return TypeError(f"{name} cannot be multiplied, got {shown(other)}; {advice}")


def ratio(xp: Namespace, total: Array, divisor: Array | float, empty: float) -> Array:
    """Return total / divisor, or `empty` where the divisor is 0, with a gradient of 0."""
    if is_number(divisor):
        return total + empty if divisor == 0 else total / divisor
    is_empty = divisor == 0
    return xp.where(is_empty, empty, total / xp.where(is_empty, 1.0, divisor))


def inverse(xp: Namespace, divisor: Array | float) -> Array | float:
    """Return 1 / divisor, or 0 where the divisor is 0."""
    if is_number(divisor):
        return 0.0 if divisor == 0 else 1.0 / divisor
    is_zero = divisor == 0
    return xp.where(is_zero, 0.0, 1.0 / xp.where(is_zero, 1.0, divisor))


def number_if_empty(
    xp: Namespace, divisor: Array | float, empty: float | Literal["raise"]
) -> float:
    """Return the mean of no entry; with "raise", raise if a divisor is 0."""
    if empty != "raise":
        return float(empty)
    is_empty = divisor == 0
    if not is_number(divisor) and not xp.is_readable(is_empty):
        msg = (
            'empty="raise" must read values, which a traced call or one on an accelerator cannot; '
            "use empty=float('nan') there"
        )
        raise ValueError(msg)
    if is_empty if is_number(divisor) else bool(xp.any(is_empty)):
        msg = (
            'nothing is observed in a mean and empty="raise"; check `mask`, `missing` and '
            "`weight`, or give `empty` a number"
        )
        raise ValueError(msg)
    return 0.0
