"""
Assays with empty cells
=======================

A table of toxicity assays has a row per compound and a column per assay. Few compounds were tested
in every assay. One linear model for all assays, trained on the cells that are filled.
"""

import matplotlib.pyplot as plt
import numpy as np
from scipy.optimize import minimize
from sklearn.metrics import roc_auc_score

import maskloss as ml

# %%
# Twelve assays of 1500 compounds. A compound is tested in an assay with a probability between 20 %
# and 70 %.
rng = np.random.default_rng(0)
compounds, features, assays = 1500, 30, 12
x = rng.normal(size=(compounds, features))
truth = rng.normal(size=(features, assays)) / np.sqrt(features)
active = rng.random((compounds, assays)) < 1 / (1 + np.exp(2 - 3 * x @ truth))
tested = rng.random((compounds, assays)) < np.linspace(0.2, 0.7, assays)
labels = np.where(tested, active, np.nan)
train, test = slice(0, 1000), slice(1000, None)

# %%
# :func:`~maskloss.value_and_grad` returns loss and gradient, which is all that L-BFGS needs.
loss = ml.value_and_grad(ml.binary_cross_entropy_with_logits)


def fit(labels, **keywords):
    def objective(flat):
        weights = flat.reshape(features, assays)
        value, slope = loss(x[train] @ weights, labels[train], **keywords)
        return value + 1e-3 * flat @ flat, (x[train].T @ slope).ravel() + 2e-3 * flat

    best = minimize(objective, np.zeros(features * assays), jac=True, method="L-BFGS-B")
    return x[test] @ best.x.reshape(features, assays)


masked = fit(labels, missing=np.nan)
as_negative = fit(np.nan_to_num(labels))

# %%
# Scores of held-out labels, assay by assay.
scores = {
    name: ml.masked_score(roc_auc_score, labels[test], predictions, missing=np.nan, average=None)
    for name, predictions in (("masked", masked), ("missing as negative", as_negative))
}
figure, axis = plt.subplots(figsize=(7, 3.2), layout="constrained")
for (name, values), marker in zip(scores.items(), "os", strict=True):
    axis.plot(tested.mean(axis=0), values, marker, label=name)
axis.set(xlabel="share of compounds tested", ylabel="ROC-AUC")
axis.legend(frameon=False)
plt.show()
