"""The results of a `MultiObjective`: values of one call, and sums to be added across calls."""

from __future__ import annotations

from typing import Any, NamedTuple, NoReturn

from .._arrays.typing import Array
from .._evaluation.sums import Sums, add_to_start, not_added, not_multiplied
from .structure import Structure

_ADVICE = "add sums of one objective only"


class ObjectiveValue(NamedTuple):
    """The value of a `MultiObjective`.

    It is a named tuple, and therefore a pytree in JAX and in torch.

    Attributes
    ----------
    total : array
        The number to minimise: the weighted sum over the heads.
    values : dict or tuple of array
        The reduced loss of each head, without its weight.
    counts : dict or tuple of array
        The number of observed entries of each head, an integer.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> objective = ml.MultiObjective((ml.Head(ml.mse_loss, weight=0.5), ml.Head(ml.l1_loss)))
    >>> x, y = np.asarray([1.0, 2.0]), np.asarray([3.0, 4.0])
    >>> result = objective((x, x), (y, y), mask=(None, False))
    >>> float(result.total), [float(v) for v in result.values], [int(n) for n in result.counts]
    (2.0, [4.0, 0.0], [2, 0])
    """

    total: Array
    values: dict[Any, Array] | tuple[Array, ...]
    counts: dict[Any, Array] | tuple[Array, ...]


class ObjectiveSums(NamedTuple):
    """The `Sums` of each head of a `MultiObjective`, to be added across steps and devices.

    It is a named tuple, and therefore a pytree in JAX and in torch.

    Attributes
    ----------
    heads : dict or tuple of Sums
        The sums of each head.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> objective = ml.MultiObjective({"depth": ml.Head(ml.mse_loss, weight=0.5)})
    >>> steps = [({"depth": np.ones(2)}, {"depth": np.full(2, y)}) for y in (1.0, 3.0)]
    >>> sums = sum(objective(*step, reduction="sums") for step in steps)
    >>> float(objective.combine(sums).total)
    1.0
    """

    heads: dict[Any, Sums] | tuple[Sums, ...]

    def __add__(self, other: ObjectiveSums) -> ObjectiveSums:  # type: ignore[override]
        """Add the sums of each head."""
        if not isinstance(other, ObjectiveSums):
            raise not_added(self, other)
        structure = Structure.of("heads", self.heads, _ADVICE)
        mine, others = (structure.items_of("heads", sums.heads, _ADVICE) for sums in (self, other))
        return ObjectiveSums(structure.build([a + b for a, b in zip(mine, others, strict=True)]))

    def __radd__(self, other: object) -> ObjectiveSums:
        """Accept 0 on the left, from which the builtin `sum` starts."""
        return add_to_start(self, other)

    def __mul__(self, other: object) -> NoReturn:
        """Raise, where a tuple would repeat its items."""
        raise not_multiplied(self, other)

    def __rmul__(self, other: object) -> NoReturn:
        """Raise, as `__mul__` does."""
        raise not_multiplied(self, other)
