"""Scores of tables, with weights, and of each sample."""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from numpy import nan
from sklearn.metrics import (
    accuracy_score,
    label_ranking_average_precision_score,
    mean_absolute_error,
    roc_auc_score,
)

import maskloss as ml

RNG = np.random.default_rng(0)
LABELS = np.where(RNG.uniform(size=(40, 3)) < 0.4, nan, RNG.integers(0, 2, (40, 3)))
SCORES = RNG.uniform(size=LABELS.shape)
KNOWN = ~np.isnan(LABELS)
NAMES = ["red", "green", "blue"]
WEIGHT = RNG.uniform(0.5, 2, 40)
ALONE = [roc_auc_score(LABELS[k, c], SCORES[k, c]) for c, k in enumerate(KNOWN.T)]
FRAMES = [
    pd.DataFrame(LABELS, columns=NAMES),
    pd.DataFrame(LABELS, columns=NAMES).astype("Int64"),
    pl.DataFrame(LABELS, schema=NAMES, nan_to_null=True),
    pa.table({name: pa.array(column) for name, column in zip(NAMES, LABELS.T, strict=True)}),
]


@pytest.mark.parametrize("table", FRAMES, ids=["pandas", "nullable", "polars", "arrow"])
def test_the_empty_cells_of_a_table_are_missing(table):
    got = ml.masked_score(roc_auc_score, table, SCORES, average=None)
    np.testing.assert_array_equal(got, ALONE)
    make = pa.table if isinstance(table, pa.Table) else type(table)
    predictions = make(dict(zip(NAMES, SCORES.T, strict=True)))
    got = ml.masked_score(roc_auc_score, table, predictions, average=None)
    np.testing.assert_array_equal(got, ALONE)
    one = ml.masked_score(roc_auc_score, table["red"], predictions["red"])
    assert one == ALONE[0]


def test_missing_and_mask_count_beside_the_empty_cells():
    table = pd.DataFrame(LABELS, columns=NAMES).fillna({"red": -1})
    got = ml.masked_score(roc_auc_score, table, SCORES, missing=-1, average=None)
    np.testing.assert_array_equal(got, ALONE)
    rows = (np.arange(40) % 2 == 0)[:, None]
    known = KNOWN & rows
    got = ml.masked_score(roc_auc_score, table, SCORES, missing=-1, mask=rows, average=None)
    want = [roc_auc_score(LABELS[k, c], SCORES[k, c]) for c, k in enumerate(known.T)]
    np.testing.assert_array_equal(got, want)


def test_the_columns_of_a_table_name_the_classes():
    table = pd.DataFrame(LABELS, columns=NAMES)
    table["green"] = table["green"].where(table["green"] != 1)
    with pytest.warns(UserWarning, match="for class 'green'"):
        ml.masked_score(roc_auc_score, table, SCORES)


def test_the_columns_of_labels_and_predictions_are_compared():
    table = pd.DataFrame(SCORES, columns=NAMES[::-1])
    with pytest.raises(ValueError, match=r"`predictions` must have.*'red', 'green', 'blue'.*got"):
        ml.masked_score(roc_auc_score, FRAMES[0], table)


@pytest.mark.parametrize("dtype", [pl.Int128, pl.Decimal(10, 2), pl.String])
def test_a_column_without_numbers_is_named_with_its_table(dtype):
    labels = pl.DataFrame({"toxic": [1, 0, None]})
    others = labels.with_columns(pl.col("toxic").fill_null(1).cast(dtype))
    with pytest.raises(TypeError, match=r"'toxic' of `predictions` .*got dtype .*cast them"):
        ml.masked_score(np.dot, labels, others)
    weight = others["toxic"]
    with pytest.raises(TypeError, match=r"'toxic' of `sample_weight` .*got dtype .*cast them"):
        ml.masked_score(np.dot, labels, labels.fill_null(1), sample_weight=weight)
    with pytest.raises(TypeError, match=r"'toxic' of `labels` .*got dtype .*cast them"):
        ml.masked_score(np.dot, others, labels)


def test_a_prediction_that_a_table_lacks_is_refused_where_it_is_needed():
    predictions = pd.DataFrame(np.where(KNOWN, SCORES, nan), columns=NAMES)
    got = ml.masked_score(roc_auc_score, FRAMES[0], predictions, average=None)
    np.testing.assert_array_equal(got, ALONE)
    with pytest.raises(ValueError, match="`predictions` for class 'red' hold NaN"):
        ml.masked_score(roc_auc_score, FRAMES[0], predictions * nan)


@pytest.mark.parametrize(
    "kind", [np.asarray, pd.Series, pl.Series], ids=["numpy", "pandas", "polars"]
)
def test_a_weight_per_sample_reaches_the_metric(kind):
    got = ml.masked_score(
        roc_auc_score, LABELS, SCORES, missing=nan, sample_weight=kind(WEIGHT), average=None
    )
    want = [
        roc_auc_score(LABELS[k, c], SCORES[k, c], sample_weight=WEIGHT[k])
        for c, k in enumerate(KNOWN.T)
    ]
    np.testing.assert_array_equal(got, want)


def test_a_weight_per_label_reaches_the_metric():
    weight = np.where(KNOWN, RNG.uniform(0.5, 2, LABELS.shape), nan)
    got = ml.masked_score(
        mean_absolute_error, LABELS, SCORES, missing=nan, sample_weight=weight, average="micro"
    )
    want = np.average(abs(LABELS - SCORES)[KNOWN], weights=weight[KNOWN])
    assert got == pytest.approx(want)


@pytest.mark.filterwarnings("ignore:the metric is not defined")
def test_the_mean_over_samples():
    def precision(labels, scores):
        return label_ranking_average_precision_score(labels[None], scores[None])

    known = KNOWN.any(axis=1)
    rows = zip(LABELS, SCORES, KNOWN, strict=True)
    each = np.asarray([precision(y[k], x[k]) if k.any() else nan for y, x, k in rows])
    got = ml.masked_score(precision, LABELS, SCORES, missing=nan, average="samples")
    assert got == pytest.approx(each[known].mean())
    got = ml.masked_score(
        precision, LABELS, SCORES, missing=nan, average="samples", sample_weight=WEIGHT
    )
    assert got == pytest.approx(np.average(each[known], weights=WEIGHT[known]))
    weight = RNG.uniform(0.5, 2, LABELS.shape)
    got = ml.masked_score(
        accuracy_score,
        LABELS,
        (SCORES > 0.5).astype("float64"),
        missing=nan,
        average="samples",
        sample_weight=weight,
    )
    right = (SCORES > 0.5) == LABELS
    want = [np.average(right[k, m], weights=weight[k, m]) for k, m in enumerate(KNOWN) if m.any()]
    assert got == pytest.approx(np.mean(want))


def test_a_sample_without_a_label_is_named():
    labels = np.where(np.arange(40)[:, None] == 7, nan, np.nan_to_num(LABELS))
    with pytest.warns(UserWarning, match=r"for sample 7 \(no label is observed\)"):
        ml.masked_score(mean_absolute_error, labels, SCORES, missing=nan, average="samples")


@pytest.mark.parametrize(
    ("labels", "options", "says"),
    [
        (LABELS, {"sample_weight": np.ones(3)}, r"per sample, of shape \(40,\).*got \(3,\)"),
        (LABELS, {"sample_weight": -WEIGHT}, "`sample_weight` for class '?0'? must be 0 or more"),
        (LABELS, {"sample_weight": pl.Series([None, *WEIGHT[1:]])}, "`sample_weight`.* no NaN"),
        (LABELS[:, 0], {"average": "samples"}, "needs several labels of each sample"),
        (LABELS, {"average": "samples", "names": "ab"}, "one name for each of 3 classes"),
    ],
)
def test_mistakes(labels, options, says):
    scores = SCORES[:, 0] if labels.ndim == 1 else SCORES
    with pytest.raises(ValueError, match=says):
        ml.masked_score(mean_absolute_error, labels, scores, missing=nan, **options)


def test_rows_in_another_order_are_refused():
    labels = pd.DataFrame({"a": [0.0, 1.0, nan], "b": [1.0, 0.0, 1.0]}, index=[7, 3, 5])
    scores = pd.DataFrame({"a": [0.1, 0.9, 0.5], "b": [0.8, 0.3, 0.7]}, index=labels.index)
    want = ml.masked_score(roc_auc_score, labels, scores)
    for other in (scores.iloc[::-1], scores["a"].sort_index()):
        with pytest.raises(ValueError, match=r"`predictions`.*predictions\.loc\[labels\.index\]"):
            ml.masked_score(roc_auc_score, labels, other)
    weight = pd.Series([1.0, 2.0, 3.0], index=[3, 5, 7])
    with pytest.raises(ValueError, match="`sample_weight`"):
        ml.masked_score(roc_auc_score, labels, scores, sample_weight=weight)
    doubled = labels.set_axis([7, 7, 3])
    with pytest.raises(ValueError, match="another order"):
        ml.masked_score(roc_auc_score, doubled, scores.set_axis([3, 7, 7]))
    # Of rows with other names, the place counts.
    assert ml.masked_score(roc_auc_score, labels, scores.reset_index(drop=True)) == want
    assert ml.masked_score(roc_auc_score, labels, scores.to_numpy()) == want
