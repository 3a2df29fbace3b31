"""The mistakes with several heads: wrong calls of an objective, and wrong heads."""

import functools

import maskloss as ml
from tables.mistakes.mistake import BCE, CE, CLASSES, KNOWN, MSE, ROWS, X, Y, floats, mistake, ones

NAMED = ml.MultiObjective({"kind": ml.Head(CE), "depth": ml.Head(MSE)})
PLACED = ml.MultiObjective((ml.Head(CE), ml.Head(MSE)))
AVERAGED = ml.MultiObjective({"kind": ml.Head(CE, reduction="macro"), "depth": ml.Head(MSE)})

X_NAMED, Y_NAMED = {"kind": ROWS, "depth": X}, {"kind": CLASSES, "depth": Y}
X_PLACED, Y_PLACED = (ROWS, X), (CLASSES, Y)
HEADS = ("'kind', 'depth'",)


def named(name, *args, **keywords):
    return mistake(name, NAMED, *(args or (X_NAMED, Y_NAMED)), **keywords)


CALLS = [
    named(
        "a head without predictions",
        {"kind": ROWS},
        Y_NAMED,
        says=("`predictions`", *HEADS, "got a mapping of 'kind'", "all missing"),
    ),
    named(
        "a head without targets",
        X_NAMED,
        {"depth": Y},
        says=("`targets`", *HEADS, "got a mapping of 'depth'", "all missing"),
    ),
    named(
        "predictions of an unknown head",
        {**X_NAMED, "hue": X},
        Y_NAMED,
        says=("`predictions`", *HEADS, "got a mapping of 'kind', 'depth', 'hue'"),
    ),
    named(
        "a misspelt head",
        {"kind": ROWS, "dept": X},
        Y_NAMED,
        says=("`predictions`", *HEADS, "'dept'"),
    ),
    named(
        "a tuple for named heads",
        X_PLACED,
        Y_NAMED,
        error=TypeError,
        says=("`predictions`", *HEADS, "got a tuple of 2"),
    ),
    named(
        "an array for named heads",
        X,
        Y_NAMED,
        error=TypeError,
        says=("`predictions`", *HEADS, "got "),
    ),
    mistake(
        "a mapping for heads without names",
        PLACED,
        X_NAMED,
        Y_PLACED,
        error=TypeError,
        says=("`predictions`", "a tuple of 2", "got a mapping of 'kind', 'depth'"),
    ),
    mistake(
        "too few targets",
        PLACED,
        X_PLACED,
        (CLASSES,),
        says=("`targets`", "a tuple of 2", "got a tuple of 1"),
    ),
    mistake(
        "too many masks",
        PLACED,
        X_PLACED,
        Y_PLACED,
        mask=(KNOWN, KNOWN, None),
        says=("`mask`", "a tuple of 2", "got a tuple of 3"),
    ),
    named(
        "a mask of no head",
        mask=KNOWN,
        error=TypeError,
        says=("`mask`", *HEADS, "got ", "which head"),
    ),
    named(
        "a mask of an unknown head",
        mask={"hue": KNOWN},
        says=("`mask`", *HEADS, "got a mapping of 'hue'"),
    ),
    named(
        "the importance of a head in the call",
        weight=0.5,
        error=TypeError,
        says=("`weight`", *HEADS, "got float", "Head(...)"),
    ),
    named(
        "a keyword of no loss",
        gamma={"depth": 2.0},
        error=TypeError,
        says=("head 'depth'", "mse_loss()", "'gamma'"),
    ),
    named(
        "labels of another shape",
        X_NAMED,
        {"kind": CLASSES, "depth": ones(4)},
        says=("head 'depth'", "`target`", "(3,)", "got (4,)"),
    ),
    named(
        "integer predictions",
        {"kind": CLASSES, "depth": X},
        Y_NAMED,
        error=TypeError,
        says=("head 'kind'", "`logits`", "real floating", "int32"),
    ),
    named(
        "no array",
        {"kind": [[1.0, 2.0]] * 3, "depth": X},
        Y_NAMED,
        error=TypeError,
        says=("`predictions['kind']`", "array", "got list"),
    ),
    named("an axis in the call", axis={"kind": 0}, says=("head 'kind'", "one number", "axis=0")),
    named(
        "a reduction of the call that is a head's",
        reduction="sum",
        says=("`reduction`", '"sums"', "got 'sum'", "Head(..., reduction='sum')"),
    ),
    mistake(
        "sums of a mean of means",
        AVERAGED,
        X_NAMED,
        Y_NAMED,
        reduction="sums",
        says=("head 'kind'", "reduction='macro'", "mean, weighted_mean, sum"),
    ),
    named(
        "a divisor of sums",
        reduction="sums",
        divisor={"depth": 7.0},
        says=("head 'depth'", "`divisor`", "'sums'"),
    ),
    named(
        "log-variances of sums",
        reduction="sums",
        log_variances=floats(0, 0),
        says=("`log_variances`", '"sums"', "`combine`"),
    ),
    named(
        "too many log-variances",
        log_variances=floats(0, 0, 0),
        says=("`log_variances`", "(2,)", *HEADS, "of shape (3,)"),
    ),
    named(
        "integer log-variances",
        log_variances=CLASSES[:2],
        error=TypeError,
        says=("`log_variances`", "real floating", "got ", "int32"),
    ),
    named(
        "log-variances that are no array",
        log_variances=[0.0, 0.0],
        error=TypeError,
        says=("`log_variances`", "array", "got list"),
    ),
]


class Model:
    """What has an `evaluate` of its own, as the models of Keras."""

    def evaluate(self, input, target):
        return MSE(input, target)


def my_loss(input, target):
    return MSE(input, target)


DEFINITIONS = [
    mistake("no heads", ml.MultiObjective, {}, says=("`heads`", "at least one")),
    mistake(
        "a single head",
        ml.MultiObjective,
        ml.Head(MSE),
        error=TypeError,
        says=("`heads`", "a mapping or a tuple", "got maskloss.Head"),
    ),
    mistake(
        "a loss for a head",
        ml.MultiObjective,
        {"depth": MSE},
        error=TypeError,
        says=("`heads['depth']`", "must be a Head", "function", "Head(loss, ...)"),
    ),
    *(
        mistake(
            f"a head of {name}",
            ml.Head,
            function,
            error=TypeError,
            says=("`loss`", "loss of maskloss", "got "),
        )
        for name, function in {
            "a function": my_loss,
            "what wraps a loss": functools.wraps(MSE)(my_loss),
            "a partial function": functools.partial(my_loss),
            "a loss with its predictions": functools.partial(MSE, X),
            "a model": Model(),
            "a word": "mse",
        }.items()
    ),
    *(
        mistake(
            f"a head of {name}",
            ml.Head,
            function,
            error=TypeError,
            says=("`loss`", "one prediction and its labels", "got ", "add"),
        )
        for name, function in {
            "an objective": NAMED,
            "a linear layer": ml.linear_cross_entropy,
        }.items()
    ),
    mistake("a negative weight", ml.Head, MSE, weight=-1, says=("`weight`", "0 or more", "got -1")),
    mistake("an infinite weight", ml.Head, MSE, weight=float("inf"), says=("`weight`", "finite")),
    mistake(
        "an array of weights",
        ml.Head,
        MSE,
        weight=Y,
        error=TypeError,
        says=("`weight`", "a number", "got "),
    ),
    mistake(
        "a misspelt keyword",
        ml.Head,
        CE,
        label_smooting=0.1,
        error=TypeError,
        says=("cross_entropy()", "'label_smooting'", "`label_smoothing`"),
    ),
    mistake(
        "a keyword of torch",
        ml.Head,
        CE,
        ignore_index=-100,
        error=TypeError,
        says=("'ignore_index'", "`missing`"),
    ),
    mistake("a target", ml.Head, MSE, target=Y, error=TypeError, says=("mse_loss()", "'target'")),
    mistake(
        "an unknown reduction", ml.Head, BCE, reduction="avg", says=("`reduction`", "got 'avg'")
    ),
    mistake("every entry", ml.Head, BCE, reduction="none", says=("one number", "'none'", "a mean")),
    mistake("sums", ml.Head, BCE, reduction="sums", says=("one number", "'sums'", "the call")),
    mistake("every class", ml.Head, BCE, axis=0, says=("one number", "axis=0")),
    mistake("not a sum", NAMED.combine, {"kind": 1}, error=TypeError, says=("`sums`", "got dict")),
    mistake(
        "sums of other heads",
        NAMED.combine,
        ml.ObjectiveSums({"kind": None}),
        says=("`sums`", *HEADS, "got a mapping of 'kind'"),
    ),
]
