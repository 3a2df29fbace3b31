"""Rows of yes-or-no labels of ordered classes and of durations, against plain loops."""

import numpy as np
import pytest

import maskloss as ml
from helpers.frameworks import FRAMEWORKS, asnumpy
from helpers.problems import native

CLASSES, EDGES = 4, [2.0, 3.0, 7.0]
Y = np.asarray([[0, 1, 3], [2, -1, 0]])
TIMES = np.asarray([[1.0, 2.0, 2.5], [3.0, np.nan, 9.0]])
SEEN = np.asarray([[1, 1, 0], [0, -5, 1]])


def ordinal(y, *, conditional):
    """Return 1, 0 or None for each threshold: the extended labels of both papers."""
    thresholds = range(CLASSES - 1)
    return [None if y < 0 or (conditional and y < j) else int(y > j) for j in thresholds]


def hazard(time, seen):
    """Return 1, 0 or None for each interval: went through, ended there, or not known."""
    row, start = [], -np.inf
    for end in EDGES:
        ends_here = bool(seen) and start < time <= end
        went_through = time > end or (not seen and time == end)
        row.append(1 if ends_here else 0 if went_through else None)
        start = end
    return row


def laid_out(labels, mask):
    labels, mask = asnumpy(labels), asnumpy(mask)
    assert labels.dtype == mask.dtype == bool
    assert not (labels & ~mask).any()
    return np.where(mask, labels.astype(int), -1).tolist()


def as_numbers(rows):
    return [[[-1 if v is None else v for v in row] for row in part] for part in rows]


@pytest.mark.parametrize("conditional", [False, True])
@pytest.mark.parametrize("marked_by", ["missing", "mask"])
def test_ordered_classes(backend, conditional, marked_by):
    keywords = (
        {"missing": -1} if marked_by == "missing" else {"mask": native(backend, Y >= 0, bool)}
    )
    y = native(backend, Y, "int32")
    got = laid_out(*ml.ordinal_labels(y, CLASSES, conditional=conditional, **keywords))
    assert got == as_numbers([[ordinal(y, conditional=conditional) for y in row] for row in Y])


@pytest.mark.parametrize("dtype", ["bool", "int32", "float32"])
@pytest.mark.parametrize("marked_by", ["missing", "mask"])
def test_durations(backend, dtype, marked_by):
    known = ~np.isnan(TIMES)
    keywords = (
        {"missing": np.nan} if marked_by == "missing" else {"mask": native(backend, known, bool)}
    )
    seen = native(backend, np.where(known, SEEN, 0) if dtype == "bool" else SEEN, dtype)
    edges = EDGES if marked_by == "mask" else native(backend, EDGES)
    got = laid_out(*ml.hazard_labels(native(backend, TIMES), seen, edges, **keywords))
    want = [
        [hazard(*pair) for pair in zip(*rows, strict=True)]
        for rows in zip(TIMES, SEEN, strict=True)
    ]
    assert got == as_numbers(want)


def test_the_loss_is_that_of_the_papers(backend):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(6, CLASSES - 1)), np.asarray([0, 3, 1, -1, 2, 2])

    def loss(x, target):
        return np.log1p(np.exp(-x if target else x))

    for conditional, divisor in ((False, 5), (True, None)):
        labels, mask = ml.ordinal_labels(
            native(backend, y, "int32"), CLASSES, conditional=conditional, missing=-1
        )
        got = ml.binary_cross_entropy_with_logits(
            native(backend, x), labels, mask=mask, divisor=divisor
        )
        rows = [
            zip(a, ordinal(b, conditional=conditional), strict=True)
            for a, b in zip(x, y, strict=True)
        ]
        terms = [loss(*pair) for row in rows for pair in row if pair[1] is not None]
        np.testing.assert_allclose(asnumpy(got), sum(terms) / (divisor or len(terms)), rtol=1e-5)


def test_hazards_give_the_likelihood_of_durations(backend):
    """Of an event in an interval, and of a duration that is censored at an edge."""
    x = np.random.default_rng(1).normal(size=(2, 3))
    h = 1 / (1 + np.exp(-x))
    want = -np.log((1 - h[0, 0]) * (1 - h[0, 1]) * h[0, 2]) - np.log((1 - h[1, 0]) * (1 - h[1, 1]))
    labels, mask = ml.hazard_labels(
        native(backend, [4.0, 3.0]), native(backend, [True, False], "bool"), EDGES
    )
    got = ml.binary_cross_entropy_with_logits(
        native(backend, x), labels, mask=mask, reduction="sum"
    )
    np.testing.assert_allclose(asnumpy(got), want, rtol=1e-5)


@pytest.mark.needs("jit")
def test_jit(backend):
    """Shapes are static, and no value is read."""
    jit = FRAMEWORKS[backend.name].jit
    y, times = native(backend, Y, "int32"), native(backend, TIMES)
    seen = native(backend, SEEN == 1, "bool")
    got = jit(lambda y: ml.ordinal_labels(y, CLASSES, conditional=True, missing=-1))(y)
    assert laid_out(*got) == laid_out(*ml.ordinal_labels(y, CLASSES, conditional=True, missing=-1))
    got = jit(lambda *arrays: ml.hazard_labels(*arrays, EDGES, missing=np.nan))(times, seen)
    assert laid_out(*got) == laid_out(*ml.hazard_labels(times, seen, EDGES, missing=np.nan))


@pytest.mark.needs("numpy")
def test_the_mask_of_a_masked_array_counts():
    got = ml.ordinal_labels(np.ma.masked_equal(Y, -1), CLASSES)
    assert laid_out(*got) == laid_out(*ml.ordinal_labels(Y, CLASSES, missing=-1))


T = np.asarray([1.0, 2.0])
MISTAKES = {
    "a class out of range": (
        lambda: ml.ordinal_labels(np.asarray([0, 4]), 4),
        ValueError,
        r"`labels` must be class indices in \[0, 3\], got 4; classes count from 0",
    ),
    "one class": (
        lambda: ml.ordinal_labels(np.asarray([0]), 1),
        ValueError,
        "`classes` must be 2 or more, got 1",
    ),
    "classes that are no integers": (
        lambda: ml.ordinal_labels(np.asarray([0.5]), 3),
        TypeError,
        "`labels`.*integer",
    ),
    "edges that do not increase": (
        lambda: ml.hazard_labels(T, T > 1, [1.0, 1.0]),
        ValueError,
        "`edges` must be increasing numbers, got 1; sort them",
    ),
    "edges in two dimensions": (
        lambda: ml.hazard_labels(T, T > 1, np.ones((1, 2))),
        ValueError,
        r"`edges` must have shape \(J,\), one end for each interval, got \(1, 2\)",
    ),
    "events of another shape": (
        lambda: ml.hazard_labels(T, np.asarray([True]), [1.0]),
        ValueError,
        r"`events` must have the shape of `durations`, \(2,\), got \(1,\)",
    ),
    "events that are counts": (
        lambda: ml.hazard_labels(T, np.asarray([0, 2]), [1.0]),
        ValueError,
        "`events` must be bool or numbers 0 and 1, True where the event was seen, got 2",
    ),
    "a duration that is not known": (
        lambda: ml.hazard_labels(np.asarray([1.0, np.nan]), T > 1, [1.0]),
        ValueError,
        r'`durations` must be numbers where observed, got NaN; .* pass missing=float\("nan"\)',
    ),
}


@pytest.mark.needs("numpy")
@pytest.mark.parametrize(("call", "error", "says"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_named(call, error, says):
    with pytest.raises(error, match=says):
        call()
