"""Wrong calls of the losses made for missing labels."""

from mistakes import ROWS, X, Y, floats, integers, mistake, ones

import maskloss as ml

KINDS = integers(1, 0, -1)
SIGNS = integers(1, -1, -1)
# What the error of a label of no kind says.
THREE = ("-1 or 0 or 1", "1 is positive", "-1 unannotated", "2 * labels - 1")

# Found by shapes, dtypes and keywords.
PARTIAL = [
    mistake(
        "a negative focus",
        ml.asymmetric_loss,
        X,
        Y,
        gamma_neg=-1,
        says=("`gamma_neg`", "0 or more", "got -1"),
    ),
    mistake(
        "a margin of 1", ml.asymmetric_loss, X, Y, clip=1, says=("`clip`", "less than 1", "got 1")
    ),
    mistake(
        "no margin",
        ml.asymmetric_loss,
        X,
        Y,
        clip=None,
        error=TypeError,
        says=("`clip`", "number", "None"),
    ),
    mistake(
        "a negative margin", ml.hill_loss, X, Y, margin=-1, says=("`margin`", "0 or more", "got -1")
    ),
    mistake(
        "a threshold above 1",
        ml.splc_loss,
        X,
        KINDS,
        threshold=1.5,
        says=("`threshold`", "[0, 1]", "got 1.5"),
    ),
    mistake(
        "the epoch of the authors' code",
        ml.splc_loss,
        X,
        KINDS,
        change_epoch=1,
        error=TypeError,
        says=("splc_loss()", "change_epoch"),
    ),
    mistake(
        "smoothing in percent",
        ml.assume_negative_loss,
        X,
        KINDS,
        label_smoothing=10,
        says=("`label_smoothing`", "[0, 1]", "got 10"),
    ),
    mistake(
        "a negative entropy",
        ml.entropy_maximization_loss,
        X,
        KINDS,
        alpha=-0.1,
        says=("`alpha`", "0 or more", "got -0.1"),
    ),
    mistake(
        "an infinite factor",
        ml.partial_bce_loss,
        ROWS,
        ROWS,
        alpha=-float("inf"),
        says=("`alpha`", "finite", "of any size", "got -inf"),
    ),
    mistake(
        "partial labels of other classes",
        ml.partial_bce_loss,
        ROWS,
        ones(3, 1),
        says=("`labels`", "`logits`", "(3, 2)", "got (3, 1)"),
    ),
]

# Found where values are read.
PARTIAL_VALUES = [
    mistake("a label of 2 of three kinds", ml.splc_loss, X, integers(1, 2, 0), says=THREE),
    mistake(
        "soft labels of three kinds",
        ml.assume_negative_loss,
        X,
        floats(1, 0.5, 0),
        says=("got 0.5", *THREE),
    ),
    mistake(
        "what is unannotated, of a loss that takes no such label",
        ml.asymmetric_loss,
        X,
        KINDS,
        says=("`labels`", "[0, 1]", "got -1", "missing=-1"),
    ),
]
