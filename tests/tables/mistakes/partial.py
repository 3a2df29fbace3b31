"""Wrong calls of the losses made for missing labels."""

import maskloss as ml
from tables.mistakes.mistake import ROWS, X, Y, floats, integers, mistake, ones

SELECTIVE, LARGE, NNPU = ml.selective_asymmetric_loss, ml.large_loss, ml.nnpu_loss
EXPECTED, ROLE = ml.expected_positive_loss, ml.role_loss

KINDS = integers(1, 0, -1)
SIGNS = integers(1, -1, -1)
# What the error of a label of no kind says.
THREE = ("-1 or 0 or 1", "1 is positive", "-1 unannotated", "2 * labels - 1")

# Found by shapes, dtypes and keywords.
PARTIAL = [
    mistake(
        "no propensities",
        ml.propensity_scored_loss,
        X,
        Y,
        propensity_weight=None,
        error=TypeError,
        says=("`propensity_weight`", "number or an array", "got None"),
    ),
    mistake(
        "a propensity for its inverse",
        ml.propensity_scored_loss,
        X,
        Y,
        propensity_weight=0.5,
        says=("`propensity_weight`", "inverse propensities 1 or more", "got 0.5", "1 / t"),
    ),
    *(
        mistake(
            f"{name} of 0", ml.gr_loss, X, KINDS, **{name: 0}, says=(f"`{name}`", "more than 0")
        )
        for name in ("q2", "q3")
    ),
    mistake(
        "a narrow weight",
        ml.gr_loss,
        X,
        KINDS,
        sigma=1e-4,
        says=("`sigma`", "0.001 or more", "0.0001"),
    ),
    mistake(
        "unannotated labels as missing ones",
        ml.assume_negative_loss,
        X,
        KINDS,
        missing=-1,
        says=("`missing`", "got -1", "unannotated in `labels`", "another number", "`mask`"),
    ),
    mistake(
        "unlabelled samples as missing ones",
        NNPU,
        X,
        SIGNS,
        prior=0.5,
        missing=(7, -1),
        says=("`missing`", "got -1", "unlabelled in `labels`", "`mask`"),
    ),
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
        says=("`alpha`", "must be finite, got -inf"),
    ),
    mistake(
        "partial labels of other classes",
        ml.partial_bce_loss,
        ROWS,
        ones(3, 1),
        says=("`labels`", "`logits`", "(3, 2)", "got (3, 1)"),
    ),
    mistake(
        "an unknown mode",
        SELECTIVE,
        X,
        KINDS,
        mode="ignore_normalize_classes",
        says=("`mode`", "'ignore_normalize_classes'", "negative", "ignore", "selective"),
    ),
    mistake(
        "half an entry per sample",
        SELECTIVE,
        X,
        KINDS,
        likelihood_topk=0.5,
        error=TypeError,
        says=("`likelihood_topk`", "integer", "got 0.5"),
    ),
    mistake(
        "fewer entries than none",
        SELECTIVE,
        X,
        KINDS,
        likelihood_topk=-1,
        says=("`likelihood_topk`", "0 or more", "got -1"),
    ),
    mistake(
        "a prior for other classes",
        SELECTIVE,
        ROWS,
        integers([1, 0], [0, -1], [-1, 1]),
        class_prior=ones(3),
        says=("`class_prior`", "(2,)", "got shape (3,)"),
    ),
    mistake(
        "sums of a selection",
        SELECTIVE,
        X,
        KINDS,
        reduction="sums",
        says=('"sums"', "over a whole batch", '"mean"'),
    ),
    mistake(
        "a fraction in percent",
        LARGE,
        X,
        KINDS,
        fraction=20,
        says=("`fraction`", "[0, 1]", "got 20"),
    ),
    mistake(
        "the authors' name of a scheme",
        LARGE,
        X,
        KINDS,
        fraction=0.2,
        scheme="LL-R",
        says=("`scheme`", "rejection", "correction", "'LL-R'"),
    ),
    mistake(
        "sums of large losses",
        LARGE,
        X,
        KINDS,
        fraction=0.2,
        reduction="sums",
        says=('"sums"', "over a whole batch", '"mean"'),
    ),
    mistake(
        "no axis of the classes",
        EXPECTED,
        X,
        KINDS,
        expected_positives=1,
        class_axis=1,
        says=("`class_axis`", "1", "`logits`", "(3,)"),
    ),
    mistake(
        "fewer positives than none",
        EXPECTED,
        X,
        KINDS,
        expected_positives=-1,
        says=("`expected_positives`", "0 or more", "got -1"),
    ),
    mistake(
        "sums of what is expected of a batch",
        EXPECTED,
        X,
        KINDS,
        expected_positives=1,
        reduction="sums",
        says=('"sums"', "whole batch", '"mean"'),
    ),
    mistake(
        "one estimate for all",
        ROLE,
        X,
        KINDS,
        estimates=0.5,
        expected_positives=1,
        says=("`estimates`", "(3,)", "got 0.5"),
    ),
    mistake(
        "estimates of other labels",
        ROLE,
        X,
        KINDS,
        estimates=ones(3, 1),
        expected_positives=1,
        says=("`estimates`", "(3,)", "got (3, 1)"),
    ),
    mistake("a prior above 1", NNPU, X, SIGNS, prior=2, says=("`prior`", "[0, 1]", "got 2")),
    mistake(
        "sums of a risk", NNPU, X, SIGNS, prior=0.5, reduction="sums", says=('"sums"', "batch")
    ),
]

# Found where values are read.
PARTIAL_VALUES = [
    mistake(
        "propensities for their inverses",
        ml.propensity_scored_loss,
        X,
        Y,
        propensity_weight=floats(0.5, 0.25, 1),
        says=("`propensity_weight`", "inverse propensities 1 or more", "got 0.25", "1 / t"),
    ),
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
        says=("`labels`", "[0, 1]", "got -1", "missing=-1", "not annotated", "has 0 in its place"),
    ),
    *(
        mistake(
            f"what is not annotated, in {loss.__name__}",
            loss,
            X,
            KINDS,
            says=("`labels`", "got -1", "missing=-1", "not annotated", "has 0 in its place"),
            **options,
        )
        for loss, options in (
            (ml.hill_loss, {}),
            (ml.propensity_scored_loss, {"propensity_weight": 2.0}),
        )
    ),
    mistake(
        "an unlabelled 0",
        NNPU,
        X,
        Y,
        prior=0.5,
        says=("`labels`", "-1 or 1", "got 0", "-1 unlabelled", "2 * labels - 1"),
    ),
    mistake(
        "a prior in percent",
        SELECTIVE,
        ROWS,
        integers([1, 0], [0, -1], [-1, 1]),
        class_prior=floats(10, 0.5),
        says=("`class_prior`", "[0, 1]", "got 10"),
    ),
]
