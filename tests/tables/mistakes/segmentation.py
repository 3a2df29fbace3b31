"""Wrong calls of losses of regions."""

import numpy as np

import maskloss as ml
from tables.mistakes.mistake import floats, integers, mistake, ones

X, Y = ones(2, 3), floats([0, 1, 1], [1, 0, 0])

# Found by shapes, dtypes and keywords.
SEGMENTATION = [
    mistake(
        "regions along no axis",
        ml.dice_loss,
        X,
        Y,
        spatial_axes=(0, 2),
        says=("`spatial_axes`", "2", "`input`", "(2, 3)"),
    ),
    mistake(
        "regions along axes in a list",
        ml.jaccard_loss,
        X,
        Y,
        spatial_axes=[0, 1],
        error=TypeError,
        says=("`spatial_axes`", "tuple", "got [0, 1]"),
    ),
    mistake(
        "regions along nothing",
        ml.tversky_loss,
        X,
        Y,
        spatial_axes=(),
        error=TypeError,
        says=("`spatial_axes`", "got ()"),
    ),
    mistake(
        "a weight of false positives below 0",
        ml.tversky_loss,
        X,
        Y,
        alpha=-1,
        says=("`alpha`", "0 or more", "got -1"),
    ),
    mistake(
        "class indices of pixels in another shape",
        ml.dice_loss,
        X,
        integers(0, 1, 1),
        class_axis=-1,
        says=("`target`", "(2,) (class indices) or (2, 3) (one number", "`class_axis`=-1", "(3,)"),
    ),
    mistake(
        "class indices of pixels as floats",
        ml.tversky_loss,
        X,
        floats(0, 1),
        class_axis=-1,
        error=TypeError,
        says=("`target`", "class indices", "integers", "float32"),
    ),
    mistake(
        "class indices of pixels without their axis",
        ml.dice_loss,
        X,
        integers(0, 2),
        says=("`target`", "(2, 3)", "got (2,)", "class indices, pass `class_axis`"),
    ),
    mistake(
        "classes of pixels along no axis",
        ml.jaccard_loss,
        X,
        integers(0, 1),
        class_axis=2,
        says=("`class_axis`=2", "`input`", "(2, 3)"),
    ),
    mistake(
        "a mask of pixels in another shape",
        ml.dice_loss,
        X,
        integers(0, 1),
        class_axis=-1,
        mask=np.asarray([True, False, True]),
        says=("`mask`", "(2, 3)", "got shape (3,)"),
    ),
    mistake(
        "the sigmoid of class indices of pixels",
        ml.dice_loss,
        X,
        integers(0, 1),
        class_axis=-1,
        activation="sigmoid",
        says=("`activation`='sigmoid'", "exclusive classes", 'pass activation="softmax"'),
    ),
    mistake(
        "a softmax without an axis",
        ml.dice_loss,
        X,
        Y,
        activation="softmax",
        says=("`class_axis`", "activation='softmax'", "pass class_axis=1"),
    ),
    mistake(
        "an activation that is none",
        ml.dice_loss,
        X,
        Y,
        activation="tanh",
        says=("`activation`", "None, 'sigmoid', 'softmax'", "got 'tanh'"),
    ),
    mistake(
        "logits by the keyword of others",
        ml.dice_loss,
        X,
        Y,
        from_logits=True,
        error=TypeError,
        says=("dice_loss()", "'from_logits'", '`activation="sigmoid"`'),
    ),
    mistake(
        "sums of one region",
        ml.dice_loss,
        X,
        Y,
        reduction="sums",
        says=('reduction="sums"', "overlap", 'use "mean"'),
    ),
    mistake(
        "sums of one region whose axes are named",
        ml.jaccard_loss,
        X,
        Y,
        spatial_axes=(0, -1),
        reduction="sums",
        says=('reduction="sums"', "overlap", 'use "mean"'),
    ),
]

# Found where values can be read.
SEGMENTATION_VALUES = [
    mistake(
        "the label of a class that is masked",
        ml.dice_loss,
        X,
        integers(0, 1),
        class_axis=-1,
        activation="softmax",
        mask=np.asarray([[True, True, False], [True, False, True]]),
        says=("`target`", "does not leave out", "got 1", "all classes of the pixel"),
    ),
    mistake(
        "logits for the probabilities of a region",
        ml.dice_loss,
        floats([0, 1, 3]),
        floats([0, 1, 1]),
        says=("`input`", "[0, 1]", "got 3", 'activation="sigmoid"'),
    ),
    mistake(
        "a pixel that is to be ignored",
        ml.dice_loss,
        X,
        integers(255, 1),
        class_axis=-1,
        says=("`target`", "class indices", "in [0, 2]", "got 255", "missing=255"),
    ),
    mistake(
        "a label that is to be ignored",
        ml.jaccard_loss,
        X,
        integers([0, 1, 255], [0, 1, 1]),
        says=("`target`", "[0, 1]", "got 255", "missing=255"),
    ),
]
