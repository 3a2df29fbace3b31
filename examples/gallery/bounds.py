"""
Measurements that are bounds
============================

An instrument reports "above 3" where its range ends. Taken as the number 3, such a label pulls the
fit down; left out, the strongest samples are gone. ``censoring`` says that it is a bound.
"""

import matplotlib.pyplot as plt
import numpy as np
from scipy.optimize import minimize

import maskloss as ml

# %%
# A straight line, an instrument that ends at 3, and a tenth of the readings lost.
rng = np.random.default_rng(0)
x = rng.uniform(0, 5, 150)
truth = 0.5 + 1.1 * x
measured = truth + 0.4 * rng.normal(size=150)
bounded = np.where(measured > 3, 1, 0)  # 1: the number is at least the label
target = np.minimum(measured, 3.0)
target[rng.random(150) < 0.1] = np.nan
loss = ml.value_and_grad(ml.mse_loss)
design = np.column_stack([np.ones(150), x])


def fit(**keywords):
    def objective(weights):
        value, slope = loss(design @ weights, target, missing=np.nan, **keywords)
        return value, design.T @ slope

    return minimize(objective, np.zeros(2), jac=True).x


# %%
# A prediction above its bound has the loss 0, and no gradient.
lines = {
    "bounds as bounds": fit(censoring=bounded),
    "bounds as numbers": fit(),
    "bounds left out": fit(mask=bounded == 0),
}
figure, axis = plt.subplots(figsize=(7, 3.2), layout="constrained")
axis.plot(x, target, "k.", markersize=4, label="readings")
grid = np.asarray([0.0, 5.0])
for name, (start, slope) in lines.items():
    axis.plot(grid, start + slope * grid, label=name)
axis.plot(grid, 0.5 + 1.1 * grid, "k:", label="truth")
axis.legend(frameon=False)
plt.show()
