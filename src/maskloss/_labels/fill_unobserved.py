"""Fill what is not observed before a formula of the caller."""

from __future__ import annotations

from collections.abc import Sequence

from .._arrays.kinds import scalar, shown
from .._arrays.lookup import unify
from .._arrays.masked import refuse_masked_arrays, split_masked_array
from .._arrays.namespace import Namespace, no_autograph
from .._arrays.typing import Array
from .._inputs.bound_layout import BoundLayout
from .._inputs.dtypes import as_mask
from .._inputs.masked_labels import MaskedLabels, is_array_like, what_is_observed
from .._inputs.missing import Missing, can_hold


@no_autograph
def fill_unobserved(
    *arrays: Array,
    mask: Array | None = None,
    missing: Missing = None,
    fill_value: float | tuple[float, ...] | list[float] = 0.0,
) -> tuple[Array, ...]:
    """Fill numbers that are not observed, so that your own formula is safe there.

    Parameters
    ----------
    *arrays : array
        The inputs of the formula, the labels last. Each has the shape of the labels, or more axes
        at the end, such as the axis of the classes of logits.
    mask : bool array, optional
        True where observed: a scalar, or an array with the labels' number of dimensions and sizes 1
        or equal. Numbers 0 and 1 are taken as well.
    missing : float, or tuple or list of float, optional
        Labels that mean missing, such as ``-1`` or ``nan``. If `mask` is given too, an entry is
        observed where both agree. The mask of `numpy.ma` labels counts as well.
    fill_value : float, or tuple or list of float, default: 0.0
        What to put where nothing is observed; several numbers are one per array. The formula and
        its derivatives must be finite there.

    Returns
    -------
    tuple of array
        The filled arrays, and the mask of what is observed, in the shape of the labels.

    Raises
    ------
    TypeError
        If an argument is not an array of the common library.
    ValueError
        If shapes do not fit, or neither `mask` nor `missing` is given.

    See Also
    --------
    masked_mean : Reduces the losses of the formula.

    Notes
    -----
    A mask after a formula makes its value safe, but not its gradient: the 0 that comes back
    through the mask meets an infinite or undefined slope, and 0 times infinity is NaN. Here, the
    formula never sees such a number: this is the double ``where`` that JAX's documentation
    recommends.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> x, y = np.asarray([2.0, np.inf, 3.0]), np.asarray([1.0, np.nan, 5.0])
    >>> x, y, known = ml.fill_unobserved(x, y, missing=np.nan, fill_value=1.0)
    >>> known
    array([ True, False,  True])
    >>> print(f"{ml.masked_mean((np.log(x) - np.log(y)) ** 2, mask=known):.4f}")
    0.3707
    """
    if not arrays:
        msg = "give the arrays to fill, the labels last, got none"
        raise TypeError(msg)
    *names, label_name = [f"arrays[{k}]" for k in range(len(arrays))]
    given = dict(zip(names, arrays, strict=False))
    if is_array_like(mask):
        given["mask"] = mask
    refuse_masked_arrays(given)
    xp, unified = unify({**given, label_name: arrays[-1]}, lists={"mask"})
    labels, own_mask = split_masked_array(unified[label_name])
    observed = _observed(xp, label_name, labels, unified.get("mask", mask), own_mask, missing)
    filled = [*(unified[name] for name in names), labels]
    fills = _fill_values(fill_value, len(arrays))
    pairs = zip([*names, label_name], filled, fills, strict=True)
    return *(_fill(xp, name, array, observed, fill) for name, array, fill in pairs), observed


def _observed(
    xp: Namespace,
    name: str,
    labels: Array,
    mask: Array | None,
    own_mask: Array | None,
    missing: Missing,
) -> Array:
    """Return the mask of what is observed, in the shape of the labels."""
    layout = BoundLayout(xp.shape_of(labels))
    if mask is not None:
        mask = layout.line_up_mask(xp, as_mask(xp, mask, labels))
    known = what_is_observed(xp, layout, name, MaskedLabels(labels, mask, own_mask), missing)
    if known is None:
        msg = "give `mask`, `missing`, or both, got neither; without them, all is observed"
        raise ValueError(msg)
    return known


def _fill_values(given: float | Sequence[float], number: int) -> list[float]:
    values = list(given) if isinstance(given, tuple | list) else [given] * number
    numbers = [value for value in map(scalar, values) if value is not None]
    if len(numbers) < len(values) or len(values) != number:
        msg = f"`fill_value` must be a number, or {number} of them, got {shown(given)}"
        raise ValueError(msg)
    return numbers


def _fill(xp: Namespace, name: str, array: Array, observed: Array, fill: float) -> Array:
    shape, known = xp.shape_of(array), xp.shape_of(observed)
    if shape[: len(known)] != known:
        msg = (
            f"`{name}` must have the shape of the labels, {known}, or more axes at the end, "
            f"got {shape}"
        )
        raise ValueError(msg)
    for _ in range(len(shape) - len(known)):
        observed = xp.expand_dims(observed, axis=-1)
    return xp.where(observed, array, _number_for(xp, name, array, fill))


def _number_for(xp: Namespace, name: str, array: Array, fill: float) -> float:
    """Return the number as one of the array's kind, as `where` needs it."""
    dtype = array.dtype
    is_whole = xp.isdtype(dtype, ("bool", "integral"))
    if (is_whole or xp.isdtype(dtype, "real floating")) and not can_hold(xp, dtype, fill):
        msg = (
            f"`fill_value` must be {'an integer' if is_whole else 'a number'} that `{name}` of "
            f"dtype {dtype} can hold, got {fill:g}; give one number per array, or cast the array"
        )
        raise ValueError(msg)
    if xp.isdtype(dtype, "bool"):
        return bool(fill)
    return int(fill) if is_whole else float(fill)
