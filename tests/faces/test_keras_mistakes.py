"""What a loss for Keras refuses, and what it says then."""

import numpy as np
import pytest
from numpy import nan

import maskloss.keras as mlk
from helpers.keras_face import QUIET, table

pytestmark = QUIET


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: mlk.MaskedHuber(delt=1), ["MaskedHuber()", "'delt'", "use `delta`"]),
        (lambda: mlk.MaskedHuber(ignore_class=1), ["'ignore_class'", "use `missing`"]),
        (lambda: mlk.MaskedHuber(mask=[True]), ["'mask'", "belongs to each call", "missing"]),
        (lambda: mlk.MaskedHuber(weight=2.0), ["'weight'", "sample_weight"]),
        (lambda: mlk.SoftmaxRankingLoss(groups=[0, 1]), ["'groups'", "list_axis"]),
        (mlk.NNPULoss, ["NNPULoss()", "'prior'"]),
        (lambda: mlk.MaskedBinaryCrossentropy(label_smoothing=0.1), ["from_logits=True"]),
        (lambda: mlk.MaskedCategoricalCrossentropy(z_loss=0.1), ["from_logits=True"]),
        (lambda: mlk.MaskedHuber(reduction="sums"), ["reduction", "'sum_over_batch_size'"]),
        (lambda: mlk.MaskedHuber(reduction="avg"), ["reduction", "'mean'", "None", "'avg'"]),
        (lambda: mlk.MaskedHuber(empty="zero"), ["empty", "zero"]),
        (lambda: mlk.MaskedHuber(reduction=None, axis=0), ["axis", "leave"]),
        (mlk.MaskedLoss, ["MaskedLoss", "MaskedMeanSquaredError"]),
    ],
)
def test_what_a_loss_cannot_be_made_with_is_named(make, says):
    with pytest.raises((TypeError, ValueError)) as caught:
        make()
    for words in says:
        assert words in str(caught.value)


ONES = np.ones((3, 3), "float32")


@pytest.mark.parametrize(
    ("loss", "arguments", "says"),
    [
        (mlk.MaskedMeanSquaredError(), (np.ones(3), ONES), ["target", "(3, 3)", "(3,)"]),
        (mlk.MaskedMeanSquaredError(), (np.ones((3, 1)), ONES), ["target", "(3, 3)", "(3, 1)"]),
        (mlk.MaskedMeanSquaredError(), (ONES, ONES, np.ones(2)), ["weight", "(3, 3)"]),
        (
            mlk.MaskedMeanSquaredError(),
            (ONES, np.ones((3, 3), int)),
            ["floating", "`target` are the predictions, swap the two"],
        ),
        (
            mlk.MaskedBinaryCrossentropy(from_logits=True),
            (1.3 * ONES, ONES),
            ["labels", "1.3", "swap `logits` and `labels`"],
        ),
        (
            mlk.MaskedMeanSquaredError(),
            (np.ma.masked_less(ONES, 2), ONES),
            ["y_true", "numpy.ma", "missing=nan"],
        ),
        (
            mlk.MaskedSparseCategoricalCrossentropy(),
            (np.asarray([0.0, nan, 1.0]), ONES),
            ["labels", "integers", "missing=-1"],
        ),
        (
            mlk.MaskedSparseCategoricalCrossentropy(missing=nan),
            (np.asarray([0, -1, 1]), ONES),
            ["missing", "int", "the number that marks missing labels"],
        ),
        (
            mlk.MaskedSparseCategoricalCrossentropy(),
            (np.asarray([0, 1, 1]), 2 * ONES),
            ["probabilities", "[0, 1]", "from_logits=True"],
        ),
    ],
)
def test_what_a_loss_cannot_take_is_named(loss, arguments, says):
    with pytest.raises((TypeError, ValueError)) as caught:
        loss(*arguments)
    for words in says:
        assert words in str(caught.value)
    assert "`mask`" not in str(caught.value)  # which no loss for Keras takes


def test_labels_that_only_broadcast_are_refused_in_fit():
    model = table(ONES, mlk.MaskedMeanSquaredError())
    with pytest.raises(ValueError, match="target"):
        model.fit(np.arange(3), np.ones(3), verbose=0)


def test_a_loss_of_ones_own_on_top():
    class Halved(mlk.MaskedMeanSquaredError):
        def __call__(self, *args, **keywords):
            return super().__call__(*args, **keywords) / 2

    assert float(Halved(missing=nan)(np.asarray([nan, 3.0]), np.ones(2, "float32"))) == 2.0
