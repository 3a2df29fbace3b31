"""Shared by the examples: tables with missing labels, ways to train on them, and their scores."""

from typing import NamedTuple

import numpy as np
from sklearn.datasets import load_diabetes, load_digits
from sklearn.metrics import r2_score, roc_auc_score
from sklearn.model_selection import train_test_split

import maskloss as ml

SEEDS = range(5)


class Table(NamedTuple):
    """Features and labels to train on, and features and labels to score with.

    Labels are answers, 1 or 0, with -1 for a missing answer, or numbers, with NaN for a missing
    number.
    """

    features: np.ndarray
    labels: np.ndarray
    test_features: np.ndarray
    test_labels: np.ndarray


def digits(seed=0):
    """Return ten questions per image, "is it a 0?" to "is it a 9?", with most answers missing.

    One image in twenty has all ten answers; the other images have two each.
    """
    features, digit = load_digits(return_X_y=True)
    x, x_test, d, d_test = train_test_split(
        (features / 16).astype("float32"), digit, test_size=0.5, random_state=seed, stratify=digit
    )
    rng = np.random.default_rng(seed)
    order = np.argsort(rng.uniform(size=(len(x), 10)), axis=1)
    is_known = (order < 2) | (rng.uniform(size=(len(x), 1)) < 0.05)
    labels = np.where(is_known, np.eye(10, dtype=int)[d], -1)
    return Table(x, labels, x_test, np.eye(10, dtype=int)[d_test])


def patients(seed=0):
    """Return three numbers per diabetes patient: two blood values, and the disease progression.

    Each number is known for three patients in ten; for one more patient in twenty, all three are.
    The numbers are standardised, so that 0 is the mean.
    """
    features, progression = load_diabetes(return_X_y=True)
    numbers = np.column_stack([features[:, 7:9], progression])
    columns = np.column_stack([np.delete(features, [7, 8], axis=1), numbers]).astype("float32")
    columns = (columns - columns.mean(axis=0)) / columns.std(axis=0)
    train, test = train_test_split(columns, test_size=0.5, random_state=seed)
    rng = np.random.default_rng(seed)
    is_known = rng.uniform(size=(len(train), 3)) < 0.3
    is_known |= rng.uniform(size=(len(train), 1)) < 0.05
    labels = np.where(is_known, train[:, -3:], np.float32(np.nan))
    return Table(train[:, :-3], labels, test[:, :-3], test[:, -3:])


def compare(draw, fit):
    """Train three ways with `fit` on the table of each seed, and `report` the scores.

    `draw(seed)` returns a `Table`; `fit(features, labels)` a function from features to predictions.
    The same `fit` serves all ways, since filled labels and complete rows have no missing labels.
    """
    tables = [draw(seed) for seed in SEEDS]
    is_numeric = tables[0].labels.dtype.kind == "f"
    metric, missing = (r2_score, np.nan) if is_numeric else (roc_auc_score, -1)
    runs = []
    for x, labels, test_x, test_labels in tables:
        is_known = ~np.isnan(labels) if is_numeric else labels >= 0
        is_complete = is_known.all(axis=1)
        ways = {
            "masked": (x, labels),
            f"missing as {'mean' if is_numeric else 'negative'}": (
                x,
                np.where(is_known, labels, 0),
            ),
            "incomplete rows dropped": (x[is_complete], labels[is_complete]),
        }
        runs.append(
            {
                name: ml.masked_score(metric, test_labels, fit(*given)(test_x), missing=missing)
                for name, given in ways.items()
            }
        )
    report(runs, metric.__name__)


def report(runs, metric, sign=1, beside=()):
    """Show the scores, and fail unless masking is better than each other way, but those `beside`.

    It must lead in the mean over seeds by more than two standard errors. `sign` is -1 where a low
    score is good.
    """
    show(runs, metric, sign)
    behind = []
    for name in [name for name in runs[0] if name not in {"masked", *beside}]:
        leads = _leads(runs, name, sign)
        if not leads.mean() > 2 * _error(leads):
            behind.append(name)
    if behind:
        msg = f"masking does not lead {' and '.join(behind)} by two standard errors"
        raise SystemExit(msg)


def show(runs, metric, sign=1):
    """Print the mean score of each way over seeds, and the lead of masking with its error.

    `runs` has the scores of each seed by the names of the ways.
    """
    print(f"{metric}: mean and spread of {len(runs)} seeds; lead of masking and its standard error")
    for name in runs[0]:
        scores = np.asarray([run[name] for run in runs])
        line = f"  {name:26} {scores.mean():7.3f} ± {scores.std(ddof=1):.3f}"
        if name != "masked":
            leads = _leads(runs, name, sign)
            line += f"   {leads.mean():+.3f} ± {_error(leads):.3f}"
        print(line)


def _leads(runs, name, sign):
    return sign * np.asarray([run["masked"] - run[name] for run in runs])


def _error(leads):
    return leads.std(ddof=1) / np.sqrt(len(leads))
