"""Losses of the overlap of a predicted region and a true region."""

from __future__ import annotations

import functools
from typing import Unpack

from ..._arrays.typing import Array
from ..._formula import Call, Terms
from ..._inputs.domain import UNIT
from ..._inputs.entries import Entries
from ..._inputs.options import Options, check_flag, check_number
from ..._loss import loss
from .activations import Activation, Given, OfSigmoid, OfSoftmax
from .regions import (
    Axes,
    document_regions,
    region_labels,
    region_layout,
)
from .tversky_index import Region, SoftmaxRegion, TverskyIndex


@loss(labels=UNIT)
@document_regions
def dice_loss(
    input: Array,
    target: Array,
    *,
    spatial_axes: Axes = ...,
    smooth: float = 1.0,
    squared: bool = False,
    activation: Activation = None,
    class_axis: int | None = None,
    **options: Unpack[Options],
) -> Call:
    r"""Dice loss: 1 minus twice the overlap of two regions over the sum of their sizes.

    .. math:: 1 - \frac{2 \sum p \, y + s}{\sum p + \sum y + s}

    Parameters
    ----------
    **input_and_target
    **spatial_axes_and_smooth
    squared : bool, default: False
        Use the sums of the squares of p and y in the denominator.
    **activation_and_class_axis
    **options

    See Also
    --------
    tversky_loss : The same with a weight for each kind of error.

    Notes
    -----
    `smooth` is 1 in optax, 1e-7 in Keras and 1e-5 in MONAI; MONAI calls `squared`
    ``squared_pred``. With ``smooth=0``, the loss is 0 where prediction and labels are both empty.
    segmentation_models_pytorch 0.6 has the loss 0 for every class without a label: here, give such
    a class a `weight` of 0 with ``reduction="mean_over_all"``.

    With ``activation="softmax"`` and ``missing=255``, a pixel of 255 has no effect, whatever its
    logits are. `ignore_index` of segmentation_models_pytorch 0.6 and MONAI 1.6 multiplies by a mask
    after the softmax, so that a NaN there reaches value and gradient. Both sum over pixels:
    ``spatial_axes=(0, 2, 3)`` is the former's, ``(2, 3)`` the latter's.

    F. Milletari, N. Navab, S.-A. Ahmadi, V-Net, 3DV 2016, with squares.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> p = np.asarray([[0.5, 1.0, 0.0], [np.nan, 0.5, 0.5]])
    >>> y = np.asarray([[1, 1, 0], [255, 1, 0]])
    >>> ml.dice_loss(p, y, missing=255, spatial_axes=-1, reduction="none").round(4)
    array([0.1111, 0.3333])

    Logits of two classes at three pixels, the last one missing:

    >>> x = np.asarray([[0.0, 40.0, np.nan], [0.0, 0.0, np.nan]])
    >>> y = np.asarray([0, 0, 255])
    >>> ml.dice_loss(
    ...     x, y, activation="softmax", class_axis=0, missing=255, spatial_axes=-1,
    ...     reduction="none"
    ... ).round(4)
    array([0.1111, 0.3333])
    """
    index = TverskyIndex(
        0.5, 0.5, check_number("smooth", smooth) / 2, check_flag("squared", squared)
    )
    terms = functools.partial(_tversky, index=index, activation=activation)
    layout = region_layout(input, spatial_axes, class_axis, activation)
    return Call(input, target, terms, options, **layout)


@loss(labels=UNIT)
@document_regions
def jaccard_loss(
    input: Array,
    target: Array,
    *,
    spatial_axes: Axes = ...,
    smooth: float = 1.0,
    squared: bool = False,
    activation: Activation = None,
    class_axis: int | None = None,
    **options: Unpack[Options],
) -> Call:
    r"""Jaccard loss: 1 minus the intersection of two regions over their union.

    .. math:: 1 - \frac{\sum p \, y + s}{\sum p + \sum y - \sum p \, y + s}

    Parameters
    ----------
    **input_and_target
    **spatial_axes_and_smooth
    squared : bool, default: False
        Use the sums of the squares of p and y in the denominator.
    **activation_and_class_axis
    **options

    See Also
    --------
    dice_loss : The same with the mean size of the regions in place of their union.

    Notes
    -----
    `smooth` is 0 by default in segmentation_models_pytorch. MONAI's ``DiceLoss`` with
    ``jaccard=True`` has a smooth term half as large as its own `smooth`, which is 1e-5.

    M. A. Rahman, Y. Wang, Optimizing intersection-over-union in deep neural networks for image
    segmentation, ISVC 2016.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> p = np.asarray([[0.5, 1.0, 0.0], [np.nan, 0.5, 0.5]])
    >>> y = np.asarray([[1, 1, 0], [255, 1, 0]])
    >>> ml.jaccard_loss(p, y, missing=255, spatial_axes=-1, reduction="none").round(4)
    array([0.1667, 0.4   ])
    """
    index = TverskyIndex(1.0, 1.0, check_number("smooth", smooth), check_flag("squared", squared))
    terms = functools.partial(_tversky, index=index, activation=activation)
    layout = region_layout(input, spatial_axes, class_axis, activation)
    return Call(input, target, terms, options, **layout)


@loss(labels=UNIT)
@document_regions
def tversky_loss(
    input: Array,
    target: Array,
    *,
    alpha: float = 0.5,
    beta: float = 0.5,
    spatial_axes: Axes = ...,
    smooth: float = 1.0,
    squared: bool = False,
    activation: Activation = None,
    class_axis: int | None = None,
    **options: Unpack[Options],
) -> Call:
    r"""Tversky loss: 1 minus an overlap with weights for false positives and false negatives.

    .. math::
        1 - \frac{\sum p \, y + s}
        {\sum p \, y + \alpha \sum p \, (1 - y) + \beta \sum (1 - p) \, y + s}

    Parameters
    ----------
    **input_and_target
    alpha : float, default: 0.5
        Weight of false positives, 0 or more.
    beta : float, default: 0.5
        Weight of false negatives, 0 or more.
    **spatial_axes_and_smooth
    squared : bool, default: False
        Use sums of squares of p and y in place of their sums: :math:`\sum p \, (p - y)` counts
        false positives, :math:`\sum y \, (y - p)` false negatives.
    **activation_and_class_axis
    **options

    See Also
    --------
    dice_loss : The same with both weights 1/2 and a smooth term twice as large.
    jaccard_loss : The same with both weights 1.

    Notes
    -----
    The weights are those of Keras, MONAI and segmentation_models_pytorch; `smooth` is 1e-7 in
    Keras, 1e-5 in MONAI and 0 in segmentation_models_pytorch.

    S. S. M. Salehi, D. Erdogmus, A. Gholipour, Tversky loss function for image segmentation using
    3D fully convolutional deep networks, MLMI 2017.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> p = np.asarray([[0.5, 1.0, 0.0], [np.nan, 0.5, 0.5]])
    >>> y = np.asarray([[1, 1, 0], [255, 1, 0]])
    >>> ml.tversky_loss(
    ...     p, y, alpha=0.3, beta=0.7, missing=255, spatial_axes=-1, reduction="none"
    ... ).round(4)
    array([0.1228, 0.25  ])
    """
    index = TverskyIndex(
        check_number("alpha", alpha),
        check_number("beta", beta),
        check_number("smooth", smooth),
        check_flag("squared", squared),
    )
    terms = functools.partial(_tversky, index=index, activation=activation)
    layout = region_layout(input, spatial_axes, class_axis, activation)
    return Call(input, target, terms, options, **layout)


def _tversky(entries: Entries, *, index: TverskyIndex, activation: Activation) -> Terms:
    labels = region_labels(entries, activation)
    if activation == "softmax":
        pixels = SoftmaxRegion(entries, labels, index, OfSoftmax(entries))
        ones = entries.xp.ones_like(entries.prediction)
        return Terms(
            value=lambda: pixels.value,
            slope=lambda: pixels.of_sum("slope", ones),
            curvature=lambda: pixels.of_sum("curvature", ones),
            of_sum=pixels.of_sum,
        )
    of = OfSigmoid(entries) if activation == "sigmoid" else Given(entries)
    region = Region(entries, labels, index, of)
    return Terms(
        value=lambda: region.value,
        slope=lambda: region.slope,
        curvature=lambda: region.curvature,
    )
