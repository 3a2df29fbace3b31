"""Wrong calls of the functions of labels and mask, and what their errors must say."""

import numpy as np
from numpy import nan

import maskloss as ml
from tables.mistakes.mistake import CLASSES, FIX, KNOWN, ROWS, X, floats, integers, mistake, ones

CB = ml.class_balanced_weight
IF = ml.inverse_frequency_weight
POS = ml.balanced_pos_weight
DB = ml.distribution_balanced_weight
PARTIAL = ml.partial_label_weight
ENCODED = ml.from_encoding
SAMPLED = ml.sampled_mask

PAIRS = integers([0, 1], [1, 0], [1, 1])

WEIGHTS = [
    mistake(
        "class indices without the number of classes",
        CB,
        CLASSES,
        says=("`labels`", "(N, C)", "got shape (3,)", "`classes`"),
    ),
    mistake("the same for frequencies", IF, CLASSES, says=("`labels`", "`classes`")),
    mistake(
        "floating class indices",
        IF,
        X,
        classes=2,
        error=TypeError,
        says=("`labels`", "class indices", "float32"),
    ),
    mistake("no class at all", CB, ones(3, 0), says=("`labels`", "classes", "last axis", "(3, 0)")),
    mistake("no class in a row", PARTIAL, ones(3, 0), says=("`labels`", "classes", "(3, 0)")),
    mistake(
        "no class in a volume",
        PARTIAL,
        ones(2, 3, 0),
        class_axis=-1,
        says=("`labels`", "(2, 3, 0)"),
    ),
    mistake("no axis of classes", DB, np.asarray(1.0), says=("`labels`", "classes", "()")),
    mistake("no number of classes", CB, CLASSES, classes=0, says=("`classes`", "1 or more", "0")),
    mistake(
        "a fraction of a class",
        CB,
        CLASSES,
        classes=2.0,
        error=TypeError,
        says=("`classes`", "integer", "2.0"),
    ),
    mistake(
        "a mask for a number of classes",
        IF,
        CLASSES,
        classes=True,
        error=TypeError,
        says=("`classes`", "integer", "True"),
    ),
    mistake("a beta beyond 1", CB, PAIRS, beta=1.5, says=("`beta`", "[0, 1]", "1.5")),
    mistake("a negative beta", CB, PAIRS, beta=-0.1, says=("`beta`", "[0, 1]", "-0.1")),
    mistake("no beta", CB, PAIRS, beta=None, error=TypeError, says=("`beta`", "number", "None")),
    mistake(
        "counts of other classes",
        DB,
        ROWS,
        counts=X,
        says=("`counts`", "(2,)", "(3, 2)", "got shape (3,)"),
    ),
    mistake(
        "counts that are a mask",
        DB,
        ROWS,
        counts=KNOWN[:2],
        error=TypeError,
        says=("`counts`", "numbers", "bool"),
    ),
    mistake(
        "counts as a list",
        DB,
        ROWS,
        counts=[1.0, 2.0],
        error=TypeError,
        says=("`counts`", "list", *FIX),
    ),
    mistake("a beta of 0", DB, ROWS, beta=0, says=("`beta`", "more than 0", "0")),
    mistake("a negative alpha", DB, ROWS, alpha=-0.1, says=("`alpha`", "0 or more", "-0.1")),
    mistake("a mu of nan", DB, ROWS, mu=nan, says=("`mu`", "0 or more", "nan")),
    mistake(
        "a word for alpha",
        PARTIAL,
        ROWS,
        alpha="x",
        error=TypeError,
        says=("`alpha`", "number", "'x'"),
    ),
    mistake("an infinite beta", PARTIAL, ROWS, beta=np.inf, says=("`beta`", "finite", "inf")),
    mistake(
        "a mask for gamma",
        PARTIAL,
        ROWS,
        gamma=True,
        error=TypeError,
        says=("`gamma`", "number", "True"),
    ),
    mistake(
        "a negative weight for full rows",
        PARTIAL,
        ROWS,
        alpha=-3,
        beta=2,
        says=("`alpha`=-3", "`beta`=2", "`gamma`=1.0", "2 classes", "-1"),
    ),
    mistake(
        "a negative weight for rows with gaps",
        PARTIAL,
        ROWS,
        alpha=3,
        beta=-2,
        says=("`alpha`=3", "`beta`=-2", "-0.5"),
    ),
    mistake(
        "a negative weight for rows of a volume",
        PARTIAL,
        ones(2, 3, 4),
        class_axis=2,
        alpha=3,
        beta=-2,
        says=("rows of 4 classes", "-1.25"),
    ),
    mistake("a complex mask", POS, ROWS, mask=1j * ROWS, error=TypeError, says=("`mask`", "bool")),
    mistake("a mask per row", POS, ROWS, mask=KNOWN, says=("`mask`", "(3, 2)", "got shape (3,)")),
    mistake("labels as a list", POS, [[0, 1]], error=TypeError, says=("`labels`", "list", *FIX)),
    mistake(
        "a mask as a list", CB, ROWS, mask=[True], error=TypeError, says=("`mask`", "list", *FIX)
    ),
    mistake(
        "nan in integer labels",
        CB,
        PAIRS,
        missing=nan,
        says=("`missing`", "nan", "int32", "marks missing labels"),
    ),
]

ENCODINGS = [
    mistake(
        "an encoding that has no name",
        ENCODED,
        ROWS,
        "chexpert",
        says=("`encoding`", "'chexpert'", "chexpert_blank_missing", "csl", "index_list"),
    ),
    mistake("no encoding", ENCODED, ROWS, None, says=("`encoding`", "None", "csl")),
    mistake(
        "weights for an encoding that has none",
        ENCODED,
        ROWS,
        "csl",
        weight=ROWS,
        error=TypeError,
        says=("`weight`", '"csl"', "leave it out"),
    ),
    mistake(
        "no weights for an encoding that has them",
        ENCODED,
        ROWS,
        "deepchem",
        error=TypeError,
        says=("`weight`", '"deepchem"', "0"),
    ),
    mistake(
        "weights that are a mask",
        ENCODED,
        X,
        "deepchem",
        weight=KNOWN,
        error=TypeError,
        says=("`weight`", "numbers", "bool"),
    ),
    mistake(
        "weights per row",
        ENCODED,
        ROWS,
        "deepchem",
        weight=X,
        says=("`weight`", "(3, 2)", "got shape (3,)"),
    ),
    mistake(
        "a number of classes for an encoding that has none",
        ENCODED,
        CLASSES,
        "ignore_index",
        classes=3,
        error=TypeError,
        says=("`classes`", '"ignore_index"', "leave it out"),
    ),
    mistake(
        "floating class indices that are published",
        ENCODED,
        X,
        "ignore_index",
        error=TypeError,
        says=("`labels`", "class indices", "float32"),
    ),
    mistake(
        "floating lists",
        ENCODED,
        ROWS,
        "index_list",
        error=TypeError,
        says=("`labels`", "class indices", "float32"),
    ),
    mistake("lists of no length", ENCODED, PAIRS[:, :0], "index_list", says=("`labels`", "(3, 0)")),
    mistake(
        "lists of classes of which there are none",
        ENCODED,
        PAIRS,
        "index_list",
        classes=0,
        says=("`classes`", "1 or more"),
    ),
    mistake(
        "published labels as a list",
        ENCODED,
        [1, 0],
        "csl",
        error=TypeError,
        says=("`labels`", "list", *FIX),
    ),
]

SAMPLES = [
    mistake(
        "floating positives",
        SAMPLED,
        X,
        PAIRS,
        4,
        error=TypeError,
        says=("`positives`", "integers", "float32"),
    ),
    mistake(
        "floating negatives",
        SAMPLED,
        CLASSES,
        ROWS,
        4,
        error=TypeError,
        says=("`negatives`", "integers", "float32"),
    ),
    mistake(
        "negatives without an axis",
        SAMPLED,
        PAIRS,
        CLASSES,
        4,
        says=("`negatives`", "(..., K)", "`positives`", "(3,)", "(3, 2)", "(1, K)"),
    ),
    mistake(
        "negatives of other rows",
        SAMPLED,
        CLASSES,
        PAIRS[:2],
        4,
        says=("`negatives`", "`positives`", "(2, 2)"),
    ),
    mistake(
        "positives shared by the rows",
        SAMPLED,
        PAIRS[:1],
        PAIRS,
        4,
        says=("`negatives`", "`positives`", "(3, 2)", "(1, 2)"),
    ),
    mistake(
        "a number for each",
        SAMPLED,
        np.asarray(1),
        np.asarray(2),
        4,
        says=("`negatives`", "`positives`", "()"),
    ),
    mistake("no items", SAMPLED, CLASSES, PAIRS, 0, says=("`items`", "1 or more", "0")),
    mistake(
        "a fraction of an item",
        SAMPLED,
        CLASSES,
        PAIRS,
        4.5,
        error=TypeError,
        says=("`items`", "integer", "4.5"),
    ),
    mistake(
        "negatives as a list",
        SAMPLED,
        CLASSES,
        [[0], [1], [1]],
        4,
        error=TypeError,
        says=("`negatives`", "list", *FIX),
    ),
]

VALUES = [
    mistake(
        "a label of -1 in a count",
        CB,
        floats([0, 1], [-1, 0]),
        says=("`labels`", "[0, 1]", "got -1", "missing=-1"),
    ),
    mistake(
        "another label than the missing one",
        POS,
        integers([0, 1], [-9, 2]),
        missing=-9,
        says=("`labels`", "[0, 1]", "got 2", "missing=(-9, 2)"),
    ),
    mistake(
        "a label of -1 in a share", PARTIAL, integers([0, -1]), says=("`labels`", "missing=-1")
    ),
    mistake(
        "a class index of -100",
        IF,
        integers(0, 1, -100),
        classes=2,
        says=("`labels`", "class indices", "[0, 1]", "got -100", "missing=-100"),
    ),
    mistake(
        "a class index as large as the number",
        CB,
        integers(0, 1, 2),
        classes=2,
        says=("`labels`", "class indices", "got 2"),
    ),
    mistake(
        "a negative count",
        DB,
        ROWS,
        counts=floats(3, -1),
        says=("`counts`", "0 or more", "got -1"),
    ),
    mistake(
        "a positive that is no item",
        SAMPLED,
        integers(0, 4, 1),
        PAIRS,
        4,
        says=("`positives`", "items", "-1", "[-1, 3]", "got 4"),
    ),
    mistake(
        "a negative that is no item",
        SAMPLED,
        CLASSES,
        integers([0], [-2], [1]),
        4,
        says=("`negatives`", "items", "[-1, 3]", "got -2"),
    ),
]
