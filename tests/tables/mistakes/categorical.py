"""Mistakes in calls of the losses of one class among several."""

import numpy as np
from numpy import nan

import maskloss as ml
from tables.mistakes.mistake import (
    CE,
    CLASSES,
    KNOWN,
    ROWS,
    SQUARE,
    X,
    floats,
    integers,
    mistake,
    ones,
)

NLL = ml.nll_loss
MARGIN = ml.multi_margin_loss
FOCAL = ml.softmax_focal_loss
FORWARD = ml.forward_corrected_cross_entropy
GCE = ml.generalized_cross_entropy_loss

IMAGES, PIXELS = ones(2, 3, 4, 5), np.ones((2, 4, 5), "int32")
NO_AXIS_OF_CLASSES = ('reduction="macro"', "rows of classes", "(2, 4, 5)", "`axis`")

CATEGORICAL = [
    mistake(
        "a macro mean over pixels",
        CE,
        IMAGES,
        PIXELS,
        class_axis=1,
        reduction="macro",
        says=(*NO_AXIS_OF_CLASSES, '"weighted_mean"', "inverse_frequency_weight"),
    ),
    mistake(
        "a macro mean over pixels with classes last",
        FOCAL,
        np.moveaxis(IMAGES, 1, -1),
        PIXELS,
        reduction="macro",
        says=(*NO_AXIS_OF_CLASSES, '"weighted_mean"', "inverse_frequency_weight"),
    ),
    mistake(
        "a macro mean over pixels with several classes",
        ml.multilabel_soft_margin_loss,
        IMAGES,
        IMAGES,
        class_axis=1,
        reduction="macro",
        says=NO_AXIS_OF_CLASSES,
    ),
    mistake(
        "a mask of distributions for one of elements",
        ml.kl_div,
        ROWS,
        ROWS,
        mask=KNOWN,
        says=("`mask`", "(3, 2)", "got shape (3,)", "rows=True"),
    ),
    mistake(
        "class_mask of another number of classes",
        CE,
        ROWS,
        CLASSES,
        class_mask=KNOWN,
        says=("`class_mask`", "(2,)", "(3, 2)", "sizes 1 or equal", "got shape (3,)"),
    ),
    mistake(
        "a negative z_loss", CE, ROWS, CLASSES, z_loss=-1, says=("`z_loss`", "0 or more", "got -1")
    ),
    mistake(
        "z_loss that is yes or no",
        CE,
        ROWS,
        CLASSES,
        z_loss=True,
        error=TypeError,
        says=("`z_loss`", "number", "True"),
    ),
    mistake(
        "probabilities for class indices",
        NLL,
        ROWS,
        ROWS,
        says=("`target`", "`input`", "(3,) (class indices) for", "got (3, 2)"),
    ),
    mistake(
        "scores for class indices",
        MARGIN,
        ROWS,
        ROWS,
        says=("`target`", "`input`", "(3,) (class indices) for", "got (3, 2)"),
    ),
    mistake("a cubed margin", MARGIN, ROWS, CLASSES, p=3, says=("`p`", "1 or 2", "got 3")),
    mistake("a bool power", MARGIN, ROWS, CLASSES, p=True, says=("`p`", "1 or 2", "got True")),
    mistake(
        "an endless margin",
        MARGIN,
        ROWS,
        CLASSES,
        margin=np.inf,
        says=("`margin`", "finite", "inf"),
    ),
    mistake(
        "a negative gamma of softmax",
        FOCAL,
        ROWS,
        CLASSES,
        gamma=-1,
        says=("`gamma`", "0 or more", "got -1"),
    ),
    mistake(
        "an infinite gamma",
        FOCAL,
        ROWS,
        CLASSES,
        gamma=float("inf"),
        says=("`gamma`", "finite", "got inf"),
    ),
    mistake(
        "a negative alpha",
        FOCAL,
        ROWS,
        CLASSES,
        alpha=-1.0,
        says=("`alpha`", "0 or more", "got -1"),
    ),
    mistake(
        "alpha of another number of classes",
        FOCAL,
        ROWS,
        CLASSES,
        alpha=X,
        says=("`alpha`", "(2,)", "got shape (3,)"),
    ),
    mistake("q of 0", GCE, ROWS, CLASSES, q=0, says=("`q`", "more than 0", "got 0")),
    mistake("q above 1", GCE, ROWS, CLASSES, q=2, says=("`q`", "[0, 1]", "got 2")),
    mistake("q of nan", GCE, ROWS, CLASSES, q=nan, says=("`q`", "more than 0", "nan")),
    mistake(
        "no q", GCE, ROWS, CLASSES, q=None, error=TypeError, says=("`q`", "number", "got None")
    ),
    mistake(
        "a positive logarithm of 0",
        ml.symmetric_cross_entropy,
        ROWS,
        CLASSES,
        log_of_zero=0.5,
        says=("`log_of_zero`", "0 or less, such as -4", "got 0.5"),
    ),
    mistake(
        "candidates of another shape",
        ml.candidate_cross_entropy,
        ROWS,
        ROWS[:, :1],
        says=("`candidates`", "shape"),
    ),
    mistake(
        "a negative factor",
        ml.active_passive_loss,
        ROWS,
        CLASSES,
        beta=-1.0,
        says=("`beta`", "0 or more", "got -1"),
    ),
    mistake(
        "a matrix of other classes",
        FORWARD,
        ROWS,
        CLASSES,
        transition=SQUARE,
        says=("`transition`", "shape (2, 2)", "row for each class", "got (3, 3)"),
    ),
    mistake(
        "a number for a matrix",
        FORWARD,
        ROWS,
        CLASSES,
        transition=0.2,
        says=("`transition`", "shape (2, 2)", "got 0.2"),
    ),
    mistake(
        "torch's batchmean",
        ml.kl_div,
        ROWS,
        ROWS,
        reduction="batchmean",
        says=("`reduction`", "'batchmean'", 'use reduction="sum", divided'),
    ),
    mistake(
        "class indices for distributions",
        ml.kl_div,
        ROWS,
        CLASSES,
        rows=True,
        says=("`target`", "shape of `input`, (3, 2)", "got (3,)"),
    ),
    mistake(
        "a mask of elements for rows",
        ml.kl_div,
        ROWS,
        ROWS,
        mask=ROWS > 0,
        rows=True,
        says=("`mask`", "1 dimension(s)", "the entries, (3,)", "got shape (3, 2)"),
    ),
]

CATEGORICAL_VALUES = [
    mistake(
        "the transpose of a matrix",
        FORWARD,
        ROWS,
        CLASSES,
        transition=np.asarray([[0.5, 0.0], [0.5, 1.0]], "float32"),
        says=("`transition`", "rows that add up to 1", "got 1.5", "transpose"),
    ),
    mistake(
        "percentages of a matrix",
        FORWARD,
        ROWS,
        CLASSES,
        transition=np.asarray([[80, 20], [20, 80]], "int32"),
        says=("`transition`", "in [0, 1]", "got 80"),
    ),
    mistake(
        "a label that no class has",
        FORWARD,
        ROWS,
        CLASSES,
        transition=np.asarray([[1, 0], [1, 0]], "float32"),
        says=("`labels`", "that some class has", "got 1", "`transition` is 0 for every class"),
    ),
    mistake(
        "class_mask of numbers that are not 0 and 1",
        CE,
        ROWS,
        CLASSES,
        class_mask=2 * ones(2),
        says=("`class_mask`", "0 and 1", "True where a class takes part", "`class_weight`"),
    ),
    mistake(
        "a label of a class that takes no part",
        CE,
        ROWS,
        CLASSES,
        class_mask=KNOWN[1:],
        says=("`labels`", "`class_mask`", "takes part", "got 0", "missing=0"),
    ),
    mistake(
        "a probability of a class that takes no part",
        CE,
        ROWS,
        floats([0, 1], [0.25, 0.75], [0, 1]),
        class_mask=KNOWN[1:],
        says=("`labels`", "`class_mask`", "takes no part", "got 0.25", "share"),
    ),
    mistake(
        "a negative class index of log-probabilities",
        NLL,
        ROWS,
        integers(0, -1, 1),
        says=("`target`", "class indices of `input`", "got -1", "missing=-1"),
    ),
    mistake(
        "a class index of scores beyond the classes",
        MARGIN,
        ROWS,
        integers(0, 2, 1),
        says=("`target`", "class indices of `input`", "got 2", "missing=2"),
    ),
    mistake(
        "a negative alpha of a class",
        FOCAL,
        ROWS,
        CLASSES,
        alpha=floats(1, -2),
        says=("`alpha`", "0 or more", "got -2"),
    ),
    mistake(
        "log-probabilities for probabilities",
        ml.kl_div,
        ROWS,
        floats([0, 0], [-3, 0], [0, 0]),
        says=("`target`", "[0, 1]", "got -3", "missing=-3", "log_target=True"),
    ),
]
