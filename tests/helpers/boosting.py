"""Numbers with gaps for boosted trees, and how to train on them."""

from pathlib import Path

import numpy as np
import xgboost

import maskloss as ml
from maskloss._public import records
from maskloss.boosting import (
    CatBoostMultiObjective,
    CatBoostObjective,
    LightGBMObjective,
    XGBoostObjective,
    mark_missing,
)
from maskloss.boosting._trainable import layout_of

ROOT = Path(__file__).parents[2]


BCE = ml.binary_cross_entropy_with_logits


# What some losses need besides predictions and labels.
REQUIRED = {
    ml.gaussian_crps_loss: {"var": 0.5},
    ml.gaussian_nll_loss: {"var": 0.5},
    ml.large_loss: {"fraction": 0.1},
    ml.multilabel_margin_loss: {"multi_hot": True},  # classes as labels have to be integers
}


# Losses of probabilities, of whole batches, and of labels and arrays that boosting cannot give.
REFUSED = [
    ml.binary_cross_entropy,
    ml.clipped_policy_loss,
    ml.cox_loss,
    ml.dice_loss,
    ml.ensemble_crps_loss,
    ml.expected_positive_loss,
    ml.forward_corrected_cross_entropy,
    ml.jaccard_loss,
    ml.kl_div,
    ml.kl_penalty,
    ml.kto_loss,
    ml.masked_mean,
    ml.nll_loss,
    ml.nnpu_loss,
    ml.orpo_loss,
    ml.preference_loss,
    ml.propensity_scored_loss,
    ml.role_loss,
    ml.tversky_loss,
    ml.two_way_loss,
]
_LAYOUTS = {
    record.function: layout_of(record.function, REQUIRED.get(record.function, {}), in_parts=False)
    for record in records()
    if record.inputs is not None and record.function not in REFUSED
}
ELEMENTWISE = [loss for loss, layout in _LAYOUTS.items() if not layout.row_axes]
ROWWISE = [loss for loss, layout in _LAYOUTS.items() if layout.row_axes]


OBJECTIVES = [XGBoostObjective, LightGBMObjective, CatBoostObjective, CatBoostMultiObjective]


# Few values per feature, each on either side of every gap, so that bins do not depend on the rows.
RNG = np.random.default_rng(0)


X = RNG.integers(0, 8, (600, 4)).astype("float64")


NUMBERS = np.stack([X[:, 0] - X[:, 1], X[:, 2] + X[:, 0] * X[:, 3] / 4], axis=1)


NUMBERS += 0.3 * RNG.normal(size=NUMBERS.shape)


MEDIANS = np.median(NUMBERS, axis=0)


ANSWERS = (NUMBERS > MEDIANS).astype("float64")


CLASSES = np.digitize(NUMBERS[:, 0], [-2, 2])


WEIGHTS = RNG.uniform(0.5, 2, len(X))


KNOWN = np.stack([np.arange(600) % 2 == 0, np.arange(600) % 2 == 1], axis=1)


TREES = {"max_depth": 3, "learning_rate": 0.3, "min_child_weight": 5, "lambda": 2, "nthread": 1}


LEAVES = {"num_leaves": 8, "min_data_in_leaf": 1, "min_sum_hessian_in_leaf": 5, "verbose": -1}


LEAVES |= {"num_threads": 1, "min_data_in_bin": 1, "boost_from_average": False, "lambda_l2": 2}


DEPTH = {"depth": 3, "iterations": 20, "learning_rate": 0.5, "verbose": 0, "thread_count": 1}


DEPTH |= {"allow_writing_files": False, "random_seed": 0}


def gaps(labels):
    return mark_missing(labels, mask=KNOWN if labels.ndim == 2 else KNOWN[:, 0])


def gaps_of_one(labels):
    return mark_missing(labels[:, 0], mask=KNOWN[:, 0])


def labels_for(loss, shape):
    if loss is ml.gamma_nll_loss:
        return np.random.default_rng(1).choice([0.5, 1.0, 2.5], shape)  # more than 0
    domain = loss.record.inputs.domains[1]
    values = domain.values or [v for v in (-3.0, 0.0, 1.0, 2.5) if domain.low <= v <= domain.high]
    return np.random.default_rng(1).choice(values, shape)


def xgboost_matrix(labels, rows=slice(None), weight=None):
    weight = None if weight is None else weight[rows]
    return xgboost.DMatrix(X[rows], label=labels[rows], weight=weight)


def train_xgboost(objective, data, rounds=10, **params):
    return xgboost.train(
        {**TREES, **objective.params, **params}, data, rounds, obj=objective, verbose_eval=False
    )


def r2(prediction, numbers):
    return 1 - ((prediction - numbers) ** 2).mean(axis=0) / numbers.var(axis=0)
