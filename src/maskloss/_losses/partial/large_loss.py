"""Large loss: the largest losses of assumed negatives indicate wrong labels."""

from __future__ import annotations

import functools
from typing import Literal, Unpack, get_args

from ..._arrays.typing import Array
from ..._formula import Call, Terms
from ..._inputs.arguments import check_call
from ..._inputs.checked_call import InputSpec
from ..._inputs.entries import Entries
from ..._inputs.layout import ELEMENTS
from ..._inputs.missing import Missing
from ..._inputs.options import Options, Settings, check_choice, check_fraction
from ..._inputs.safe_entries import all_entries
from ..._loss import loss
from ..binary.cross_entropy import binary_terms
from .annotation import ANNOTATED, Annotation, document_annotated_labels
from .largest import largest_mask, number_of_entries

Scheme = Literal["rejection", "correction"]
_SCHEMES = get_args(Scheme)


@loss(labels=ANNOTATED)
@document_annotated_labels
def large_loss(
    logits: Array,
    labels: Array,
    *,
    fraction: float,
    scheme: Scheme = "rejection",
    **options: Unpack[Options],
) -> Call:
    r"""Cross-entropy without the largest losses of assumed negatives (LL-R, LL-Ct).

    .. math::

        \log(1 + e^{-x}) \text{ of a positive}, \quad \log(1 + e^x) \text{ of another}, \quad
        0 \text{ or } \log(1 + e^{-x}) \text{ of a large loss}

    Large are the :math:`\lceil f n \rceil` largest losses of unannotated entries of a batch, where
    n is the number of observed entries.

    Parameters
    ----------
    logits : array
        Logits x, of any shape and real floating dtype. Each element is an entry.
    **labels
    fraction : float
        The fraction f of all observed entries, in [0, 1]. Ties with the smallest selected loss are
        included; if fewer entries are unannotated, all are selected.
    scheme : str, default: "rejection"
        ``"rejection"`` sets a large loss to 0; ``"correction"`` treats its label as positive.
    **options

    See Also
    --------
    large_losses : The mask of the entries that a correction changes, to keep it (LL-Cp).
    assume_negative_loss : The same loss without rejection.

    Notes
    -----
    The gradient is not the derivative of the value where an entry enters or leaves the selection:
    the value jumps there, and the gradient treats the selection as a constant.
    ``reduction="sums"`` raises a `ValueError`: the selection needs a whole batch. A rejected entry
    still counts in a mean.

    Kim et al., "Large Loss Matters in Weakly Supervised Multi-Label Classification", CVPR 2022,
    who raise `fraction` from 0 by about 0.002 per epoch, or keep it at 0.002 for LL-Cp. In their
    code, a fraction larger than the share of unannotated entries also selects positives; here it
    does not.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> logits = np.asarray([[1.0, 2.0], [-1.0, 0.0]])
    >>> labels = np.asarray([[1, -1], [-1, -1]])
    >>> ml.large_loss(logits, labels, fraction=0.25, reduction="none").round(4)
    array([[0.3133, 0.    ],
           [0.3133, 0.6931]])
    """
    check_choice("scheme", scheme, _SCHEMES)
    terms = functools.partial(_large, fraction=check_fraction("fraction", fraction), scheme=scheme)
    not_summable_because = "the large losses are selected over a whole batch"
    return Call(logits, labels, terms, options, not_summable_because=not_summable_because)


def _large(entries: Entries, *, fraction: float, scheme: Scheme) -> Terms:
    xp, x = entries.xp, entries.prediction
    kind = Annotation.from_entries(entries)
    is_large = _are_large(entries, kind, fraction)
    if scheme == "correction":
        return binary_terms(xp, x, xp.where(is_large, 1.0, kind.positive))
    terms = binary_terms(xp, x, kind.positive)
    return Terms(
        value=lambda: xp.where(is_large, 0.0, terms.value()),
        slope=lambda: xp.where(is_large, 0.0, terms.slope()),
        curvature=lambda: xp.where(is_large, 0.0, terms.curvature()),
    )


def large_losses(
    logits: Array,
    labels: Array,
    *,
    fraction: float,
    mask: Array | None = None,
    missing: Missing = None,
) -> Array:
    r"""Return the mask of the unannotated entries whose loss is large for `large_loss`.

    Parameters
    ----------
    logits : array
        Logits, of any shape and real floating dtype.
    labels : array
        Labels of the same shape: 1 positive, 0 negative, -1 unannotated.
    fraction : float
        The fraction of all observed entries, in [0, 1].
    mask : bool array, optional
        True where the entry is observed, as in every loss.
    missing : float, or tuple or list of float, optional
        Label values that mean missing, as in every loss.

    Returns
    -------
    bool array
        Of the shape of `logits`; True where ``scheme="correction"`` changes the label.

    Raises
    ------
    TypeError
        If an argument is not an array of the common library or has the wrong dtype, or if
        `fraction` is not a number.
    ValueError
        If shapes differ, if `fraction` lies outside [0, 1], or, where values can be read, if an
        observed label is not 1, 0 or -1.

    See Also
    --------
    large_loss : The loss that rejects or corrects these entries.

    Notes
    -----
    Permanently corrected labels turn `large_loss` into LL-Cp. The code of its authors keeps all of
    these corrections except the one with the smallest loss.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> logits = np.asarray([[1.0, 2.0], [-1.0, 0.0]])
    >>> labels = np.asarray([[1, -1], [-1, -1]])
    >>> np.where(ml.large_losses(logits, labels, fraction=0.25), 1, labels)
    array([[ 1,  1],
           [-1, -1]])
    """
    fraction = check_fraction("fraction", fraction)
    inputs: InputSpec = vars(large_loss)["record"].inputs
    settings = Settings(mask=mask, missing=missing)
    checked = check_call(inputs, logits, labels, {}, settings, ELEMENTS)
    with checked.xp.ignore_fp_errors():
        entries = all_entries(checked)
        return _are_large(entries, Annotation.from_entries(entries), fraction)


def _are_large(entries: Entries, kind: Annotation, fraction: float) -> Array:
    """Return the mask of large losses; the order of the logits is the order of the losses."""
    xp = entries.xp
    # If rounding raises a product above an integer, `ceil` must not count one entry more.
    share = fraction * (1 - 4 * float(xp.finfo(entries.prediction.dtype).eps))
    number = xp.ceil(number_of_entries(entries) * share)
    return largest_mask(entries, entries.prediction, kind.unannotated == 1, number)
