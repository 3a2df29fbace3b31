"""Labels and mask of the pairs of a batch, for contrastive losses."""

from __future__ import annotations

from .._arrays.namespace import no_autograph
from .._arrays.typing import Array
from .._inputs.missing import Missing
from .counts import read_observed
from .docstrings import documented


@no_autograph
@documented
def pairs_from_labels(
    labels: Array, *, mask: Array | None = None, missing: Missing = None
) -> tuple[Array, Array]:
    """Turn the labels of a batch into those of its pairs: of one class, or of two.

    A pair is observed if the labels of both are. No sample is a pair with itself.

    Parameters
    ----------
    labels : int array, shape (..., N)
        The class of each of N samples, any integer.
    **observation

    Returns
    -------
    same : bool array, shape (..., N, N)
        True at the observed pairs of one class.
    mask : bool array, shape (..., N, N)
        True at the observed pairs.

    Raises
    ------
    TypeError
        If `labels` is no array of integers, or `mask` none of the common library.
    ValueError
        If a shape does not fit.

    See Also
    --------
    softmax_ranking_loss : With these labels and mask, the supervised contrastive loss.
    pairwise_logistic_loss : Pairs of one class above pairs of two, for each sample.

    Notes
    -----
    The softmax loss of the similarities is the supervised contrastive loss: P. Khosla and others,
    Supervised Contrastive Learning, NeurIPS 2020, its loss with the sum outside of the logarithm.
    Each sample ranks the others, of which those of its class should come first; a sample without
    such another one does not count. With two views of each sample it is NT-Xent of SimCLR: repeat
    the number of the sample. A temperature divides the similarities.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> labels = np.asarray([3, 3, -1, 5, 5])
    >>> same, known = ml.pairs_from_labels(labels, missing=-1)
    >>> np.where(known, same.astype(int), -1)
    array([[-1,  1, -1,  0,  0],
           [ 1, -1, -1,  0,  0],
           [-1, -1, -1, -1, -1],
           [ 0,  0, -1, -1,  1],
           [ 0,  0, -1,  1, -1]])
    >>> z = np.asarray([[1.0, 0.0], [0.8, 0.6], [0.0, 1.0], [-0.6, 0.8], [-1.0, 0.0]])
    >>> print(f"{ml.softmax_ranking_loss(z @ z.T / 0.1, same, mask=known):.4f}")
    0.0007
    """
    xp, labels, observed = read_observed(labels, mask, missing, indexed=True)
    shape = xp.shape_of(labels)
    if not shape:
        msg = "`labels` must have an axis of samples, got shape ()"
        raise ValueError(msg)
    same = xp.expand_dims(labels, axis=-1) == xp.expand_dims(labels, axis=-2)
    pairs = xp.positions_along(same, -1) != xp.positions_along(same, -2)
    if observed is not None:
        for axis in (-1, -2):
            pairs = xp.logical_and(pairs, xp.expand_dims(observed, axis=axis))
    return xp.logical_and(same, pairs), pairs
