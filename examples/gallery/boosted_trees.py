"""
Boosted trees with several targets
==================================

XGBoost refuses NaN among labels. :class:`~maskloss.boosting.XGBoostObjective` makes an objective of
any loss, with gradient and Hessian 0 where a label is missing.
"""

import matplotlib.pyplot as plt
import numpy as np
import xgboost
from sklearn.datasets import load_diabetes

import maskloss as ml
from maskloss.boosting import MISSING, XGBoostObjective, mark_missing

# %%
# Patients with two blood values and the progress of a disease, each known for four in ten.
features, progress = load_diabetes(return_X_y=True)
targets = np.column_stack([features[:, 7:9], progress])
targets = (targets - targets.mean(axis=0)) / targets.std(axis=0)
features = np.delete(features, [7, 8], axis=1)
rng = np.random.default_rng(0)
known = rng.random(targets.shape) < 0.4
train = np.arange(len(features)) % 3 > 0
labels = mark_missing(np.where(known, targets, np.nan))

# %%
# Three ways: masked, missing as the mean (0), and incomplete rows dropped.


def fit(rows, labels):
    objective = XGBoostObjective(ml.huber_loss)
    model = xgboost.XGBRegressor(
        objective=objective, n_estimators=40, max_depth=2, n_jobs=1, **objective.params
    )
    model.fit(features[rows], labels[rows])
    return ml.mse_loss(model.predict(features[~train]).astype(float), targets[~train], axis=0)


complete = train & known.all(axis=1)
errors = {
    "masked": fit(train, labels),
    "missing as the mean": fit(train, np.where(labels == MISSING, 0.0, labels)),
    "rows dropped": fit(complete, labels),
}

# %%
figure, axis = plt.subplots(figsize=(7, 2.8), layout="constrained")
for k, (name, error) in enumerate(errors.items()):
    axis.bar(np.arange(3) + 0.27 * (k - 1), error, width=0.25, label=name)
axis.set_xticks(range(3), ["blood value 1", "blood value 2", "progress"])
axis.set(ylabel="squared error on complete rows")
axis.legend(frameon=False)
plt.show()
