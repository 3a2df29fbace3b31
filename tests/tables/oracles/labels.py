"""Weights and labels from their definitions, in plain loops over Python numbers.

Labels are a list of rows, or of class indices, with None where missing.
"""

from mpmath import mp, mpf

mp.dps = 60


def _columns(rows):
    """Return the observed labels of each class."""
    return [[mpf(y) for y in column if y is not None] for column in zip(*rows, strict=True)]


def _as_columns(labels, classes):
    """Return the observed labels of each class, of class indices as those of one-hot rows."""
    if classes is None:
        return _columns(labels)
    known = [y for y in labels if y is not None]
    return [[mpf(y == c) for y in known] for c in range(classes)]


def class_balanced(labels, *, classes=None, beta=0.9999):
    beta, weights = mpf(beta), []
    for column in _as_columns(labels, classes):
        n = sum(column)
        if n == 0:
            weights.append(None)
        elif beta == 1:
            weights.append(1 / n)
        else:
            weights.append((1 - beta) / (1 - beta**n))
    present = [w for w in weights if w is not None]
    return [mpf(1) if w is None else w / sum(present) * len(present) for w in weights]


def inverse_frequency(labels, *, classes=None):
    columns = _as_columns(labels, classes)
    present = [column for column in columns if sum(column) > 0]
    positive = sum(sum(column) for column in present)
    observed = sum(len(column) for column in present)
    return [
        positive / observed / (sum(column) / len(column)) if sum(column) > 0 else mpf(1)
        for column in columns
    ]


def balanced_pos(labels):
    weights = []
    for column in _columns(labels):
        positive, negative = sum(column), len(column) - sum(column)
        weights.append(negative / positive if positive > 0 and negative > 0 else mpf(1))
    return weights


def balanced_pos_of_one_class(labels):
    return balanced_pos([[y] for y in labels])[0]


def distribution_balanced(labels, *, counts=None, alpha=0.1, beta=10.0, mu=0.2):
    alpha, beta, mu = mpf(alpha), mpf(beta), mpf(mu)
    counts = [sum(c) for c in _columns(labels)] if counts is None else [mpf(n) for n in counts]
    least = min([n for n in counts if n > 0], default=mpf(1))
    counts = [n if n > 0 else least for n in counts]
    weights = []
    for row in labels:
        drawn = sum((y or 0) / n for y, n in zip(row, counts, strict=True))
        weights.append(
            [
                alpha + (1 if drawn == 0 else 1 / (1 + mp.exp(-beta * (1 / n / drawn - mu))))
                for n in counts
            ]
        )
    return weights


def partial_label(labels, *, alpha=-4.45, beta=5.45, gamma=1.0):
    weights = []
    for row in labels:
        share = mpf(sum(y is not None for y in row)) / len(row)
        weight = mpf(alpha) * share ** mpf(gamma) + mpf(beta) if share else mpf(1)
        weights.append([weight])
    return weights


def sampled(positives, negatives, items):
    """Return labels and mask of rows of item indices, -1 for none."""
    labels = [[c in row for c in range(items)] for row in positives]
    mask = [
        [c in row or c in drawn for c in range(items)]
        for row, drawn in zip(positives, negatives, strict=True)
    ]
    return labels, mask
