"""The parts of a mean, which can be added where means cannot."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple, NoReturn, TypeVar

from .._arrays.kinds import is_number, shown
from .._arrays.lookup import array_namespace, unify
from .._arrays.namespace import Namespace, no_autograph
from .._arrays.typing import Array
from .._inputs.options import check_empty

T = TypeVar("T", bound=tuple[object, ...])
NOTHING_OBSERVED = (
    'nothing is observed in a mean and empty="raise"; check `mask`, `missing` and `weight`, or '
    "give `empty` a number"
)


class Sums(NamedTuple):
    """The numerator and the denominators of a mean, to add across steps, devices and files.

    `Sums` are a named tuple, and so a pytree in JAX and in torch. An addition gives float64 and
    64-bit integers where the library and the device have them, so that many batches can be added;
    in a trace of JAX or a graph of TensorFlow, whose loops must keep dtypes, it keeps them. A mean
    raises an `OverflowError`, or is NaN in a trace, if a 32-bit count went beyond 2**31 - 1.

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
        return Sums(*map(_add, self, other))

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
        return self._over(self.count, empty)

    @no_autograph
    def weighted_mean(self, *, empty: float | Literal["raise"] = 0.0) -> Array:
        """Return total / weight, or `empty` where the weights add up to 0."""
        return self._over(self.weight, empty)

    @no_autograph
    def means(self) -> Sums:
        """Return sums in which each mean is one entry of weight 1, so that means can be averaged.

        Means over no entry are left out. With sums of each class, over all devices,
        ``sums.means().mean()`` is the mean of ``reduction="macro"``; with sums of each sample,
        ``sums.means()`` can be added across devices to the mean of ``reduction="samples"``.

        Returns
        -------
        Sums
            The sum of the means, and their number as count and as weight.

        Examples
        --------
        >>> import numpy as np
        >>> import maskloss as ml
        >>> known = np.asarray([[True, True, False], [True, False, False]])
        >>> error = np.asarray([[1.0, 2.0, 9.0], [3.0, 9.0, 9.0]])
        >>> per_class = ml.mse_loss(error, 0 * error, mask=known, reduction="sums", axis=0)
        >>> means = per_class.means()
        >>> float(means.total), int(means.count)
        (9.0, 2)
        """
        means = self.mean()
        if _is_python(means):
            return Sums(means, int(self.count != 0), float(self.count != 0))
        xp = array_namespace({"total": means})
        is_counted = self.count != 0
        count = xp.count_nonzero(is_counted)
        return Sums(xp.sum(means), count, xp.astype(count, means.dtype))

    def _over(self, divisor: Any, empty: float | Literal["raise"]) -> Array:
        check_empty(empty)
        total: Any = self.total
        if _is_python(total) and _is_python(divisor):
            total, divisor = float(total), float(divisor)
            if divisor == 0 and empty == "raise":
                raise ValueError(NOTHING_OBSERVED)
            return total / divisor if divisor else total + float(empty)
        xp = array_namespace({"total": total})
        if not _is_python(divisor):
            divisor = _unless_wrapped(xp, divisor, xp.astype(divisor, total.dtype))
        return ratio(xp, total, divisor, number_if_empty(xp, divisor, empty))


def _is_python(value: object) -> bool:
    """Return whether a part was read back from a file as a number of Python."""
    return type(value) in {int, float}


def _add(a: Any, b: Any) -> Any:
    """Add in 64 bits where the library has them; a 32-bit count that wraps stays negative."""
    parts = {"sums": a, "sums to add": b}
    arrays = {name: part for name, part in parts.items() if not _is_python(part)}
    if not arrays:
        return a + b
    # A library that takes NumPy arrays comes first: the others become its arrays.
    names = sorted(arrays, key=lambda name: not array_namespace({name: arrays[name]}).takes_numpy)
    xp, unified = unify({name: arrays[name] for name in names})
    widened = {name: xp.widened(part) for name, part in unified.items()}
    a, b = (parts | widened).values()
    added = a + b
    if not _may_wrap(xp, added):
        return added
    return xp.where((a < 0) | (b < 0), xp.iinfo(added.dtype).min, added)


def _may_wrap(xp: Namespace, count: Array) -> bool:
    dtype = count.dtype
    return bool(xp.isdtype(dtype, "signed integer")) and xp.iinfo(dtype).max < 2**63 - 1


def _unless_wrapped(xp: Namespace, count: Array, divisor: Array) -> Array:
    """Return the divisor; raise if its count went beyond 32 bits, or NaN if it cannot be read."""
    if not _may_wrap(xp, count):
        return divisor
    is_wrapped = count < 0
    if not xp.is_readable(is_wrapped):
        return xp.where(is_wrapped, float("nan"), divisor)
    if xp.any(is_wrapped):
        msg = (
            f"the count of these sums is above {xp.iinfo(count.dtype).max}, the largest number of "
            f"{count.dtype}; enable 64-bit numbers of the library: jax_enable_x64 of JAX"
        )
        raise OverflowError(msg)
    return divisor


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
        raise ValueError(NOTHING_OBSERVED)
    return 0.0
