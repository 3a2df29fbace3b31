"""Labels and weights of a value that cannot be meant."""

import numpy as np
from numpy import nan

import maskloss as ml
from tables.mistakes.mistake import (
    BCE,
    CE,
    CLASSES,
    MSE,
    PROBABILITIES,
    ROWS,
    X,
    Y,
    floats,
    integers,
    mistake,
)

UNIT = ("[0, 1]", "missing=")


NOT_A_MASK = ("`mask`", "0 and 1", "True where observed", "`weight`", "compare")
NAN_LABEL = ("numbers where observed", "got NaN", 'missing=float("nan")')


VALUES = [
    mistake("a mask of other numbers", BCE, X, Y, mask=floats(0, 0.5, 1), says=NOT_A_MASK),
    mistake("a mask of integers", CE, ROWS, CLASSES, mask=integers(0, 1, 7), says=NOT_A_MASK),
    mistake("a mask with NaN", MSE, X, Y, mask=floats(0, nan, 1), says=("`mask`", "0 and 1")),
    mistake("a label of NaN", BCE, X, floats(0, nan, 1), says=("`labels`", *NAN_LABEL)),
    mistake("a target of NaN", MSE, X, floats(0, nan, 1), says=("`target`", *NAN_LABEL)),
    mistake("a sign of NaN", ml.hinge_loss, X, floats(-1, nan, 1), says=("`target`", *NAN_LABEL)),
    mistake(
        "an observed label of NaN beside a mask",
        BCE,
        X,
        floats(0, nan, 1),
        mask=np.asarray([False, True, True]),
        says=("`labels`", "got NaN", "is `mask` True where observed"),
    ),
    mistake(
        "a probability of NaN",
        CE,
        ROWS,
        floats([0, 1], [nan, 1], [0.5, 0.5]),
        says=("`labels`", *NAN_LABEL),
    ),
    mistake(
        "labels of 0 and 1 for a margin",
        ml.hinge_loss,
        X,
        Y,
        says=("`target`", "-1 or 1", "got 0", "missing=0", "2 * target - 1"),
    ),
    mistake(
        "a negative count",
        ml.poisson_nll_loss,
        X,
        floats(0, -2, 1),
        says=("`target`", "0 or more", "got -2", "missing=-2"),
    ),
    mistake(
        "a label of -1", BCE, X, floats(0, -1, 1), says=("`labels`", "-1", *UNIT, "missing=-1")
    ),
    mistake(
        "a label a rounding error below 0",
        BCE,
        X,
        floats(0, -1e-5, 1),
        missing=-1,
        says=("`labels`", "got -1e-05", "[0, 1]", "clip `labels`"),
    ),
    mistake(
        "a label a rounding error above 1",
        BCE,
        X,
        floats(0, 1.000001, 1),
        says=("`labels`", "got 1.00000095", "[0, 1]", "clip `labels`"),
    ),
    mistake(
        "a sign with a rounding error",
        ml.hinge_loss,
        X,
        floats(-1, 0.9999, 1),
        says=("`target`", "-1 or 1", "got 0.9999", "round `target`", "2 * target - 1"),
    ),
    mistake("a label of 2", BCE, X, floats(0, 2, 1), says=("`labels`", "got 2", *UNIT)),
    mistake("an integer label of -1", BCE, X, integers(0, -1, 1), says=("`labels`", "-1", *UNIT)),
    mistake(
        "an unsigned label of 255",
        BCE,
        X,
        integers(0, 255, 1, dtype="uint8"),
        says=("`labels`", "got 255", *UNIT),
    ),
    mistake(
        "an infinite label", BCE, X, floats(0, -np.inf, 1), says=("`labels`", "got -inf", *UNIT)
    ),
    mistake(
        "a label of -1 beside an observed nan",
        BCE,
        X,
        floats(nan, -1, 1),
        says=("`labels`", "got -1", *UNIT),
    ),
    mistake(
        "a label of -1 for probabilities",
        PROBABILITIES,
        np.full(3, 0.5, "float32"),
        floats(0, -1, 1),
        says=("`labels`", "got -1", *UNIT),
    ),
    mistake(
        "a label that is not the missing one",
        BCE,
        X,
        floats(-9, -1, 1),
        missing=-9,
        says=("`labels`", "[0, 1]", "got -1", "missing=(-9, -1)"),
    ),
    mistake(
        "a label that is not one of the missing ones",
        BCE,
        X,
        floats(-9, -1, 1),
        missing=(-9, nan),
        says=("`labels`", "[0, 1]", "got -1", "missing=(-9, nan, -1)"),
    ),
    mistake(
        "an observed label of -1",
        BCE,
        X,
        floats(-1, -1, 1),
        mask=np.asarray([True, False, True]),
        says=("`labels`", "got -1; is `mask` True where observed", *UNIT),
    ),
    mistake(
        "a mask that is True where missing",
        CE,
        ROWS,
        integers(0, -1, 1),
        mask=np.asarray([False, True, False]),
        says=("`labels`", "got -1; is `mask` True where observed", "missing=-1"),
    ),
    mistake(
        "a class index of -1",
        CE,
        ROWS,
        integers(0, -1, 1),
        says=("`labels`", "class", "2", "got -1", "missing=-1"),
    ),
    mistake(
        "a class index of many digits",
        CE,
        ROWS,
        integers(0, 12345678, 1),
        says=("`labels`", "class", "got 12345678", "missing=12345678"),
    ),
    mistake(
        "a class index that is not the missing one",
        CE,
        ROWS,
        integers(0, -1, -100),
        missing=-100,
        says=("`labels`", "class", "got -1", "missing=(-100, -1)"),
    ),
    mistake(
        "a class index as large as the number of classes",
        CE,
        ROWS,
        integers(0, 2, 1),
        says=("`labels`", "class", "(3, 2)", "got 2; classes count from 0", "missing=2"),
    ),
    mistake(
        "an unsigned class index of 255",
        CE,
        ROWS,
        integers(0, 255, 1, dtype="uint8"),
        says=("`labels`", "class", "got 255", "missing=255"),
    ),
    mistake(
        "class probabilities beyond 1", CE, ROWS, 2 * ROWS, says=("`labels`", "[0, 1]", "got 2")
    ),
    mistake(
        "a probability beyond 1",
        PROBABILITIES,
        floats(0, 1.5, 1),
        Y,
        says=("`probabilities`", "[0, 1]", "got 1.5"),
    ),
    mistake(
        "a negative probability",
        PROBABILITIES,
        floats(0, -0.5, 1),
        Y,
        says=("`probabilities`", "[0, 1]", "got -0.5"),
    ),
    mistake(
        "logits for probabilities",
        PROBABILITIES,
        floats(-3, 0, 3),
        Y,
        says=("`probabilities`", "[0, 1]", "got -3", "binary_cross_entropy_with_logits"),
    ),
    mistake(
        "a negative weight",
        MSE,
        X,
        Y,
        weight=floats(0, -1, 1),
        says=("`weight`", "got -1"),
    ),
    mistake(
        "a negative integer weight",
        CE,
        ROWS,
        CLASSES,
        weight=integers(1, -3, 1),
        says=("`weight`", "got -3"),
    ),
    mistake(
        "a negative weight beside nan",
        MSE,
        X,
        Y,
        weight=floats(nan, -1, 1),
        says=("`weight`", "got -1"),
    ),
    mistake(
        "a negative pos_weight",
        BCE,
        X,
        Y,
        pos_weight=floats(1, -2, 1),
        says=("`pos_weight`", "got -2"),
    ),
    mistake(
        "a negative class_weight",
        CE,
        ROWS,
        CLASSES,
        class_weight=floats(1, -2),
        says=("`class_weight`", "got -2"),
    ),
    mistake(
        "a negative divisor in an array",
        MSE,
        X,
        Y,
        divisor=np.asarray(-2, "float32"),
        says=("`divisor`", "got -2"),
    ),
]
