"""Wrong calls of losses of lists and of times until an event."""

import numpy as np

import maskloss as ml
from tables.mistakes.mistake import floats, integers, mistake, ones

X, Y = ones(2, 3), floats([0, 1, 1], [1, 0, 0])
GROUPS = integers(0, 1, 0)

# Found by shapes, dtypes and keywords.
RANKING = [
    mistake(
        "groups as floats",
        ml.softmax_ranking_loss,
        X,
        Y,
        groups=floats(0, 1, 0),
        error=TypeError,
        says=("`groups`", "integers", "float32"),
    ),
    mistake(
        "groups of rows",
        ml.softmax_ranking_loss,
        X,
        Y,
        groups=integers(0, 1),
        says=("`groups`", "`scores`", "(2, 3)", "(3,)", "got (2,)"),
    ),
    mistake(
        "strata of other subjects",
        ml.cox_loss,
        X[0],
        X[0],
        X[0],
        groups=integers(0, 1),
        says=("`groups`", "shape of `log_hazards`, (3,), got (2,)"),
    ),
    mistake(
        "a mean over the classes of lists in groups",
        ml.pairwise_logistic_loss,
        X[None],
        Y[None],
        groups=GROUPS,
        reduction="macro",
        says=('reduction="macro"', "`groups` have no classes", "(1, 2, 3)", '"mean"', '"samples"'),
    ),
    mistake(
        "groups along another axis",
        ml.softmax_ranking_loss,
        X,
        Y,
        groups=GROUPS,
        list_axis=0,
        says=("`list_axis`", "-1", "`groups`", "got 0"),
    ),
    mistake(
        "lists along no axis",
        ml.pairwise_logistic_loss,
        X,
        Y,
        list_axis=2,
        says=("`list_axis`", "2", "`scores`", "(2, 3)"),
    ),
    mistake(
        "a size of groups without groups",
        ml.pairwise_logistic_loss,
        X,
        Y,
        max_group_size=3,
        says=("`max_group_size`", "3", "`groups`", "leave it out"),
    ),
    mistake(
        "groups of no item",
        ml.pairwise_logistic_loss,
        X,
        Y,
        groups=GROUPS,
        max_group_size=0,
        says=("`max_group_size`", "1 or more", "got 0"),
    ),
    mistake(
        "normalize as a number",
        ml.softmax_ranking_loss,
        X,
        Y,
        normalize=1,
        error=TypeError,
        says=("`normalize`", "True or False", "got 1"),
    ),
    mistake(
        "no events",
        ml.cox_loss,
        X[:, 0],
        X[:, 0],
        None,
        error=TypeError,
        says=("`events`", "shape of `log_hazards`", "NoneType"),
    ),
    mistake(
        "events of one column",
        ml.cox_loss,
        X,
        X,
        X[:, 0],
        says=("`events`", "shape of `log_hazards`", f"{X.shape}"),
    ),
    mistake(
        "unknown ties", ml.cox_loss, X, X, X, ties="exact", says=("`ties`", "'efron'", "'exact'")
    ),
    mistake(
        "sums of risk sets",
        ml.cox_loss,
        X,
        X,
        X,
        reduction="sums",
        says=("sums", "risk set", "whole batch"),
    ),
]

# Found where values can be read.
RANKING_VALUES = [
    mistake(
        "a relevance below 0",
        ml.softmax_ranking_loss,
        X,
        integers([0, 1, -1], [0, 1, 1]),
        says=("`labels`", "0 or more", "got -1", "missing=-1"),
    ),
    mistake(
        "a group that is larger than was said",
        ml.pairwise_logistic_loss,
        X,
        Y,
        groups=GROUPS,
        max_group_size=1,
        says=("`max_group_size`", "1", "too small", "2 items"),
    ),
    mistake(
        "an event of 2",
        ml.cox_loss,
        X,
        X,
        np.full(X.shape, 2),
        says=("`events`", "0 or 1", "got 2"),
    ),
    mistake(
        "an event that is NaN",
        ml.cox_loss,
        X[0],
        X[0],
        floats(1, np.nan, 0),
        says=("`events`", "0 or 1", "got nan", "mask the subjects"),
    ),
]
