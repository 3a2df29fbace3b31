"""A mistake is an error that names the argument, what came, what was expected and the fix."""

import re
import types
from functools import partial
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest
from frameworks import FRAMEWORKS, asnumpy
from numpy import nan

import maskloss as ml

BCE = ml.binary_cross_entropy_with_logits
PROBABILITIES = ml.binary_cross_entropy
CE = ml.cross_entropy
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


X, Y, KNOWN = ones(3), floats(0, 1, 1), np.asarray([True, False, True])
ROWS, CLASSES = ones(3, 2), integers(0, 1, 1)
SQUARE = ones(3, 3)


def is_plain(value):
    return type(value) is np.ndarray


def on(backend, call):
    """Return `call` with arrays of the backend's library; lists and the like stay."""

    def array(value):
        return backend.asarray(value) if is_plain(value) else value

    keywords = {name: array(value) for name, value in call.keywords.items()}
    return partial(call.func, *map(array, call.args), **keywords)


def in_every_way(backend, call):
    """Yield `call` on the backend as it is and with derivatives in closed form."""
    call = on(backend, call)
    yield call
    for transform in (ml.value_and_grad, ml.grad_and_hessian):
        yield partial(transform(call.func), *call.args, **call.keywords)


def opened(call):
    """Split `call` into a function of its arrays alone, and those arrays."""
    arguments = [*enumerate(call.args), *call.keywords.items()]
    names = [name for name, value in arguments if is_plain(value)]

    def function(*arrays):
        given = dict(arguments) | dict(zip(names, arrays, strict=True))
        args = [given.pop(k) for k in range(len(call.args))]
        return call.func(*args, **given)

    return function, [value for _, value in arguments if is_plain(value)]


def table(mistakes):
    return pytest.mark.parametrize("wrong", mistakes, ids=lambda wrong: wrong.name)


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
        says=("`mask`", "scalar", "2 dimension", "(3, 3)", "got shape (3,)", "(N, 1)"),
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
        says=("`weight`", "scalar", "2 dimension", "(3, 3)", "got shape (3,)", "(N, 1)"),
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
        says=("`labels`", "(3,)", "class indices", "integers", "float32", "`mask`"),
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
        says=("`missing`", "-1", "`labels`", "uint8", "`mask`"),
    ),
    mistake(
        "nan in integer labels",
        MSE,
        X,
        CLASSES,
        missing=nan,
        says=("`missing`", "nan", "`target`", "int32", "`mask`"),
    ),
    mistake(
        "a fraction in class indices",
        CE,
        ROWS,
        CLASSES,
        missing=0.5,
        says=("`missing`", "0.5", "`labels`", "int32", "`mask`"),
    ),
    mistake(
        "minus one in bool labels",
        BCE,
        X,
        KNOWN,
        missing=-1,
        says=("`missing`", "-1", "`labels`", "bool", "`mask`"),
    ),
    mistake(
        "a number beyond all of the labels' dtype",
        MSE,
        X,
        Y,
        missing=1e39,
        says=("`missing`", "1e+39", "`target`", "float32", "`mask`"),
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
        pd.Series([0.0, 1.0, 1.0]),
        error=TypeError,
        says=("`labels`", "pandas.Series", *FIX),
    ),
    mistake(
        "a table for predictions",
        MSE,
        pd.DataFrame({"a": [1.0]}),
        Y,
        error=TypeError,
        says=("`input`", "pandas.DataFrame", *FIX),
    ),
    mistake(
        "a column of a table for a mask",
        MSE,
        X,
        Y,
        mask=pd.Series([True, False, True]),
        error=TypeError,
        says=("`mask`", "pandas.Series", *FIX),
    ),
]


@table([*SHAPES, *DTYPES, *OPTIONS, *NO_ARRAYS])
def test_a_mistake_is_named(backend, wrong):
    for call in in_every_way(backend, wrong.call):
        with pytest.raises(wrong.error, match=wrong.match):
            call()


UNIT = ("[0, 1]", "missing=")
VALUES = [
    mistake(
        "a label of -1", BCE, X, floats(0, -1, 1), says=("`labels`", "-1", *UNIT, "missing=-1")
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
        says=("`labels`", "got -1", *UNIT),
    ),
    mistake(
        "a class index of -1",
        CE,
        ROWS,
        integers(0, -1, 1),
        says=("`labels`", "class", "2", "got -1", "missing=-1"),
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
        says=("`labels`", "class", "2", "`logits`", "(3, 2)", "got 2", "missing=2"),
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


@table(VALUES)
def test_a_value_that_cannot_be_meant_is_named_where_values_are_read(backend, wrong):
    for call in in_every_way(backend, wrong.call):
        if backend.checks_values:
            with pytest.raises(wrong.error, match=wrong.match):
                call()
        else:
            assert call() is not None


CANNOT_READ = r'(?s)(?=.*empty="raise")(?=.*read)(?=.*traced)(?=.*empty=float\(\W*nan)'


@table(NOTHING)
def test_nothing_observed_is_an_error_on_demand(backend, wrong):
    is_known = backend.checks_values or wrong.name == "no entry at all"
    with pytest.raises(ValueError, match=wrong.match if is_known else CANNOT_READ):
        on(backend, wrong.call)()


@table(NOTHING)
def test_derivatives_of_nothing_observed_are_an_error_on_demand(backend, wrong):
    is_known = backend.checks_values or wrong.name == "no entry at all"
    _, *derivatives = in_every_way(backend, wrong.call)
    for call in derivatives:
        with pytest.raises(ValueError, match=wrong.match if is_known else CANNOT_READ):
            call()


def test_something_observed_is_no_error(backend):
    call = on(backend, partial(MSE, X, floats(3, 7, 3), mask=KNOWN, empty="raise"))
    if backend.checks_values:
        assert float(call()) == 4.0
    else:
        with pytest.raises(ValueError, match=CANNOT_READ):
            call()


def test_a_count_that_the_shape_tells_needs_no_reading(backend):
    assert float(on(backend, partial(MSE, X, floats(3, 3, 3), empty="raise"))()) == 4.0


OBSERVED = [
    partial(BCE, X, floats(0, 7, 1), mask=KNOWN),
    partial(BCE, X, floats(0, -1, 1), missing=-1),
    partial(BCE, X, floats(0, nan, 1), missing=nan),
    partial(BCE, X, integers(0, -9, 1), missing=(-9, -1)),
    partial(PROBABILITIES, floats(0.5, 7, 0.5), floats(0, 2, 1), mask=KNOWN),
    partial(MSE, X, Y, weight=floats(1, -1, 1), mask=KNOWN),
    partial(CE, ROWS, integers(0, 9, 1), mask=KNOWN),
    partial(CE, ROWS, integers(0, -100, 1), missing=-100),
    partial(CE, ROWS, integers(0, 255, 1, dtype="uint8"), missing=255),
    partial(CE, ROWS, floats([0, 1], [-1, 7], [0.5, 0.5]), mask=KNOWN),
    partial(CE, ROWS, floats([0, 1], [0, nan], [0.5, 0.5]), missing=nan),
    partial(CE, ROWS, integers(0, 1, 1), mask=KNOWN, class_weight=floats(1, 2), weight=1),
]


@pytest.mark.parametrize("call", OBSERVED, ids=range(len(OBSERVED)))
def test_what_is_not_observed_may_hold_anything(backend, call):
    value, gradient = (asnumpy(part) for part in [*in_every_way(backend, call)][1]())
    assert np.isfinite(value)
    assert np.isfinite(gradient).all()
    assert not gradient[1].any()


class ForeignArray:
    """An array of a library that no other knows."""

    shape = (3,)
    dtype = np.dtype("float32")

    def __array_namespace__(self, api_version=None):
        return FOREIGN


FOREIGN = types.ModuleType("foreign")
ForeignArray.__module__ = "foreign"


def test_arrays_of_two_libraries_are_named(backend):
    x, y, known = map(backend.asarray, (X, Y, KNOWN))
    strangers = [(ForeignArray(), "foreign.ForeignArray")]
    if backend.name != "numpy":
        strangers.append((Y, "numpy.ndarray"))
    for stranger, name in strangers:
        for argument, call in [
            ("labels", partial(BCE, x, stranger)),
            ("labels", partial(BCE, stranger, y)),
            ("mask", partial(BCE, x, y, mask=stranger)),
            ("weight", partial(BCE, x, y, mask=known, weight=stranger)),
            ("pos_weight", partial(BCE, x, y, pos_weight=stranger)),
            ("class_weight", partial(CE, x, x, class_weight=stranger)),
            ("divisor", partial(BCE, x, y, divisor=stranger)),
        ]:
            says = (f"`{argument}`", "`logits`", name, "one library", f"convert `{argument}`")
            with pytest.raises(TypeError, match=Mistake("", call, TypeError, says).match):
                call()


def test_masked_labels_of_another_library_keep_their_mask(backend):
    """Converted as they are they would lose it, so that the error must not say so alone."""
    if backend.name == "numpy":
        hidden = np.ma.masked_array(Y, ~KNOWN)
        assert float(MSE(X, hidden)) == 0.5
        return
    with pytest.raises(TypeError, match=r"(?s)(?=.*`target`)(?=.*numpy)(?=.*`mask`)"):
        MSE(backend.asarray(X), np.ma.masked_array(Y, ~KNOWN))


@pytest.mark.needs("numpy")
def test_a_mask_of_numpy_ma_counts_on_labels_alone(backend):
    x, y, rows, known = map(backend.asarray, (X, Y, SQUARE, KNOWN))
    for argument, call in [
        ("logits", partial(BCE, np.ma.masked_array(x, known), y)),
        ("mask", partial(BCE, x, y, mask=np.ma.masked_array(known, known))),
        ("weight", partial(BCE, x, y, weight=np.ma.masked_array(x, known))),
        ("pos_weight", partial(BCE, x, y, pos_weight=np.ma.masked_array(x, known))),
        ("class_weight", partial(CE, rows, rows, class_weight=np.ma.masked_array(x, known))),
        ("divisor", partial(BCE, x, y, divisor=np.ma.masked_array(3.0, True))),
    ]:
        with pytest.raises(TypeError, match=rf"(?s)(?=.*`{argument}`)(?=.*numpy\.ma)(?=.*data)"):
            call()


@pytest.mark.parametrize("transform", [ml.value_and_grad, ml.grad_and_hessian])
def test_derivatives_of_a_foreign_function_are_refused(transform):
    def my_loss(x, y):
        return MSE(x, y)

    for loss in (my_loss, partial(my_loss), partial(partial(my_loss), reduction="sum"), None, 3):
        with pytest.raises(TypeError, match=r"(?s)(?=.*`loss`)(?=.*loss of maskloss)(?=.*got )"):
            transform(loss)


# Traced calls: shapes and dtypes are known, values are not.


# One mistake in the shape and one in the dtype of each argument.
TRACED = [
    *{wrong.says[0]: wrong for wrong in SHAPES}.values(),
    *{wrong.says[0]: wrong for wrong in DTYPES}.values(),
]


@pytest.mark.needs("jit")
@table(TRACED)
def test_shapes_and_dtypes_are_checked_under_jit(backend, wrong):
    function, arrays = opened(wrong.call)
    compiled = FRAMEWORKS[backend.name].jit(function)
    # Dynamo wraps the error in one of its own.
    error = RuntimeError if backend.name == "torch" else wrong.error
    with pytest.raises(error, match=wrong.match):
        compiled(*map(backend.asarray, arrays))


@pytest.mark.needs("vmap")
@table(TRACED)
def test_shapes_and_dtypes_are_checked_under_vmap(backend, wrong):
    function, arrays = opened(wrong.call)
    mapped = FRAMEWORKS[backend.name].vmap(function)
    with pytest.raises(wrong.error, match=wrong.match):
        mapped(*(backend.asarray(np.stack([array, array])) for array in arrays))


@pytest.mark.needs("jit")
def test_empty_that_raises_is_refused_under_jit(backend):
    function, arrays = opened(partial(MSE, X, Y, mask=KNOWN, empty="raise"))
    compiled = FRAMEWORKS[backend.name].jit(function)
    error = RuntimeError if backend.name == "torch" else ValueError
    with pytest.raises(error, match=CANNOT_READ):
        compiled(*map(backend.asarray, arrays))


@pytest.mark.needs("vmap")
def test_empty_that_raises_is_refused_under_vmap(backend):
    function, arrays = opened(partial(MSE, X, Y, mask=KNOWN, empty="raise"))
    mapped = FRAMEWORKS[backend.name].vmap(function)
    with pytest.raises(ValueError, match=CANNOT_READ):
        mapped(*(backend.asarray(np.stack([array, array])) for array in arrays))


CLASS_CALLS = [
    partial(CE),
    partial(CE, class_weight=floats(1, 2), label_smoothing=0.1, reduction="weighted_mean"),
]
by_class_call = pytest.mark.parametrize(
    "call", CLASS_CALLS, ids=lambda call: ", ".join(call.keywords) or "plain"
)
NO_CLASSES = [-1, -100, 2, 3, 127]


@pytest.mark.needs("jit")
@by_class_call
def test_a_class_that_is_none_gives_nan_under_jit(backend, call):
    loss = on(backend, call)

    def everything(x, y, mask):
        value, gradient = ml.value_and_grad(loss.func)(x, y, mask=mask, **loss.keywords)
        return loss(x, y, mask=mask), value, gradient

    compiled = FRAMEWORKS[backend.name].jit(everything)
    rows, known = map(backend.asarray, (ROWS, KNOWN))
    clean = [asnumpy(part) for part in compiled(rows, backend.asarray(CLASSES), known)]
    assert np.isfinite(clean[0])
    for index in NO_CLASSES:
        first, value, gradient = compiled(rows, backend.asarray(integers(0, 1, index)), known)
        assert np.isnan(asnumpy(first))
        assert np.isnan(asnumpy(value))
        assert np.isnan(asnumpy(gradient)[2]).all()
        dirty = compiled(rows, backend.asarray(integers(0, index, 1)), known)
        for got, want in zip(dirty, clean, strict=True):
            np.testing.assert_array_equal(asnumpy(got), want)


@pytest.mark.needs("vmap")
@by_class_call
def test_a_class_that_is_none_gives_nan_under_vmap(backend, call):
    loss = on(backend, call)
    mapped = FRAMEWORKS[backend.name].vmap(lambda x, y, mask: loss(x, y, mask=mask))
    batch = np.stack([ROWS] * 3)
    known = np.stack([KNOWN] * 3)
    for index in NO_CLASSES:
        labels = integers([0, 1, 1], [0, 1, index], [0, index, 1])
        clean, nonsense, hidden = asnumpy(mapped(*map(backend.asarray, (batch, labels, known))))
        assert np.isnan(nonsense)
        assert hidden == clean
        assert np.isfinite(clean)
