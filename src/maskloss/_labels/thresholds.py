"""Make rows of yes-or-no labels of ordered classes, and of durations."""

from __future__ import annotations

from .._arrays.lookup import unify
from .._arrays.masked import refuse_masked_arrays
from .._arrays.namespace import Namespace, no_autograph
from .._arrays.typing import Array
from .._inputs.domain import REAL
from .._inputs.dtypes import as_mask
from .._inputs.masked_labels import is_array_like
from .._inputs.missing import Missing
from .._inputs.options import check_flag, check_integer
from .._inputs.outliers import refuse
from .counts import Labels, read_labels
from .docstrings import documented


@no_autograph
@documented
def ordinal_labels(
    labels: Array,
    classes: int,
    *,
    conditional: bool = False,
    mask: Array | None = None,
    missing: Missing = None,
) -> tuple[Array, Array]:
    """Turn ordered classes into the yes-or-no labels of CORAL or CORN, and their mask.

    Parameters
    ----------
    labels : array, shape (...)
        Class indices y, integers in [0, K), in their order. The mask of `numpy.ma` labels counts as
        well.
    classes : int
        The number of classes K, 2 or more.
    conditional : bool, default: False
        With False, all K - 1 labels of a known class are known: CORAL. With True, the label at
        threshold j is known where y >= j: CORN, which learns the probability of y > j among these.
    **observation

    Returns
    -------
    labels : bool array, shape (..., K - 1)
        Whether y > j, for the thresholds j = 0, ..., K - 2; False where missing.
    mask : bool array, shape (..., K - 1)
        True where the label is known.

    Raises
    ------
    TypeError
        If an argument is no array of the common library or has the wrong dtype.
    ValueError
        If a shape does not fit or, where values can be read, a label is out of range. Where they
        cannot be read, such a label counts as the nearest class.

    Notes
    -----
    Pass both to `binary_cross_entropy_with_logits`. The class of logits x is the number of
    thresholds whose probability is above 1/2: sigmoid(x) for CORAL; for CORN, the cumulative
    product of sigmoid(x) along the last axis.

    `coral_loss` of coral-pytorch 1.4 sums over thresholds: it is ``divisor=N`` here, the number of
    rows; ``reduction="mean"`` also divides by K - 1. Its `corn_loss` is ``reduction="mean"``: it
    divides by the number of known labels of all thresholds together, as the paper does.

    W. Cao, V. Mirjalili, S. Raschka, Rank consistent ordinal regression for neural networks with
    application to age estimation, 2020; X. Shi, W. Cao, S. Raschka, Deep neural networks for
    rank-consistent ordinal regression based on conditional probabilities, 2021.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> stars = np.asarray([0, 2, -1])
    >>> labels, mask = ml.ordinal_labels(stars, 4, conditional=True, missing=-1)
    >>> np.where(mask, labels.astype(int), -1)
    array([[ 0, -1, -1],
           [ 1,  1,  0],
           [-1, -1, -1]])
    >>> print(f"{ml.binary_cross_entropy_with_logits(np.zeros((3, 3)), labels, mask=mask):.4f}")
    0.6931
    """
    size = check_integer("classes", classes, least=2)
    is_conditional = check_flag("conditional", conditional)
    known = read_labels(labels, mask, missing, classes=size)
    xp, y = known.xp, known.xp.expand_dims(known.values, axis=-1)
    thresholds = _last(xp, xp.arange(size - 1, dtype=y.dtype, **xp.device_of(y)), y)
    is_known = _observed(known, y)
    if is_conditional:
        is_known = xp.logical_and(is_known, y >= thresholds)
    return _both(xp, y > thresholds, is_known)


@no_autograph
@documented
def hazard_labels(
    durations: Array,
    events: Array,
    edges: Array | list[float],
    *,
    mask: Array | None = None,
    missing: Missing = None,
) -> tuple[Array, Array]:
    """Turn durations into the yes-or-no labels of hazards in intervals, and their mask.

    Parameters
    ----------
    durations : array, shape (...)
        The time t until the event, or until which none was seen; integer or floating.
    events : array, shape (...)
        True where the event was seen, False where the duration is censored; bool, or 0 and 1.
    edges : array or list, shape (J,)
        The ends of the intervals, increasing: the first interval holds all times up to
        ``edges[0]``, the next those above it and up to ``edges[1]``, and so on.
    mask : bool array, optional
        True where duration and event are known: a scalar, or an array with the dimensions of
        `durations` and sizes 1 or equal.
    missing : float, or tuple or list of float, optional
        Durations that mean missing, such as ``nan``.

    Returns
    -------
    labels : bool array, shape (..., J)
        True in the interval of the event; False where missing.
    mask : bool array, shape (..., J)
        True where it is known whether the event was in the interval, given that it was not before:
        up to the interval of the event; of a censored duration, in the intervals that end by then.

    Raises
    ------
    TypeError
        If an argument is no array of the common library or has the wrong dtype.
    ValueError
        If a shape does not fit or, where values can be read, `edges` do not increase or a duration
        is NaN and not missing.

    Notes
    -----
    Pass both to `binary_cross_entropy_with_logits`; with ``divisor=N``, the number of rows, it is
    the negative log-likelihood of the discrete hazards sigmoid(x). The probability to get beyond
    each edge is the cumulative product of sigmoid(-x) along the last axis. The interval in which a
    duration is censored does not count. `LabTransDiscreteTime` of pycox 0.3 gives the same labels,
    with its cuts, of which the first is 0, as edges.

    M. F. Gensheimer, B. Narasimhan, A scalable discrete-time survival model for neural networks,
    2019.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> months, died = np.asarray([5.0, 12.0, 30.0]), np.asarray([True, False, True])
    >>> labels, mask = ml.hazard_labels(months, died, [6.0, 12.0, 24.0])
    >>> np.where(mask, labels.astype(int), -1)
    array([[ 1, -1, -1],
           [ 0,  0, -1],
           [ 0,  0,  0]])
    """
    arrays = {"durations": durations, "events": events, "edges": edges}
    if is_array_like(mask):
        arrays["mask"] = mask
    xp, given = unify(arrays, lists={"edges", "mask"})
    refuse_masked_arrays({name: given[name] for name in ("events", "edges")})
    mask = given.get("mask", mask)
    known = read_labels(given["durations"], mask, missing, name="durations", domain=REAL)
    t = xp.expand_dims(known.values, axis=-1)
    ends = _last(xp, _ends(xp, xp.astype(given["edges"], known.dtype)), t)
    events = _events(xp, given["events"], known)
    is_past, is_seen = t > ends, xp.expand_dims(events, axis=-1)
    # In the interval of the event, its end is the first that is not past.
    was_past = xp.concat([xp.ones_like(is_past[..., :1]), is_past[..., :-1]], axis=-1)
    is_here = xp.logical_and(xp.logical_and(was_past, ~is_past), is_seen)
    is_over = xp.where(is_seen, is_past, t >= ends)
    return _both(xp, is_here, xp.logical_and(_observed(known, t), xp.logical_or(is_over, is_here)))


def _ends(xp: Namespace, edges: Array) -> Array:
    shape = xp.shape_of(edges)
    if len(shape) != 1 or shape[0] == 0:
        msg = f"`edges` must have shape (J,), one end for each interval, got {shape}"
        raise ValueError(msg)
    steps = edges[1:] - edges[:-1]
    refuse(xp, "edges", edges[1:], ~(steps > 0), "increasing numbers", "; sort them")
    return edges


def _events(xp: Namespace, events: Array, known: Labels) -> Array:
    """Return True where an event was seen; False where the duration is missing."""
    shape = xp.shape_of(events)
    if shape != known.shape:
        msg = f"`events` must have the shape of `durations`, {known.shape}, got {shape}"
        raise ValueError(msg)
    if known.observed is not None:
        events = xp.where(known.observed, events, xp.zeros_like(events))
    return as_mask(xp, events, known.values, "events", "the event was seen")


def _last(xp: Namespace, numbers: Array, like: Array) -> Array:
    """Lay numbers along the last axis of an array."""
    return xp.reshape(numbers, (1,) * (len(like.shape) - 1) + (-1,))


def _observed(known: Labels, expanded: Array) -> Array:
    """Return True where a label is observed, with an axis of thresholds."""
    if known.observed is None:
        return known.xp.ones_like(expanded) == 1
    return known.xp.expand_dims(known.observed, axis=-1)


def _both(xp: Namespace, labels: Array, mask: Array) -> tuple[Array, Array]:
    return xp.logical_and(labels, mask), xp.broadcast_to(mask, xp.shape_of(labels))
