"""Values and gradients in float64."""

import numpy as np


def bce(x, y, mask):
    x, y = x.astype(float), y.astype(float)
    losses = np.logaddexp(0, x) - y * x
    slope = np.where(y == 1, -1 / (1 + np.exp(x)), 1 / (1 + np.exp(-x)))
    return np.where(mask, losses, 0).sum() / mask.sum(), np.where(mask, slope, 0) / mask.sum()


def cross_entropy(x, y):
    """Return value and gradient for class indices; a negative index ignores its row."""
    observed = np.flatnonzero(y >= 0)
    entries = np.arange(len(observed)), y[observed]
    shifted = x[observed].astype(float)
    shifted -= shifted.max(axis=1, keepdims=True)
    p = np.exp(shifted)
    total = p.sum(axis=1)
    loss = np.mean(np.log(total) - shifted[entries])
    p /= total[:, None]
    p[entries] -= 1
    gradient = np.zeros(x.shape)
    gradient[observed] = p / len(observed)
    return loss, gradient
