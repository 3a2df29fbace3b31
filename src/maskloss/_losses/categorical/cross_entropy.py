"""Cross-entropy of softmax, from logits."""

from __future__ import annotations

import functools
from typing import Unpack

from ..._arrays.typing import Array
from ..._formula import Call, Held, Terms
from ..._inputs.domain import UNIT
from ..._inputs.entries import Entries
from ..._inputs.layout import EntryLayout
from ..._inputs.options import Options, check_axis, check_fraction, check_number
from ..._loss import loss
from .classes import ClassMask, document_rows_of_classes
from .softmax_terms import softmax_terms, surprisal


@loss(labels=UNIT)
@document_rows_of_classes
def cross_entropy(
    logits: Array,
    labels: Array,
    *,
    class_axis: int = -1,
    class_weight: Array | None = None,
    class_mask: Array | None = None,
    label_smoothing: float = 0.0,
    z_loss: float = 0.0,
    **options: Unpack[Options],
) -> Call:
    r"""Cross-entropy of softmax(x), from logits x, for class indices or class probabilities.

    .. math:: -\sum_c w_c \, t_c \log \mathrm{softmax}(x)_c + z \log^2 \sum_c e^{x_c}

    Parameters
    ----------
    **logits_labels_and_class_axis
    class_weight : array, shape (C,), optional
        Weight w of each class. The weight of the label's class counts as weight of the entry:
        ``reduction="weighted_mean"`` divides by the sum of these weights, as torch does for class
        indices.
    class_mask : bool array, shape (C,) or (..., C), optional
        True where a class takes part: one mask for all rows, or an array that broadcasts to
        `logits` with the same number of dimensions. Every sum over c leaves out the other classes;
        their logits have no effect, and their gradient is 0. A label must not name such a class,
        nor give it a probability above 0. A row without any class counts as missing.
    label_smoothing : float, default: 0.0
        Moves labels towards 1 / C: t (1 - s) + s / C, with s in [0, 1] and C the number of classes
        that take part.
    z_loss : float, default: 0.0
        Factor z, 0 or more, of the squared logarithm of the normaliser. This term keeps the
        logarithm close to 0. Class weights do not apply to it.
    **options

    Notes
    -----
    The same as `torch.nn.functional.cross_entropy`, whose ``ignore_index=-100`` is
    ``missing=-100`` here, but for hard labels accurate to a few machine epsilons also for confident
    rows, for which torch 2.13 returns 0; for soft or smoothed labels the gradient is a difference,
    accurate to a few epsilons of its larger term. `class_mask` is ``where`` of
    `optax.losses.softmax_cross_entropy`; optax ignores labels of masked classes, and a row without
    any class has the loss 0 there.

    Chowdhery et al., "PaLM: Scaling Language Modeling with Pathways", 2022, and T5X use the z-loss
    with z = 1e-4. With it the slope is a difference, accurate to a few epsilons of its larger term.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> logits = np.asarray([[2.0, 0.0, 0.0], [np.nan, np.nan, np.nan]])
    >>> print(f"{ml.cross_entropy(logits, np.asarray([0, -100]), missing=-100):.4f}")
    0.2395
    >>> legal = np.asarray([[True, True, False], [False, True, True]])
    >>> logits = np.asarray([[2.0, 0.0, np.inf], [np.nan, 1.0, 1.0]])
    >>> ml.cross_entropy(logits, np.asarray([0, 2]), class_mask=legal, reduction="none").round(4)
    array([0.1269, 0.6931])
    """
    formula = functools.partial(
        cross_entropy_terms,
        smoothing=check_fraction("label_smoothing", label_smoothing),
        z_loss=check_number("z_loss", z_loss),
    )
    layout = EntryLayout(check_axis("class_axis", class_axis))
    arrays = {"class_weight": class_weight, "class_mask": class_mask}
    held = _held(is_masked=class_mask is not None, smoothing=label_smoothing, z_loss=z_loss)
    return Call(logits, labels, formula, options, layout, arrays, held=held)


def _held(*, is_masked: bool, smoothing: float, z_loss: float) -> Held:
    held = Held(13.5, per_row=12.6) if is_masked else Held(10.5, per_row=11.2)
    if smoothing:
        return held
    of_indices = Held(6.3, per_row=15.6)
    if z_loss:  # of a softmax of its own
        of_indices = Held(10.3 if is_masked else 6.0, per_row=24.8)
    return held._replace(of_indices=of_indices)


def cross_entropy_terms(entries: Entries, *, smoothing: float, z_loss: float = 0.0) -> Terms:
    """Return the cross-entropy of each row of logits, with its options."""
    return softmax_terms(
        entries,
        surprisal,
        class_weight=entries.per_class("class_weight"),
        smoothing=smoothing,
        z_loss=z_loss,
        class_mask=ClassMask.from_entries(entries),
    )
