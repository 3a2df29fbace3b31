"""XGBoost on ten questions with missing answers: one model of ten outputs, fitted on known ones."""

import gaps
import numpy as np
import xgboost as xgb

import maskloss as ml
from maskloss.boosting import XGBoostObjective

TREES = {"max_depth": 4, "learning_rate": 0.3, "nthread": 2, "seed": 0}


def fit(features, labels):
    objective = XGBoostObjective(ml.binary_cross_entropy_with_logits, missing=-1)
    data = xgb.DMatrix(features, label=labels)
    booster = xgb.train({**TREES, **objective.params}, data, 40, obj=objective)
    return lambda x: booster.predict(xgb.DMatrix(np.asarray(x)))


if __name__ == "__main__":
    gaps.compare(gaps.digits, fit)
