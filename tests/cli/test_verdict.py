"""The verdict on made-up scores: what wins, loses, or is not resolved by the folds."""

import types

import numpy as np
import pytest
from scipy.stats import ttest_1samp

from maskloss._cli._comparison import KindScores
from maskloss._cli._digits import significant
from maskloss._cli._effects import effects, standard_error
from maskloss._cli._panels import panels
from maskloss._cli._scores import metrics
from maskloss._cli._verdict import verdict

CLEAR = (0.02, 0.03, 0.04, 0.03, 0.03)
UNCLEAR = (0.02, -0.03, 0.04, -0.01, 0.03)


def kind(gains, *, key="roc_auc", binary=True):
    """Scores where one metric of masked exceeds the others' by gains of shape (folds, labels)."""
    gains = np.asarray(gains, dtype=float)
    gains = gains[:, None] if gains.ndim == 1 else gains
    folds, labels = gains.shape
    keys = [metric.key for metric in metrics(binary=binary)]
    scores = np.full((folds, 3, len(keys), labels), 0.5)
    scores[:, 0, keys.index(key)] += gains
    return KindScores(
        binary=binary,
        labels=tuple(f"y{label}" for label in range(labels)),
        observed=np.full(labels, 0.25),
        known=np.full(labels, 0.5),
        scores=scores,
        scorable=np.ones((folds, labels), dtype=bool),
    )


def effect(gains, rival="filled", **options):
    key = options.get("key", "roc_auc")
    found = effects(kind(gains, **options))
    (wanted,) = (one for one in found if (one.metric.key, one.rival) == (key, rival))
    return wanted


def lines(*kinds):
    table = types.SimpleNamespace(known=np.zeros((1, 1), dtype=bool))
    return verdict(types.SimpleNamespace(table=table, kinds=kinds))


@pytest.mark.parametrize(
    ("key", "binary", "up", "down"),
    [
        ("roc_auc", True, "masking wins", "masking loses"),
        ("log_loss", True, "masking loses", "masking wins"),
        ("r2", False, "masking wins", "masking loses"),
    ],
)
def test_masking_wins_or_loses_where_the_interval_excludes_zero(key, binary, up, down):
    assert effect(CLEAR, key=key, binary=binary).outcome == up
    assert effect(np.negative(CLEAR), key=key, binary=binary).outcome == down
    assert effect(UNCLEAR, key=key, binary=binary).outcome == "not resolved"


@pytest.mark.parametrize("gains", [CLEAR, UNCLEAR, CLEAR[:2]])
def test_the_interval_is_that_of_the_t_test(gains):
    expected = ttest_1samp(gains, 0.0).confidence_interval(0.95)
    assert effect(gains).interval == pytest.approx(tuple(expected))
    assert effect(gains).mean == pytest.approx(np.mean(gains))


def test_two_standard_errors_of_three_folds_resolve_nothing():
    gains = np.array([0.01, 0.02, 0.04])
    assert gains.mean() > 2 * gains.std(ddof=1) / np.sqrt(3)
    assert effect(gains).outcome == "not resolved"


def test_one_fold_has_no_interval_and_resolves_nothing():
    one = effect([0.3])
    assert (one.interval, one.outcome) == (None, "not resolved")
    assert "+0.300 [no interval]: not resolved by 1 fold." in lines(kind([0.3]))[1]


def test_folds_and_labels_without_a_score_are_left_out():
    gains = np.array([CLEAR, CLEAR, UNCLEAR]).T
    gains[0] = np.nan
    gains[1:, 2] = np.nan
    found = effect(gains)
    assert found.number_of_folds == 4
    assert found.interval == pytest.approx(effect(CLEAR[1:]).interval)
    assert (found.better, found.worse) == (2, 0)


def test_a_metric_without_any_pair_has_no_effect():
    assert not [e for e in effects(kind([np.nan] * 5)) if e.metric.key == "roc_auc"]
    nothing = kind(CLEAR)
    nothing.scores[:] = np.nan
    assert lines(nothing)[0].startswith("Nothing to compare")


def test_equal_scores_are_no_difference():
    assert effect([0.0] * 5).outcome == "no difference"
    assert "0 [0 to 0]: no difference." in lines(kind([0.0] * 5))[1]


def test_scores_that_differ_by_rounding_are_no_difference():
    assert effect([1e-16, -1e-16, 0, 1e-16, 1e-16]).outcome == "no difference"


def test_a_line_counts_the_labels_that_lose():
    gains = np.array([CLEAR, CLEAR, np.multiply(CLEAR, -0.1)]).T
    head, first, *_, rule = lines(kind(gains))
    assert head.startswith("Masked minus the other treatment")
    assert first.startswith("Ranking (ROC-AUC, higher is better) against missing as negative: +0.0")
    assert first.endswith("masking wins; labels better: 2, worse: 1.")
    assert rule.startswith("Rule: masking wins or loses where the 95% interval")


def test_lines_name_every_question_and_rival():
    _, *found, _ = lines(kind(UNCLEAR), kind(CLEAR, key="r2", binary=False))
    starts = [line.partition(": ")[0] for line in found]
    assert starts == [
        f"{question} is better) against {rival}"
        for question, rivals in {
            "Ranking (ROC-AUC, higher": ("missing as negative", "rows dropped"),
            "Calibration (log-loss, lower": ("missing as negative", "rows dropped"),
            "Error (R2, higher": ("missing as mean", "rows dropped"),
        }.items()
        for rival in rivals
    ]
    assert "not resolved by 5 folds" in found[0]


def test_bars_are_standard_errors_over_the_folds():
    gains = np.array([CLEAR, UNCLEAR]).T
    roc, _, rate = panels(kind(gains))
    expected = [np.std(values, ddof=1) / np.sqrt(5) for values in (*gains.T, gains.mean(axis=1))]
    np.testing.assert_allclose(roc.errors[0], expected)
    np.testing.assert_allclose(rate.values, 2.0)
    assert np.isnan(standard_error(np.ones((1, 2)))).all()


def test_the_bar_of_a_ratio_is_that_of_what_it_leaves_over():
    made = kind(np.zeros((5, 1)), key="mse", binary=False)
    mse = made.scores[:, :, 1]
    mse[:, 0, 0] = [1, 2, 3, 4, 5]
    mse[:, 1] = 2 * mse[:, 0]
    *_, ratio = panels(made)
    np.testing.assert_allclose(ratio.values[:2], [[1, 1], [2, 2]])
    np.testing.assert_allclose(ratio.errors[:2], 0, atol=1e-12)
    assert (ratio.errors[2] > 0).all()


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.0021, "0.00210"),
        (0.00034, "0.000340"),
        (0.832149, "0.832"),
        (0.9998, "1.00"),
        (-12.345, "-12.3"),
        (14060.4, "14060"),
        (3.4e-7, "3.40e-07"),
        (-6.1e153, "-6.10e+153"),
        (0, "0"),
    ],
)
def test_numbers_keep_three_significant_digits(value, shown):
    assert significant(value) == shown
