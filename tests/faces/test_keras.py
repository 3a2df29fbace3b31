"""Losses in Keras, on the backend that KERAS_BACKEND names."""

import inspect
import json
import os
import pickle
import re
import subprocess
import sys
from functools import partial
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import ops
from numpy import nan

import maskloss as ml
import maskloss.keras as mlk
from helpers import pages, stubs
from helpers.keras_face import BACKEND, CLASS, NUMBERS, QUIET, YES, P, X, in_training
from helpers.throw_away import throw_away_case
from maskloss._public import records
from tables.cases import CASES

pytestmark = QUIET

CLASSES = [getattr(mlk, name) for name in mlk.__all__ if name not in {"MaskedLoss", "MaskedMetric"}]
MADE_OF = {cls.function.__name__: cls for cls in CLASSES} | {
    "binary_cross_entropy": mlk.MaskedBinaryCrossentropy,
    "binary_cross_entropy_with_logits": partial(mlk.MaskedBinaryCrossentropy, from_logits=True),
    "cross_entropy": partial(mlk.MaskedSparseCategoricalCrossentropy, from_logits=True),
    "poisson_nll_loss": partial(mlk.MaskedPoisson, log_input=True, eps=1e-8),
}
REQUIRED = {"prior": 0.3, "fraction": 0.5, "expected_positives": 1.0}


def test_the_backend_is_the_one_that_was_asked_for():
    assert os.environ.get("KERAS_BACKEND") == BACKEND, "KERAS_BACKEND names the backend to test"
    x = ops.convert_to_tensor(np.ones(3, "float32"))
    value = mlk.MaskedMeanSquaredError()(np.zeros(3), x)
    assert type(value).__module__.partition(".")[0].startswith((BACKEND, "jaxlib"))
    assert float(value) == 1.0


# As the functions


def fits(case):
    """Whether a loss of Keras can be made so: with nothing that is of each call."""
    return (
        case.loss.__name__ in MADE_OF
        and not case.lined_up(case.arrays()[0].shape)
        and "groups" not in case.options
    )


# One of each loss, and of each keyword that is an array.
FITTING = {
    (case.loss, *(name for name, value in case.options.items() if np.ndim(value))): case
    for case in reversed(CASES)
    if fits(case)
}.values()


def with_gaps(case):
    x, y, mask, _ = case.arrays()
    x = x.astype("float32")
    if y.ndim < x.ndim:
        return x, np.where(mask, y, -100), -100
    if y.dtype.kind != "f":
        return x, y, None
    if mask.ndim < y.ndim:
        mask = np.expand_dims(mask, case.row_axes(x.shape))
    return x, np.where(mask, y, nan).astype("float32"), nan


@pytest.mark.parametrize("case", FITTING, ids=lambda case: case.name)
def test_the_value_is_that_of_the_function(case):
    x, y, missing = with_gaps(case)
    expected = case.loss(x, y, missing=missing, **case.options)
    loss = MADE_OF[case.loss.__name__](missing=missing, **case.options)
    assert float(in_training(loss, y, x)) == pytest.approx(float(expected), rel=1e-5)


def test_all_losses_of_two_arrays_are_there():
    losses = [record.function for record in records() if record.inputs is not None]
    of_three = {
        "clipped_policy_loss": "advantages",
        "cox_loss": "events",
        "forward_corrected_cross_entropy": "transition",
        "gaussian_crps_loss": "var",
        "gaussian_nll_loss": "var",
        "propensity_scored_loss": "propensity_weight",
        "role_loss": "estimates",
    }
    for name, third in of_three.items():
        parameter = inspect.signature(getattr(ml, name)).parameters[third]
        assert parameter.default is parameter.empty
    assert {loss.__name__ for loss in losses} - set(of_three) == set(MADE_OF)
    assert {case.loss.__name__ for case in FITTING} == set(MADE_OF)


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_names_are_those_of_keras_or_of_the_function(cls):
    own = cls.function.__name__.replace("_", "").removesuffix("loss") + "loss"
    name = cls.__name__
    assert name.lower() == own or name in {f"Masked{loss}" for loss in dir(keras.losses)}
    assert keras.saving.get_registered_name(cls) == f"maskloss>{name}"
    assert getattr(__import__(cls.__module__, fromlist=[name]), name) is cls


def test_a_new_loss_has_its_class():
    with throw_away_case() as case:
        assert "QuarticLoss" in mlk.__all__
        assert mlk.QuarticLoss.function is case.loss
        assert mlk.QuarticLoss.__doc__.startswith("Fourth power of the error.\n")
        assert float(mlk.QuarticLoss(missing=-1)([[-1.0, 1.0]], [[1.0, 3.0]])) == 16
    assert not hasattr(mlk, "QuarticLoss")


def test_type_checkers_see_what_is_there():
    assert Path(mlk.__file__).with_suffix(".pyi").read_text() == stubs.stub("keras"), "nox -s stubs"


def test_signatures_are_of_what_is_called():
    """TensorFlow binds the arguments of a call to the signature of what it traces."""
    made = [*inspect.signature(mlk.MaskedHuber).parameters]
    assert made[:5] == ["delta", "censoring", "class_weight", "class_axis", "missing"]
    call = inspect.signature(mlk.MaskedHuber(delta=2.0)).parameters
    assert [*call] == ["y_true", "y_pred", "sample_weight"]


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_every_keyword_is_documented(cls):
    for name in inspect.signature(cls).parameters:
        assert re.search(rf"^{name} : ", inspect.getdoc(cls), re.MULTILINE), name


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_losses_are_made_anew_from_their_configuration(cls):
    known = inspect.signature(cls).parameters
    given = {name: value for name, value in REQUIRED.items() if name in known}
    loss = cls(missing=(-1, nan), reduction="sum", name="mine", empty=nan, **given)
    config = json.loads(json.dumps(keras.losses.serialize(loss)))
    for again in (keras.losses.deserialize(config), pickle.loads(pickle.dumps(loss))):
        assert type(again) is cls
        assert str(again.get_config()) == str(loss.get_config())
        assert again.name == "mine"


def test_a_name_is_that_of_the_class():
    assert mlk.ZLPRLoss().name == "zlpr_loss"
    assert mlk.SmoothL1Loss().name == "smooth_l1_loss"
    assert mlk.MaskedMeanSquaredError().name == "masked_mean_squared_error"


def test_arrays_are_kept_in_the_configuration():
    weight = np.asarray([0.1, 2.0, 3.0], "float32")
    loss = mlk.MaskedSparseCategoricalCrossentropy(class_weight=weight, dtype="float32")
    config = loss.get_config()
    assert config["class_weight"] == weight.tolist()
    assert config["dtype"] == "float32"
    again = mlk.MaskedSparseCategoricalCrossentropy(**config)
    p, y = np.full((2, 3), 1 / 3, "float32"), np.asarray([0, 2])
    assert float(again(y, p)) == pytest.approx(np.log(3) * 3.1 / 2)


# As Keras' own, on complete labels


OWN = [
    ("BinaryCrossentropy", {}, YES, P),
    ("BinaryCrossentropy", {"from_logits": True}, YES, X),
    ("BinaryCrossentropy", {"from_logits": True, "label_smoothing": 0.1}, YES, X),
    ("CategoricalCrossentropy", {}, np.eye(4)[CLASS], P),
    ("CategoricalCrossentropy", {"label_smoothing": 0.2}, np.eye(4)[CLASS], P),
    ("CategoricalCrossentropy", {"from_logits": True}, P, X),
    ("SparseCategoricalCrossentropy", {}, CLASS, P),
    ("SparseCategoricalCrossentropy", {"from_logits": True}, CLASS, X),
    ("SparseCategoricalCrossentropy", {"from_logits": True}, CLASS[:, None], X),
    ("Huber", {"delta": 0.5}, NUMBERS, X),
    ("LogCosh", {}, NUMBERS, X),
    ("MeanAbsoluteError", {}, NUMBERS, X),
    ("MeanSquaredError", {}, NUMBERS, X),
    ("MeanSquaredError", {}, NUMBERS[:, 0], X[:, :1]),
    ("MeanSquaredError", {}, NUMBERS[:, :1], X[:, 0]),
    ("Poisson", {}, YES * 3, P),
]


WEIGHT = np.asarray([0.0, 1, 2, 3, 0.5, 1], "float32")


@pytest.mark.parametrize(
    ("weight", "reduction"),
    [(None, "mean"), (WEIGHT, "sum_over_batch_size"), (WEIGHT, "mean_with_sample_weight")],
    ids=["plain", "weighted", "by weight"],
)
@pytest.mark.parametrize("own", OWN, ids=lambda own: f"{own[0]} {own[1]} {own[2].shape}")
def test_complete_labels_give_the_number_of_keras(own, weight, reduction):
    name, keywords, labels, prediction = own
    prediction = prediction.astype("float32")
    values = [
        float(cls(**keywords, reduction=reduction)(labels, prediction, sample_weight=weight))
        for cls in (getattr(mlk, f"Masked{name}"), getattr(keras.losses, name))
    ]
    assert values[0] == pytest.approx(values[1], rel=1e-5)


# Reductions, and weights


def squares(labels, x, weight):
    """Return w l of each observed entry, by a loop."""
    known = [(n, c) for n, c in np.ndindex(x.shape) if labels[n, c] != -1]
    return {(n, c): weight[n] * (labels[n, c] - x[n, c]) ** 2 for n, c in known}, known


def test_as_many_samples_as_labels():
    """A weight per sample weighs rows, and labels of one per sample are refused."""
    x = np.arange(9.0, dtype="float32").reshape(3, 3)
    y, w = np.asarray([[1, -1, 0], [2, 3, -1], [-1, -1, -1]]), np.asarray([1.0, 10.0, 100.0])
    parts, known = squares(y, x, w)
    means = {
        "sum_over_batch_size": sum(parts.values()) / len(known),
        "mean": sum(parts.values()) / len(known),
        "mean_with_sample_weight": sum(parts.values()) / sum(w[n] for n, _ in known),
        "weighted_mean": sum(parts.values()) / sum(w[n] for n, _ in known),
        "mean_over_all": sum(parts.values()) / 9,
        "sum": sum(parts.values()),
    }
    for reduction, expected in means.items():
        loss = mlk.MaskedMeanSquaredError(missing=-1, reduction=reduction)
        assert float(loss(y, x, sample_weight=w)) == pytest.approx(expected)
        assert float(loss(y, x, sample_weight=w[:, None])) == pytest.approx(expected)
    for reduction in (None, "none"):
        loss = mlk.MaskedMeanSquaredError(missing=-1, reduction=reduction)
        entries = ops.convert_to_numpy(loss(y, x, sample_weight=w))
        assert entries.shape == (3, 3)
        assert {k: entries[k] for k in parts} == pytest.approx(parts)
        assert entries.sum() == pytest.approx(sum(parts.values()))
    with pytest.raises(ValueError, match="target"):
        loss(np.ones(3), x)


def test_more_reductions():
    x, y = np.zeros((3, 2), "float32"), np.asarray([[1.0, nan], [2.0, nan], [3.0, 2.0]])
    for reduction, expected in {"macro": (14 / 3 + 4) / 2, "samples": (1 + 4 + 6.5) / 3}.items():
        loss = mlk.MaskedMeanSquaredError(missing=nan, reduction=reduction)
        assert float(loss(y, x)) == pytest.approx(expected)
    by_class = ops.convert_to_numpy(mlk.MaskedMeanSquaredError(missing=nan, axis=0)(y, x))
    assert by_class.tolist() == pytest.approx([14 / 3, 4])
    assert float(mlk.MaskedMeanSquaredError(missing=nan, divisor=3)(y, x)) == pytest.approx(6)
    entries = ops.convert_to_numpy(mlk.MaskedMeanSquaredError(missing=nan).call(y, x))
    assert entries.tolist() == [[1, 0], [4, 0], [9, 4]]


def test_weights_of_labels():
    x, y = np.zeros((2, 2), "float32"), np.asarray([[1.0, -1], [2, 3]])
    loss = mlk.MaskedMeanSquaredError(missing=-1)
    assert float(loss(y, x, sample_weight=[[1, nan], [2, 3]])) == pytest.approx((1 + 8 + 27) / 3)
    assert float(loss(y, x, sample_weight=2)) == pytest.approx(28 / 3)
    assert float(loss(y, x, sample_weight=[True, False])) == pytest.approx(1 / 3)


def test_a_missing_label_may_differ_in_its_last_bit():
    """Keras casts labels to float32, in which 2**24 and 2**24 + 1 are one."""
    loss = mlk.MaskedMeanSquaredError(missing=2**24 + 1)
    x, y = np.zeros(2, "float32"), np.asarray([2**24, 2**24 + 1], "int32")
    assert float(loss(y, x)) == float(2**48)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_precision_is_computed_in_single(dtype):
    x = ops.cast(np.full(300, 2.0, "float32"), dtype)
    value = mlk.MaskedMeanSquaredError(missing=nan, reduction="sum")(np.ones(300), x)
    assert float(value) == 300
    assert keras.backend.standardize_dtype(value.dtype) == "float32"


# The package


def python(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


def test_without_keras_the_error_says_what_to_install():
    done = python("import sys; sys.modules['keras'] = None; import maskloss.keras")
    assert "ImportError: maskloss.keras needs Keras" in done.stderr
    assert "pip install keras" in done.stderr


def test_maskloss_alone_loads_no_keras():
    done = python("import sys, maskloss; assert not {'keras', 'maskloss.keras'} & {*sys.modules}")
    assert done.returncode == 0, done.stderr


def test_the_page_runs():
    pages.run("docs/faces/keras.md")


def test_the_docstring_runs():
    import doctest

    found = doctest.DocTestFinder().find(mlk.MaskedLoss, globs={})
    results = [doctest.DocTestRunner().run(test) for test in found]
    assert sum(result.attempted for result in results) > 1
    assert not any(result.failed for result in results)
