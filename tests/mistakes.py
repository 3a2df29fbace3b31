"""The table of mistakes: a wrong call, and what its error must say."""

import re
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy import nan

import maskloss as ml

BCE = ml.binary_cross_entropy_with_logits
PROBABILITIES = ml.binary_cross_entropy
CE = ml.cross_entropy
FOCAL = ml.sigmoid_focal_loss
MSE = ml.mse_loss
L1 = ml.l1_loss


class Mistake(NamedTuple):
    """A wrong call on NumPy arrays, and what the error must say on every library."""

    name: str
    call: partial
    error: type
    says: tuple

    @property
    def match(self):
        """A pattern that finds all that the error must say, in any order."""
        return "(?s)" + "".join(f"(?=.*{re.escape(fragment)})" for fragment in self.says)


def mistake(name, loss, *args, error=ValueError, says, **keywords):
    return Mistake(name, partial(loss, *args, **keywords), error, says)


def ones(*shape, dtype="float32"):
    return np.ones(shape, dtype)


def floats(*values):
    return np.asarray(values, "float32")


def integers(*values, dtype="int32"):
    return np.asarray(values, dtype)


class Series:
    """A column of a table, as of pandas: NumPy can convert it, and it has no namespace."""

    def __init__(self, values):
        self.values = np.asarray(values)
        self.dtype, self.shape = self.values.dtype, self.values.shape

    def __array__(self, dtype=None, copy=None):
        return self.values


Series.__module__ = "pandas.core.series"

X, Y, KNOWN = ones(3), floats(0, 1, 1), np.asarray([True, False, True])
ROWS, CLASSES = ones(3, 2), integers(0, 1, 1)
SQUARE = ones(3, 3)


SHAPES = [
    mistake(
        "a column of predictions and a row of labels",
        BCE,
        ones(3, 1),
        Y,
        says=("`labels`", "`logits`", "(3, 1)", "got (3,)", "reshape"),
    ),
    mistake(
        "a row of predictions and a column of labels",
        BCE,
        X,
        ones(3, 1),
        says=("`labels`", "`logits`", "(3,)", "got (3, 1)", "reshape"),
    ),
    mistake(
        "the same for numbers",
        MSE,
        ones(3, 1),
        Y,
        says=("`target`", "`input`", "(3, 1)", "got (3,)", "reshape"),
    ),
    mistake(
        "the same for absolute errors",
        L1,
        X,
        ones(3, 1),
        says=("`target`", "`input`", "(3,)", "got (3, 1)", "reshape"),
    ),
    mistake(
        "the same for probabilities",
        PROBABILITIES,
        ones(3, 1),
        Y,
        says=("`labels`", "`probabilities`", "(3, 1)", "got (3,)", "reshape"),
    ),
    mistake(
        "one label for all predictions",
        BCE,
        ones(2, 3),
        ones(1, 3),
        says=("`labels`", "`logits`", "(2, 3)", "got (1, 3)", "reshape"),
    ),
    mistake(
        "class indices of another number of rows",
        CE,
        ROWS,
        integers(0, 1),
        says=("`labels`", "`logits`", "(3,)", "(3, 2)", "`class_axis`", "got (2,)"),
    ),
    mistake(
        "class indices as a column",
        CE,
        ROWS,
        integers([0], [1], [1]),
        says=("`labels`", "`logits`", "(3,)", "(3, 2)", "got (3, 1)"),
    ),
    mistake(
        "classes on torch's axis",
        CE,
        ones(3, 2, 4),
        np.zeros((3, 4), "int32"),
        says=("`labels`", "`class_axis`", "(3, 2)", "(3, 2, 4)", "got (3, 4)"),
    ),
    mistake(
        "a mask per sample for a matrix",
        BCE,
        SQUARE,
        SQUARE,
        mask=KNOWN,
        says=("`mask`", "2 dimension", "(3, 3)", "got shape (3,)", "to (3, 1) or (1, 3)"),
    ),
    mistake(
        "a mask larger than the predictions",
        BCE,
        ones(3, 1),
        ones(3, 1),
        mask=SQUARE > 0,
        says=("`mask`", "(3, 1)", "got shape (3, 3)"),
    ),
    mistake(
        "a mask of another length",
        MSE,
        X,
        Y,
        mask=KNOWN[:2],
        says=("`mask`", "(3,)", "got shape (2,)"),
    ),
    mistake(
        "a mask with a column for a vector",
        MSE,
        X,
        Y,
        mask=KNOWN[:, None],
        says=("`mask`", "1 dimension", "(3,)", "got shape (3, 1)"),
    ),
    mistake(
        "a mask per class for rows",
        CE,
        ROWS,
        CLASSES,
        mask=ROWS > 0,
        says=("`mask`", "(3,)", "got shape (3, 2)"),
    ),
    mistake(
        "a weight per sample for a matrix",
        BCE,
        SQUARE,
        SQUARE,
        weight=X,
        says=("`weight`", "2 dimension", "(3, 3)", "got shape (3,)", "to (3, 1) or (1, 3)"),
    ),
    mistake(
        "a weight larger than the targets",
        MSE,
        ones(1, 3),
        ones(1, 3),
        weight=SQUARE,
        says=("`weight`", "(1, 3)", "got shape (3, 3)"),
    ),
    mistake(
        "a weight per class for rows",
        CE,
        ROWS,
        CLASSES,
        weight=ROWS,
        says=("`weight`", "(3,)", "got shape (3, 2)"),
    ),
    mistake(
        "a weight per class for a matrix",
        BCE,
        ROWS,
        ROWS,
        weight=floats(1, 2),
        says=("`weight`", "(3, 2)", "got shape (2,)", "reshape it to (1, 2)"),
    ),
    mistake(
        "a weight per class for class indices",
        CE,
        ROWS,
        CLASSES,
        weight=floats(1, 2),
        says=("`weight`", "(3,)", "got shape (2,)", "each class goes to `class_weight`"),
    ),
    mistake(
        "a mask per class for class indices",
        CE,
        ROWS,
        CLASSES,
        mask=KNOWN[:2],
        says=("`mask`", "(3,)", "got shape (2,)", "each class goes to `class_mask`"),
    ),
    mistake(
        "pos_weight of another number of classes",
        BCE,
        ROWS,
        ROWS,
        pos_weight=X,
        says=("`pos_weight`", "scalar", "(2,)", "(3, 2)", "got shape (3,)"),
    ),
    mistake(
        "class_weight of another number of classes",
        CE,
        ROWS,
        CLASSES,
        class_weight=X,
        says=("`class_weight`", "(2,)", "(3, 2)", "got shape (3,)"),
    ),
    mistake(
        "class_weight per row",
        CE,
        ROWS,
        CLASSES,
        class_weight=ones(3, 1),
        says=("`class_weight`", "(2,)", "(3, 2)", "got shape (3, 1)"),
    ),
    mistake(
        "a divisor per entry", MSE, X, Y, divisor=X, says=("`divisor`", "0-d", "got shape (3,)")
    ),
    mistake(
        "a divisor of one dimension",
        MSE,
        X,
        Y,
        divisor=ones(1),
        says=("`divisor`", "0-d", "got shape (1,)"),
    ),
    mistake(
        "class_axis out of range",
        CE,
        ROWS,
        CLASSES,
        class_axis=2,
        says=("`class_axis`", "2", "`logits`", "(3, 2)"),
    ),
    mistake(
        "no axis for classes",
        CE,
        np.asarray(1.0),
        np.asarray(0),
        says=("`class_axis`", "-1", "`logits`", "()"),
    ),
    mistake(
        "no class",
        CE,
        ones(3, 0),
        CLASSES,
        says=("`logits`", "(3, 0)", "no class", "`class_axis`"),
    ),
    mistake(
        "no class and no row",
        CE,
        ones(0, 0),
        CLASSES[:0],
        says=("`logits`", "(0, 0)", "no class", "`class_axis`"),
    ),
]

DTYPES = [
    mistake(
        "complex predictions",
        BCE,
        X.astype("complex64"),
        Y,
        error=TypeError,
        says=("`logits`", "real floating", "complex64", "cast"),
    ),
    mistake(
        "integer predictions",
        MSE,
        CLASSES,
        Y,
        error=TypeError,
        says=("`input`", "real floating", "int32", "cast"),
    ),
    mistake(
        "bool predictions",
        PROBABILITIES,
        KNOWN,
        Y,
        error=TypeError,
        says=("`probabilities`", "real floating", "bool", "cast"),
    ),
    mistake(
        "complex labels",
        BCE,
        X,
        Y.astype("complex64"),
        error=TypeError,
        says=("`labels`", "bool, integer or floating", "complex64"),
    ),
    mistake(
        "complex class probabilities",
        CE,
        ROWS,
        ROWS.astype("complex64"),
        error=TypeError,
        says=("`labels`", "bool, integer or floating", "complex64"),
    ),
    mistake(
        "class indices as floats",
        CE,
        ROWS,
        Y,
        error=TypeError,
        says=("`labels`", "(3,)", "class indices", "integers", "float32", "missing=-1"),
    ),
    mistake(
        "class indices as bools",
        CE,
        ROWS,
        KNOWN,
        error=TypeError,
        says=("`labels`", "(3,)", "class indices", "integers", "bool"),
    ),
    mistake(
        "a float mask",
        BCE,
        X,
        Y,
        mask=Y,
        error=TypeError,
        says=("`mask`", "bool", "True where observed", "float32", "`weight`", "!= 0"),
    ),
    mistake(
        "an integer mask",
        CE,
        ROWS,
        CLASSES,
        mask=CLASSES,
        error=TypeError,
        says=("`mask`", "bool", "True where observed", "int32", "`weight`", "!= 0"),
    ),
    mistake(
        "a mask of 1 for all",
        BCE,
        X,
        Y,
        mask=1,
        error=TypeError,
        says=("`mask`", "bool", "True where observed", "got int", "`weight`"),
    ),
    mistake(
        "a bool weight",
        BCE,
        X,
        Y,
        weight=KNOWN,
        error=TypeError,
        says=("`weight`", "real", "bool", "`mask`"),
    ),
    mistake(
        "a complex weight",
        BCE,
        X,
        Y,
        weight=X.astype("complex64"),
        error=TypeError,
        says=("`weight`", "real", "complex64"),
    ),
    mistake(
        "a bool pos_weight",
        BCE,
        X,
        Y,
        pos_weight=KNOWN,
        error=TypeError,
        says=("`pos_weight`", "real", "bool"),
    ),
    mistake(
        "a complex pos_weight",
        BCE,
        X,
        Y,
        pos_weight=X.astype("complex64"),
        error=TypeError,
        says=("`pos_weight`", "real", "complex64"),
    ),
    mistake(
        "a bool class_weight",
        CE,
        ROWS,
        CLASSES,
        class_weight=KNOWN[:2],
        error=TypeError,
        says=("`class_weight`", "real", "bool"),
    ),
    mistake(
        "a complex class_weight",
        CE,
        ROWS,
        CLASSES,
        class_weight=ones(2, dtype="complex64"),
        error=TypeError,
        says=("`class_weight`", "real", "complex64"),
    ),
    mistake(
        "a complex divisor",
        MSE,
        X,
        Y,
        divisor=ones(dtype="complex64"),
        error=TypeError,
        says=("`divisor`", "real", "complex64"),
    ),
]

OPTIONS = [
    mistake("a negative gamma", FOCAL, X, Y, gamma=-1, says=("`gamma`", "0 or more", "got -1")),
    mistake(
        "no gamma", FOCAL, X, Y, gamma=None, error=TypeError, says=("`gamma`", "number", "None")
    ),
    mistake("alpha above 1", FOCAL, X, Y, alpha=2, says=("`alpha`", "[0, 1]", "got 2")),
    mistake("epsilon below -1", ml.poly_loss, X, Y, epsilon=-2, says=("`epsilon`", "-1 or more")),
    mistake("delta of 0", ml.huber_loss, X, Y, delta=0, says=("`delta`", "more than 0", "got 0")),
    mistake("a quantile above 1", ml.quantile_loss, X, Y, quantile=2, says=("`quantile`", "got 2")),
    mistake("a negative weight for all", MSE, X, Y, weight=-2.0, says=("`weight`", "got -2")),
    mistake(
        "an unknown reduction",
        MSE,
        X,
        Y,
        reduction="average",
        says=("`reduction`", "'average'", "mean", "sum", "none", "samples"),
    ),
    mistake(
        "no reduction", BCE, X, Y, reduction=None, says=("`reduction`", "None", "mean", "none")
    ),
    mistake(
        "torch's ignore_index",
        CE,
        ROWS,
        CLASSES,
        ignore_index=-100,
        error=TypeError,
        says=("cross_entropy()", "'ignore_index'", "use `missing`"),
    ),
    mistake(
        "NumPy's where",
        MSE,
        X,
        Y,
        where=True,
        error=TypeError,
        says=("mse_loss()", "'where'", "use `mask`", "True where observed"),
    ),
    mistake(
        "a typo",
        MSE,
        X,
        Y,
        wieght=2.0,
        error=TypeError,
        says=("mse_loss()", "'wieght'", "use `weight`"),
    ),
    mistake(
        "a typo in a keyword of the loss itself",
        BCE,
        X,
        Y,
        posweight=2.0,
        error=TypeError,
        says=("binary_cross_entropy_with_logits()", "'posweight'", "use `pos_weight`"),
    ),
    mistake(
        "a typo in the class axis",
        CE,
        ROWS,
        CLASSES,
        classaxis=1,
        error=TypeError,
        says=("cross_entropy()", "'classaxis'", "use `class_axis`"),
    ),
    mistake(
        "a keyword like no other",
        CE,
        ROWS,
        CLASSES,
        foo=1,
        error=TypeError,
        says=("cross_entropy()", "'foo'", "mask", "missing", "class_weight", "label_smoothing"),
    ),
    mistake(
        "torch's weight without a name",
        CE,
        ROWS,
        CLASSES,
        floats(1, 2),
        error=TypeError,
        says=("cross_entropy()", "2 arguments", "logits, labels", "`class_weight=`", "`weight=`"),
    ),
    mistake(
        "a mask without a name",
        BCE,
        X,
        Y,
        KNOWN,
        error=TypeError,
        says=("binary_cross_entropy_with_logits()", "name it: `mask=`", "True where observed"),
    ),
    mistake(
        "a number without a name",
        ml.huber_loss,
        X,
        Y,
        2.0,
        error=TypeError,
        says=("huber_loss()", "input, target", "float", "name it: delta,", "weight"),
    ),
    mistake("an axis out of range", MSE, X, Y, axis=1, says=("`axis`", "=1", "(3,)")),
    mistake(
        "an axis out of range from the back",
        MSE,
        X,
        Y,
        axis=(-2,),
        says=("`axis`", "(-2,)", "(3,)"),
    ),
    mistake(
        "the class axis, which entries have not",
        CE,
        ROWS,
        CLASSES,
        axis=1,
        says=("`axis`", "=1", "entries", "(3,)"),
    ),
    mistake("an axis twice", MSE, ROWS, ROWS, axis=(0, -2), says=("`axis`", "(0, -2)", "twice")),
    mistake(
        "an axis that is no integer",
        MSE,
        X,
        Y,
        axis=0.0,
        error=TypeError,
        says=("`axis`", "integer", "0.0"),
    ),
    mistake(
        "axes as a list",
        MSE,
        X,
        Y,
        axis=[0],
        error=TypeError,
        says=("`axis`", "tuple", "[0]"),
    ),
    mistake(
        "an axis of a macro mean",
        MSE,
        ROWS,
        ROWS,
        axis=0,
        reduction="macro",
        says=("`axis`", "'macro'", "axis=0", "leave one"),
    ),
    mistake(
        "an axis of a mean over samples",
        MSE,
        ROWS,
        ROWS,
        axis=0,
        reduction="samples",
        says=("`axis`", "'samples'", "axis=0", "leave one"),
    ),
    mistake(
        "an axis without a reduction",
        MSE,
        ROWS,
        ROWS,
        axis=0,
        reduction="none",
        says=("`axis`", "'none'", "axis=0", "leave one"),
    ),
    mistake(
        "a divisor of a sum",
        MSE,
        X,
        Y,
        divisor=2,
        reduction="sum",
        says=("`divisor`", "'sum'", "mean", "leave `divisor` out"),
    ),
    mistake(
        "a divisor of sums",
        MSE,
        X,
        Y,
        divisor=2,
        reduction="sums",
        says=("`divisor`", "'sums'", "mean", "leave `divisor` out"),
    ),
    mistake(
        "a divisor of a macro mean",
        MSE,
        ROWS,
        ROWS,
        divisor=2,
        reduction="macro",
        says=("`divisor`", "'macro'", "leave `divisor` out"),
    ),
    mistake("a negative divisor", MSE, X, Y, divisor=-2, says=("`divisor`", "-2")),
    mistake("a bool divisor", MSE, X, Y, divisor=True, error=TypeError, says=("`divisor`", "bool")),
    mistake(
        "an empty that is a word", MSE, X, Y, empty="zero", says=("`empty`", '"raise"', "'zero'")
    ),
    mistake("no empty", MSE, X, Y, empty=None, says=("`empty`", '"raise"', "nan", "None")),
    mistake("an empty that is an array", MSE, X, Y, empty=X, says=("`empty`", '"raise"', "nan")),
    mistake(
        "an empty that is a 0-d array", MSE, X, Y, empty=ones(), says=("`empty`", '"raise"', "nan")
    ),
    mistake(
        "a negative missing in unsigned labels",
        BCE,
        X,
        integers(0, 1, 255, dtype="uint8"),
        missing=-1,
        says=("`missing`", "-1", "`labels`", "uint8", "stands there"),
    ),
    mistake(
        "nan in integer labels",
        MSE,
        X,
        CLASSES,
        missing=nan,
        says=("`missing`", "nan", "`target`", "int32", "stands there"),
    ),
    mistake(
        "a fraction in class indices",
        CE,
        ROWS,
        CLASSES,
        missing=0.5,
        says=("`missing`", "0.5", "`labels`", "int32", "stands there"),
    ),
    mistake(
        "minus one in bool labels",
        BCE,
        X,
        KNOWN,
        missing=-1,
        says=("`missing`", "-1", "`labels`", "bool", "stands there"),
    ),
    mistake(
        "a number beyond all of the labels' dtype",
        MSE,
        X,
        Y,
        missing=1e39,
        says=("`missing`", "1e+39", "`target`", "float32", "stands there"),
    ),
    mistake(
        "several values none of which can occur",
        BCE,
        X,
        integers(0, 1, 255, dtype="uint8"),
        missing=(-1, nan),
        says=("`missing`", "(-1, nan)", "`labels`", "uint8"),
    ),
    mistake(
        "negatives as missing labels",
        ml.hinge_loss,
        X,
        floats(-1, 1, 1),
        missing=-1,
        says=("`missing`", "got -1", "negative in `target`", "another number", "`mask`"),
    ),
    mistake(
        "a word for missing",
        BCE,
        X,
        Y,
        missing="?",
        error=TypeError,
        says=("`missing`", "number", "nan", "tuple", "'?'"),
    ),
    mistake(
        "a list for missing",
        CE,
        ROWS,
        CLASSES,
        missing=[-1, -100],
        error=TypeError,
        says=("`missing`", "number", "tuple", "[-1, -100]"),
    ),
    mistake(
        "no value for missing",
        CE,
        ROWS,
        CLASSES,
        missing=(),
        error=TypeError,
        says=("`missing`", "number", "tuple", "()"),
    ),
    mistake(
        "a mask for missing",
        MSE,
        X,
        Y,
        missing=True,
        error=TypeError,
        says=("`missing`", "number", "True"),
    ),
    mistake(
        "an array for missing",
        MSE,
        X,
        Y,
        missing=KNOWN,
        error=TypeError,
        says=("`missing`", "number", "tuple"),
    ),
    mistake(
        "class_axis left empty",
        CE,
        ROWS,
        CLASSES,
        class_axis=None,
        error=TypeError,
        says=("`class_axis`", "integer", "None"),
    ),
    mistake(
        "too much smoothing",
        BCE,
        X,
        Y,
        label_smoothing=1.5,
        says=("`label_smoothing`", "[0, 1]", "1.5"),
    ),
    mistake(
        "negative smoothing",
        CE,
        ROWS,
        CLASSES,
        label_smoothing=-0.1,
        says=("`label_smoothing`", "[0, 1]", "-0.1"),
    ),
    mistake(
        "smoothing by nan",
        CE,
        ROWS,
        CLASSES,
        label_smoothing=nan,
        says=("`label_smoothing`", "[0, 1]", "nan"),
    ),
    mistake(
        "no smoothing",
        CE,
        ROWS,
        CLASSES,
        label_smoothing=None,
        error=TypeError,
        says=("`label_smoothing`", "number", "None"),
    ),
    mistake(
        "smoothing per entry",
        BCE,
        X,
        Y,
        label_smoothing=X,
        error=TypeError,
        says=("`label_smoothing`", "number"),
    ),
]

FIX = ("array API standard", "convert")
NO_ARRAYS = [
    mistake(
        "labels as a list", BCE, X, [0.0, 1.0], error=TypeError, says=("`labels`", "list", *FIX)
    ),
    mistake(
        "predictions as a list", MSE, [0.0], Y, error=TypeError, says=("`input`", "list", *FIX)
    ),
    mistake(
        "a mask as a list",
        BCE,
        X,
        Y,
        mask=[True, False, True],
        error=TypeError,
        says=("`mask`", "list", *FIX),
    ),
    mistake(
        "a weight as a list",
        BCE,
        X,
        Y,
        weight=[1.0, 2.0, 3.0],
        error=TypeError,
        says=("`weight`", "list", *FIX),
    ),
    mistake(
        "pos_weight as a list",
        BCE,
        X,
        Y,
        pos_weight=[1.0, 2.0, 3.0],
        error=TypeError,
        says=("`pos_weight`", "list", *FIX),
    ),
    mistake(
        "class_weight as a tuple",
        CE,
        ROWS,
        CLASSES,
        class_weight=(1.0, 2.0),
        error=TypeError,
        says=("`class_weight`", "tuple", *FIX),
    ),
    mistake("labels left out", CE, ROWS, None, error=TypeError, says=("`labels`", "None", *FIX)),
    mistake("a number for labels", BCE, X, 1.0, error=TypeError, says=("`labels`", "float", *FIX)),
    mistake(
        "a word for a weight",
        BCE,
        X,
        Y,
        weight="balanced",
        error=TypeError,
        says=("`weight`", "str", *FIX),
    ),
    mistake(
        "a word for a divisor", MSE, X, Y, divisor="3", error=TypeError, says=("`divisor`", "str")
    ),
    mistake(
        "a column of a table for labels",
        BCE,
        X,
        Series([0.0, 1.0, 1.0]),
        error=TypeError,
        says=("`labels`", "pandas.Series", *FIX, "`maskloss.from_table`", "mask"),
    ),
    mistake(
        "a column of a table for predictions",
        MSE,
        Series([0.0, 1.0, 1.0]),
        Y,
        error=TypeError,
        says=("`input`", "pandas.Series", *FIX),
    ),
    mistake(
        "a column of a table for a mask",
        MSE,
        X,
        Y,
        mask=Series([True, False, True]),
        error=TypeError,
        says=("`mask`", "pandas.Series", *FIX),
    ),
]

UNIT = ("[0, 1]", "missing=")

VALUES = [
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
NOTHING = [
    mistake(
        "a mask of False",
        BCE,
        X,
        Y,
        mask=False,
        empty="raise",
        says=("nothing is observed", 'empty="raise"', "`mask`", "`missing`", "`empty`"),
    ),
    mistake(
        "all labels missing",
        CE,
        ROWS,
        integers(-1, -1, -1),
        missing=-1,
        empty="raise",
        says=("nothing is observed", 'empty="raise"', "`missing`"),
    ),
    mistake(
        "no entry at all",
        MSE,
        X[:0],
        Y[:0],
        empty="raise",
        says=("nothing is observed", 'empty="raise"'),
    ),
    mistake(
        "one class of two",
        MSE,
        ROWS,
        ROWS,
        mask=np.asarray([[True, False]]),
        axis=0,
        empty="raise",
        says=("nothing is observed", 'empty="raise"'),
    ),
    mistake(
        "every class of a macro mean",
        MSE,
        ROWS,
        ROWS,
        mask=False,
        reduction="macro",
        empty="raise",
        says=("nothing is observed", 'empty="raise"'),
    ),
    mistake(
        "weights of 0",
        MSE,
        X,
        Y,
        weight=0.0,
        reduction="weighted_mean",
        empty="raise",
        says=('empty="raise"', "`weight`"),
    ),
]
