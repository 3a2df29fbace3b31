"""
Chest films: what does -1 mean?
===============================

A reader writes 1 for a finding that is present, 0 for one that is absent, -1 for one that is
uncertain, and nothing for one that is not mentioned. The published ways to read these marks give
three different losses, and three different models.
"""

import matplotlib.pyplot as plt
import numpy as np
from scipy.optimize import minimize

import maskloss as ml

# %%
# Films with two measurements and one finding. Reports mention a finding that is absent only now and
# then.
rng = np.random.default_rng(0)
x = np.column_stack([np.ones(2000), rng.normal(size=(2000, 2))])
present = rng.random(2000) < 1 / (1 + np.exp(1.5 - 2 * x[:, 1]))
published = np.where(present, 1.0, 0.0)
published[~present & (rng.random(2000) < 0.7)] = np.nan  # not mentioned
published[rng.random(2000) < 0.1] = -1.0  # uncertain

# %%
# :func:`~maskloss.from_encoding` knows both conventions of CheXpert: a blank is a negative, or it is
# missing. An uncertain label is missing in both.
loss = ml.value_and_grad(ml.binary_cross_entropy_with_logits)


def fit(encoding):
    labels, mask = ml.from_encoding(published, encoding)

    def objective(weights):
        value, slope = loss(x @ weights, labels, mask=mask)
        return value, x.T @ slope

    return minimize(objective, np.zeros(3), jac=True).x


# %%
# The share of predicted positives: with blanks left out, the model sees too few negatives. Here the
# report's silence does mean absence, and the first convention is right. The table of labels cannot
# tell; only its makers can.
figure, axis = plt.subplots(figsize=(6.5, 3), layout="constrained")
grid = np.linspace(-3, 3, 100)
for encoding in ("chexpert_blank_negative", "chexpert_blank_missing"):
    weights = fit(encoding)
    axis.plot(grid, 1 / (1 + np.exp(-(weights[0] + weights[1] * grid))), label=encoding)
axis.plot(grid, 1 / (1 + np.exp(1.5 - 2 * grid)), "k:", label="truth")
axis.set(xlabel="measurement", ylabel="probability of the finding")
axis.legend(frameon=False)
plt.show()
