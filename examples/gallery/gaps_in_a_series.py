"""
Gaps in a time series
=====================

A sensor loses a third of its readings. A model that forecasts the deciles learns from the readings
that are there; nothing is interpolated.
"""

import matplotlib.pyplot as plt
import numpy as np
from scipy.optimize import minimize

import maskloss as ml

# %%
# Ten days of hourly readings, noisier by day, with three gaps of a day and many of an hour.
rng = np.random.default_rng(1)
hours = np.arange(240)
day = 2 * np.pi * hours / 24
series = 10 + 3 * np.sin(day) + rng.normal(size=240) * (0.5 + 0.5 * (np.sin(day) > 0))
for start in (40, 110, 190):
    series[start : start + 24] = np.nan
series[rng.random(240) < 0.1] = np.nan

# %%
# Three outputs per hour: the deciles 0.1, 0.5 and 0.9. :func:`~maskloss.quantile_loss` takes a
# quantile for each output; ``missing=np.nan`` leaves the gaps out.
basis = np.column_stack([np.ones(240), *(f(k * day) for k in (1, 2) for f in (np.sin, np.cos))])
deciles = np.asarray([0.1, 0.5, 0.9])
target = np.repeat(series[:, None], 3, axis=1)
loss = ml.value_and_grad(ml.quantile_loss)


def objective(flat):
    weights = flat.reshape(basis.shape[1], 3)
    value, slope = loss(basis @ weights, target, quantile=deciles, missing=np.nan)
    return value, (basis.T @ slope).ravel()


best = minimize(objective, np.zeros(basis.shape[1] * 3), jac=True, method="L-BFGS-B")
low, middle, high = (basis @ best.x.reshape(-1, 3)).T

# %%
figure, axis = plt.subplots(figsize=(8, 3), layout="constrained")
axis.fill_between(hours, low, high, alpha=0.25, label="deciles 0.1 to 0.9")
axis.plot(hours, middle, label="median")
axis.plot(hours, series, "k.", markersize=3, label="readings")
axis.set(xlabel="hour", ylabel="reading")
axis.legend(frameon=False, ncols=3)
plt.show()
