"""The mistakes with a linear layer."""

import numpy as np

import maskloss as ml
from tables.mistakes.mistake import floats, integers, mistake, ones

CE, BCE = ml.linear_cross_entropy, ml.linear_binary_cross_entropy
KD = ml.linear_distillation_loss
H, W, Y = ones(3, 2), ones(4, 2), integers(0, 1, 3)

LINEAR = [
    mistake(
        "features of a teacher without its matrix",
        KD,
        H,
        W,
        H,
        says=("`teacher`", "(3, 4)", "got (3, 2)"),
    ),
    mistake(
        "a bias of a teacher alone",
        KD,
        H,
        W,
        ones(3, 4),
        teacher_bias=ones(4),
        error=TypeError,
        says=("`teacher_bias`", "`teacher_weight`, which is not given"),
    ),
    mistake(
        "a teacher of other classes",
        KD,
        H,
        W,
        H,
        teacher_weight=ones(5, 2),
        says=("`teacher_weight`", "(3, 4)", "got (3, 5)", "(5, 2)"),
    ),
    mistake(
        "a matrix that does not fit the teacher's features",
        KD,
        H,
        W,
        H,
        teacher_weight=ones(4, 3),
        says=("`teacher_weight` must have shape (C, 2)", "`teacher`", "got (4, 3)"),
    ),
    mistake(
        "a divergence that is none",
        KD,
        H,
        W,
        H,
        teacher_weight=W,
        divergence="kl",
        says=("`divergence`", "'forward', 'reverse', 'jsd'", "got 'kl'"),
    ),
    mistake(
        "a matrix to multiply by from the right",
        CE,
        H,
        W.T.copy(),
        Y,
        says=("`linear_weight`", "(C, 2)", "`features`", "(3, 2)", "got (2, 4)", "transpose"),
    ),
    mistake("a vector for a matrix", CE, H, ones(2), Y, says=("`linear_weight`", "got (2,)")),
    mistake("a number for features", CE, np.ones((), "f4"), W, Y, says=("`features`", "got ()")),
    mistake(
        "a bias for each row",
        CE,
        H,
        W,
        Y,
        ones(3),
        says=("`linear_bias`", "(4,)", "`linear_weight`", "(4, 2)", "got (3,)"),
    ),
    mistake(
        "classes of another number of rows",
        CE,
        H,
        W,
        integers(0, 1),
        says=("`labels`", "(3,)", "(3, 4)", "got (2,)"),
    ),
    mistake("classes for yes-or-no labels", BCE, H, W, Y, says=("`labels`", "(3, 4)", "got (3,)")),
    mistake(
        "classes as features",
        CE,
        Y,
        W,
        H,
        error=TypeError,
        says=("`features`", "floating", "int32"),
    ),
    mistake(
        "a matrix of integers",
        CE,
        H,
        integers(1, 2, 3),
        Y,
        error=TypeError,
        says=("`linear_weight`", "floating", "int32"),
    ),
    mistake(
        "a list for a matrix",
        CE,
        H,
        [[1.0, 2.0]],
        Y,
        error=TypeError,
        says=("`linear_weight`", "array", "list"),
    ),
    mistake(
        "an unknown keyword", CE, H, W, Y, error=TypeError, ignore_index=-1, says=("`missing`",)
    ),
]
VALUES = [
    mistake("a class too many", CE, H, W, integers(0, 1, 4), says=("`labels`", "[0, 3]", "got 4")),
    mistake(
        "a negative weight of a class",
        CE,
        H,
        W,
        Y,
        class_weight=floats(1, 1, 1, -1),
        says=("`class_weight`", "-1"),
    ),
    mistake("a label above 1", BCE, H, W, ones(3, 4) * 2, says=("`labels`", "[0, 1]", "got 2")),
]
