"""Log-probabilities of sequences of tokens, from logits."""

from __future__ import annotations

from ..._arrays.lookup import unify
from ..._arrays.masked import split_masked_array
from ..._arrays.namespace import no_autograph
from ..._arrays.typing import Array, Shape
from ..._inputs.masked_labels import is_array_like
from ..._inputs.missing import Missing
from ..._inputs.options import ReductionName, check_flag
from ..categorical.cross_entropy import cross_entropy


@no_autograph
def sequence_log_probability(
    logits: Array,
    labels: Array,
    *,
    mask: Array | None = None,
    missing: Missing = -100,
    shift: bool = False,
    mean: bool = False,
) -> Array:
    """Log-probability of each sequence: the sum over its observed tokens, or their mean.

    Parameters
    ----------
    logits : array, shape (..., T, C)
        Logits of the tokens, of real floating dtype.
    labels : array, shape (..., T)
        Class indices of the tokens, integers in [0, C).
    mask : bool array, optional
        True where a token counts, such as those of the completion, as for `cross_entropy`.
    missing : float, or tuple or list of float, optional
        Labels of tokens that do not count; -100 by default.
    shift : bool, default: False
        Whether the logits at each token predict the label of the next token, as in a causal
        language model. The mask is that of the labels.
    mean : bool, default: False
        Whether to return the mean over the tokens that count, as for SimPO, IPO and ORPO.

    Returns
    -------
    array, shape (...)
        The log-probabilities; 0 for a sequence without a token that counts.

    Raises
    ------
    TypeError
        If an argument is not an array of the common library or has the wrong dtype.
    ValueError
        If shapes differ or, where values can be read, a label is out of range.

    See Also
    --------
    preference_loss : Takes these for the chosen and the rejected sequence.

    Notes
    -----
    The negative `cross_entropy` with ``axis=-1``, and as exact. For a large vocabulary
    `linear_cross_entropy` has the same sums without all logits in memory. The log-probability of
    each token is the negative `cross_entropy` with ``reduction="none"``.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> logits, labels = np.zeros((2, 3, 4)), np.asarray([[-100, 1, 3], [-100, -100, 0]])
    >>> ml.sequence_log_probability(logits, labels, shift=True).round(4)
    array([-2.7726, -1.3863])
    """
    given = {"logits": logits, "labels": labels}
    if is_array_like(mask):
        given["mask"] = mask
    xp, unified = unify(given, lists={"mask"})
    logits, labels, mask = unified["logits"], unified["labels"], unified.get("mask", mask)
    _check_shapes(xp.shape_of(logits), xp.shape_of(split_masked_array(labels)[0]))
    if check_flag("shift", shift):
        logits, labels = logits[..., :-1, :], labels[..., 1:]
        if getattr(mask, "shape", ()) and mask.shape[-1] != 1:
            mask = mask[..., 1:]
    reduction: ReductionName = "mean" if check_flag("mean", mean) else "sum"
    return 0 - cross_entropy(
        logits, labels, mask=mask, missing=missing, reduction=reduction, axis=-1
    )


def _check_shapes(logits: Shape, labels: Shape) -> None:
    if labels and labels == logits[:-1]:
        return
    msg = (
        f"`labels` must have the shape of `logits` without the axis of classes, and an axis of "
        f"tokens, got {labels} for logits of shape {logits}; `shift` moves the labels itself"
    )
    raise ValueError(msg)
