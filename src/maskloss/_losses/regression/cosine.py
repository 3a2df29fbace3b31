"""Cosine similarity loss: 1 minus the cosine of the angle between two rows."""

from __future__ import annotations

import functools
from typing import Unpack

from ..._arrays.cached_property import cached_property
from ..._arrays.typing import Array
from ..._formula import Call, Terms
from ..._inputs.domain import Domain
from ..._inputs.entries import Entries
from ..._inputs.layout import EntryLayout
from ..._inputs.options import Options, check_axis, check_number
from ..._inputs.unused import refuses_unused
from ..._loss import loss

_SIGN = Domain(values=(-1, 1))


@loss()
@refuses_unused(similarity={1: ["margin"]})
def cosine_similarity_loss(
    input: Array,
    target: Array,
    *,
    similarity: Array | float = 1.0,
    margin: float = 0.0,
    feature_axis: int = -1,
    eps: float = 1e-8,
    **options: Unpack[Options],
) -> Call:
    r"""1 minus the cosine of the angle between two rows, :math:`1 - \cos(x, y)`.

    .. math::
        \cos(x, y) = \frac{\sum_k x_k y_k}{\max(|x|, \epsilon) \, \max(|y|, \epsilon)}

    Parameters
    ----------
    input : array, shape (..., K)
        Predictions x, of real floating dtype. Each row along `feature_axis` is an entry. Product
        and norms run over its observed elements.
    target : array, shape (..., K)
        Numbers y of the same shape. `mask` and `missing` apply to each element.
    similarity : float or array, shape (...), default: 1.0
        1 for rows that should be similar; -1 for rows that should not, whose loss is
        ``max(0, cos(x, y) - margin)``.
    margin : float, default: 0.0
        The largest cosine, -1 or more, with loss 0 where `similarity` is -1.
    feature_axis : int, default: -1
        The axis of the elements of a row.
    eps : float, default: 1e-8
        The smallest norm, more than 0; smaller norms are clipped to it.
    **options

    Notes
    -----
    1 minus `torch.nn.functional.cosine_similarity`, with the same `eps`. A clipped norm is a
    constant in the derivative; torch 2.13 differentiates it as well, unless it is 0.
    `torch.nn.functional.cosine_embedding_loss` takes `similarity` as its labels and is the same,
    except that it adds 1e-12 to the squared norms. `keras.losses.CosineSimilarity` is smaller by 1.
    A row of zeros has the cosine 0.

    Nothing overflows. For almost parallel rows, a loss l has a relative error of about
    epsilon / sqrt(l); 1 minus the rounded cosine would have epsilon / l.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> x, y = np.asarray([[3.0, 4.0, 1.0]]), np.asarray([[4.0, 3.0, np.nan]])
    >>> float(ml.cosine_similarity_loss(x, y, missing=np.nan).round(4))
    0.04
    """
    terms = functools.partial(
        _cosine_similarity,
        margin=check_number("margin", margin, least=-1.0),
        eps=check_number("eps", eps, above=True),
    )
    layout = EntryLayout(
        check_axis("feature_axis", feature_axis), coupled=True, keyword="feature_axis"
    )
    arrays = {"similarity": similarity}
    return Call(input, target, terms, options, layout=layout, arrays=arrays)


def _cosine_similarity(entries: Entries, *, margin: float, eps: float) -> Terms:
    xp, pair = entries.xp, _Pair(entries, eps)
    sign = entries.per_entry("similarity", domain=_SIGN, fill_value=1.0)
    excess = pair.cosine - margin
    # The test by `<=` is False for a NaN, which is let through.
    is_apart = excess <= 0

    def value() -> Array:
        apart = xp.where(is_apart, 0.0, excess)
        return xp.where(sign == 1, pair.distance, apart) + 0.0 * sign

    factor = xp.where(sign == 1, -1.0, xp.where(is_apart, 0.0, xp.ones_like(excess))) + 0.0 * sign
    return Terms(
        value=value,
        slope=lambda: factor * pair.slope,
        curvature=lambda: factor * pair.curvature,
    )


class _Direction:
    """A row divided by its norm, or by epsilon if the norm is smaller."""

    def __init__(self, entries: Entries, row: Array, eps: float) -> None:
        xp = entries.xp
        # Divide by the mean absolute value first: the squared norm could overflow or underflow.
        size = entries.total(xp.stop_gradient(xp.abs(row)) / entries.number)
        size = xp.where(size == 0, 1.0, size)
        scaled = row / size
        square = entries.total(scaled * scaled)
        norm = xp.sqrt(xp.where(square == 0, 1.0, square))
        self.is_short = (norm * size <= eps) | (square == 0)
        self.length = xp.where(self.is_short, eps, norm * size)
        short = xp.where(self.is_short, row, 0.0) / eps
        self.elements = xp.where(self.is_short, short, scaled / norm)


class _Pair:
    """The cosine of prediction and target, and its derivatives by the prediction."""

    def __init__(self, entries: Entries, eps: float) -> None:
        self._entries, self._xp = entries, entries.xp
        # A quotient by an epsilon that is a float32 of 0 would be 0 / 0 for a row of zeros.
        eps = max(eps, float(entries.xp.finfo(entries.prediction.dtype).smallest_normal))
        self._x = _Direction(entries, entries.prediction, eps)
        self._y = _Direction(entries, entries.labels, eps)

    @cached_property
    def cosine(self) -> Array:
        return self._entries.total(self._x.elements * self._y.elements)

    @property
    def distance(self) -> Array:
        """1 - cos: for rows of norm 1, half the squared distance between them."""
        apart = self._x.elements - self._y.elements
        is_short = self._xp.logical_or(self._x.is_short, self._y.is_short)
        return self._xp.where(is_short, 1 - self.cosine, self._entries.total(apart * apart) / 2)

    @cached_property
    def slope(self) -> Array:
        u, v, length = self._x.elements, self._y.elements, self._x.length
        return self._xp.where(self._x.is_short, v, v - self.cosine * u) / length

    @property
    def curvature(self) -> Array:
        u, v, length = self._x.elements, self._y.elements, self._x.length
        numerator = 3 * self.cosine * u * u - 2 * u * v - self.cosine
        return self._xp.where(self._x.is_short, 0.0, numerator / length / length)
