"""Wrong calls of losses that couple the elements of a row, other than regions and lists."""

import numpy as np

import maskloss as ml
from tables.mistakes.mistake import floats, integers, mistake, ones

X, Y = ones(2, 3), floats([0, 1, 1], [1, 0, 0])
LISTS = integers([1, -1, 0], [0, 2, -1])

# Found by shapes, dtypes and keywords.
COUPLED = [
    mistake(
        "classes as floats",
        ml.multilabel_margin_loss,
        X,
        floats([1, -1, 0], [0, 2, -1]),
        error=TypeError,
        says=("`target`", "integers", "float32", "multi_hot=True"),
    ),
    mistake(
        "classes as bools",
        ml.multilabel_margin_loss,
        X,
        np.asarray([[True, False, True]] * 2),
        error=TypeError,
        says=("`target`", "integers", "bool", "multi_hot=True"),
    ),
    mistake(
        "one class per row",
        ml.multilabel_margin_loss,
        X,
        integers(0, 2),
        says=("`target`", "`input`", "(2, 3)", "got (2,)", "-1"),
    ),
    mistake(
        "the end of a list as missing",
        ml.multilabel_margin_loss,
        X,
        LISTS,
        missing=(-100, -1),
        says=("`missing`", "-1", "row of labels", "`mask`", "multi_hot=True"),
    ),
    mistake(
        "multi_hot as a number",
        ml.multilabel_margin_loss,
        X,
        LISTS,
        multi_hot=1,
        error=TypeError,
        says=("`multi_hot`", "True or False", "got 1"),
    ),
    mistake(
        "classes along no axis",
        ml.two_way_loss,
        X,
        Y,
        class_axis=2,
        says=("`class_axis`", "2", "`logits`", "(2, 3)"),
    ),
    mistake(
        "a temperature of 0",
        ml.two_way_loss,
        X,
        Y,
        positive_temperature=0,
        says=("`positive_temperature`", "more than 0", "got 0"),
    ),
    mistake(
        "a temperature of negatives of 0",
        ml.two_way_loss,
        X,
        Y,
        negative_temperature=0,
        says=("`negative_temperature`", "more than 0", "got 0"),
    ),
    mistake(
        "sums of batches that are compared within",
        ml.two_way_loss,
        X,
        Y,
        reduction="sums",
        says=('reduction="sums"', "samples", 'use "mean"'),
    ),
    mistake(
        "a mask of rows without their axis",
        ml.zlpr_loss,
        X,
        Y,
        mask=np.asarray([True, False]),
        says=("`mask`", "2 dimension(s)", "(2, 3)", "got shape (2,)"),
    ),
    mistake(
        "features along no axis",
        ml.cosine_similarity_loss,
        X,
        Y,
        feature_axis=-3,
        says=("`feature_axis`", "-3", "`input`", "(2, 3)"),
    ),
    mistake(
        "one similarity per column",
        ml.cosine_similarity_loss,
        X,
        Y,
        similarity=floats(1, -1, 1),
        says=("`similarity`", "(2,)", "got shape (3,)"),
    ),
    mistake(
        "negatives as missing labels of rows",
        ml.multilabel_margin_loss,
        X,
        X,
        multi_hot=True,
        missing=0,
        says=("`missing`", "got 0", "negative in the labels", "`mask`"),
    ),
    mistake(
        "a similarity of 0",
        ml.cosine_similarity_loss,
        X,
        Y,
        similarity=0,
        says=("`similarity`", "-1 or 1", "got 0"),
    ),
    mistake(
        "an epsilon of 0",
        ml.cosine_similarity_loss,
        X,
        Y,
        eps=0,
        says=("`eps`", "more than 0", "got 0"),
    ),
    mistake(
        "a margin below every cosine",
        ml.cosine_similarity_loss,
        X,
        Y,
        margin=-1.5,
        says=("`margin`", "-1 or more", "got -1.5"),
    ),
]

# Found where values can be read.
COUPLED_VALUES = [
    mistake(
        "a class that is none",
        ml.multilabel_margin_loss,
        X,
        integers([1, -1, 0], [0, 3, -1]),
        says=("`target`", "classes in [-1, 2]", "got 3"),
    ),
    mistake(
        "a class below the end",
        ml.multilabel_margin_loss,
        X,
        integers([1, -1, 0], [0, -100, -1]),
        says=("`target`", "classes in [-1, 2]", "got -100", "missing=-100"),
    ),
    mistake(
        "a third label of a margin",
        ml.multilabel_margin_loss,
        X,
        integers([0, 1, -1], [1, 0, 0]),
        multi_hot=True,
        says=("`target`", "0 or 1", "got -1", "missing=-1"),
    ),
    mistake(
        "a third label of two ways",
        ml.two_way_loss,
        X,
        integers([0, 1, -1], [1, 0, 0]),
        says=("`labels`", "0 or 1", "got -1", "missing=-1"),
    ),
    mistake(
        "a label out of range beside a threshold",
        ml.zlpr_loss,
        X,
        floats([0, 1, -1], [1, 0, 0]),
        says=("`labels`", "[0, 1]", "got -1", "missing=-1"),
    ),
    mistake(
        "some similarities of 0",
        ml.cosine_similarity_loss,
        X,
        Y,
        similarity=floats(1, 0),
        says=("`similarity`", "-1 or 1", "got 0"),
    ),
]
