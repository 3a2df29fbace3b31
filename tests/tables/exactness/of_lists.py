"""Rows of losses of rankings, and the sizes of their terms."""

import numpy as np

import maskloss as ml
from helpers.case import Case
from tables.exactness.of_classes import Softmax, near_the_margin, total
from tables.exactness.points import orders, others, sigmoid, soft_rows
from tables.exactness.row import Row
from tables.oracles import ranking


def _listwise_terms(*, normalize):
    def terms(x, y):
        share = y / total(y) if normalize else y
        s = Softmax(x)
        return 0.0, np.maximum(others(share) * s.p, share * s.q), 0.0

    return terms


def _logistic_terms(*, normalize):
    """Return the sizes of the pulls up and down on each item."""

    def terms(x, y):
        is_pair = y[:, :, None] > y[:, None]
        pull = np.where(is_pair, sigmoid(x[:, None] - x[:, :, None]), 0.0)
        divisor = np.maximum(is_pair.sum((-1, -2)), 1)[:, None] if normalize else 1
        return 0.0, np.maximum(pull.sum(-1), pull.sum(-2)) / divisor, 0.0

    return terms


def _near(margin):
    def points(info):
        x, y = near_the_margin(margin)(info)
        return x, np.eye(3, dtype=int)[y]

    return points


def _lists(loss, oracle, points, terms=None, name="", **options):
    case = Case(loss.__name__, loss, None, oracle, options, class_axis=-1, coupled=True)
    return Row(case, points, terms=terms, name=name)


OF_LISTS = [
    *(
        _lists(
            ml.softmax_ranking_loss,
            ranking.softmax,
            soft_rows(*labels),
            _listwise_terms(normalize=normalize),
            f"labels={labels}",
            normalize=normalize,
        )
        for labels in [(0.0, 1.0, 2.0), (1e-8, 1.0, 1e-30, 1e4)]
        for normalize in (False, True)
    ),
    *(
        _lists(
            ml.pairwise_logistic_loss,
            ranking.pairwise,
            orders,
            _logistic_terms(normalize=normalize),
            normalize=normalize,
        )
        for normalize in (False, True)
    ),
    *(
        _lists(ml.pairwise_hinge_loss, ranking.hinge, _near(margin), margin=margin)
        for margin in (0.0, 1e-3, 0.3, 1.0, 1e5)
    ),
]
