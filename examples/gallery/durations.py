"""
Machines that still run
=======================

At the end of a study half of the machines still run: their time to failure is above the time that
was seen. Left out, the long lives are gone; taken as failures, all lives are short.
``censored_nll_loss`` takes them for what they are.
"""

import matplotlib.pyplot as plt
import numpy as np
from scipy.optimize import minimize

import maskloss as ml

# %%
# Times to failure by load, from a Weibull distribution; the study ends after 12 months, some
# machines were sold before, and a tenth of the records is lost.
rng = np.random.default_rng(0)
load = rng.uniform(0, 2, 400)
true_weights = np.asarray([3.0, -0.8])
design = np.column_stack([np.ones(400), load])
life = np.exp(design @ true_weights) * rng.weibull(2.0, 400)
end = np.minimum(12.0, rng.uniform(2, 30, 400))
runs_on = np.where(life > end, 1, 0)  # 1: the life is at least the time that was seen
seen = np.minimum(life, end)
seen[rng.random(400) < 0.1] = np.nan
loss = ml.value_and_grad(ml.censored_nll_loss)


def fit(**keywords):
    def objective(weights):
        keywords_of_all = {"distribution": "weibull", "scale": 0.5, "missing": np.nan}
        value, slope = loss(design @ weights, seen, **keywords_of_all, **keywords)
        return value, design.T @ slope

    return minimize(objective, np.zeros(2), jac=True).x


# %%
# The typical life by load: only the first is right.
fits = {
    "lower bounds as bounds": fit(censoring=runs_on),
    "lower bounds as failures": fit(),
    "lower bounds left out": fit(mask=runs_on == 0),
}
figure, axis = plt.subplots(figsize=(7, 3.2), layout="constrained")
grid = np.linspace(0, 2, 50)
axis.semilogy(load, seen, "k.", markersize=3, alpha=0.4, label="months seen")
for name, (start, slope) in fits.items():
    axis.semilogy(grid, np.exp(start + slope * grid), label=name)
axis.semilogy(grid, np.exp(3.0 - 0.8 * grid), "k:", label="truth")
axis.set_xlabel("load")
axis.legend(frameon=False, ncols=2, fontsize=8)
plt.show()

# %%
# How far the fitted weights are from the true ones:
for name, weights in fits.items():
    print(f"{name}: {np.abs(weights - true_weights).max():.2f}")
