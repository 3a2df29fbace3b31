"""``maskloss demo``: the comparison on handwritten digits with most labels hidden."""

import argparse

import numpy as np
from sklearn.datasets import load_digits

from ._present import present
from ._table import Table

__all__ = ["run"]

SEED = 0
HIDDEN = 0.8
FOLDS = 5


def run(options: argparse.Namespace) -> int:
    """Hide labels of the digits, compare the treatments, and show the result."""
    present(_digits(), options, folds=FOLDS)
    return 0


def _digits() -> Table:
    digits = load_digits()
    target = (digits.target[:, None] == np.arange(10)).astype(np.float64)
    hidden = np.random.default_rng(SEED).random(target.shape) < HIDDEN
    note = (
        f"The digits are all labelled; a seeded draw hides {hidden.mean():.0%} of the labels, from "
        "the fits and from the scores."
    )
    return Table(
        name="handwritten digits",
        labels=tuple(f"digit {digit}" for digit in range(10)),
        targets=np.where(hidden, np.nan, target),
        binary=np.ones(10, dtype=np.bool_),
        feature_names=tuple(digits.feature_names),
        numeric=digits.data,
        groups=np.arange(len(target)),
        notes=(note,),
    )
