"""
Clicks and sampled negatives
============================

A recommender knows what people clicked, and nothing about the rest. Training draws a few of the other
items as negatives. :class:`~maskloss.Observed` stores clicks and draws alone, so that the work of the
loss grows with them and not with the table of all users and items.
"""

import matplotlib.pyplot as plt
import numpy as np

import maskloss as ml

# %%
# 300 users and 400 items with hidden tastes; a user clicks on some of the best.
rng = np.random.default_rng(0)
users, items, tastes = 300, 400, 8
truth = rng.normal(size=(users, tastes)) @ rng.normal(size=(tastes, items))
liked = truth > np.quantile(truth, 0.95, axis=1, keepdims=True)
user, item = np.nonzero(liked & (rng.random(liked.shape) < 0.5))

# %%
# Four negatives for each click, drawn anew in each step. The gradient comes at the stored entries
# alone.
loss = ml.value_and_grad(ml.binary_cross_entropy_with_logits, indexed=True)
p, q = 0.1 * rng.normal(size=(users, tastes)), 0.1 * rng.normal(size=(items, tastes))
history = []
for _step in range(150):
    drawn = rng.integers(0, items, 4 * len(item))
    rows, columns = np.concatenate([user, np.repeat(user, 4)]), np.concatenate([item, drawn])
    labels = ml.Observed((rows, columns), np.repeat([1.0, 0.0], [len(item), len(drawn)]))
    value, slope = loss(p @ q.T, labels, reduction="sum")
    step = 0.02 * slope.values[:, None]
    change = np.zeros_like(p), np.zeros_like(q)
    np.add.at(change[0], rows, step * q[columns])
    np.add.at(change[1], columns, step * p[rows])
    p, q = p - change[0], q - change[1]
    history.append(float(value) / len(rows))

# %%
# How many of the liked items that were not clicked are among the twenty best of the others?
scores = p @ q.T
scores[user, item] = -np.inf
best = np.argsort(-scores, axis=1)[:, :20]
hidden = liked.copy()
hidden[user, item] = False
found = np.take_along_axis(hidden, best, axis=1).sum() / hidden.sum()
print(f"found {found:.0%} of the hidden likes; by chance {20 / items:.0%}")

figure, axis = plt.subplots(figsize=(6, 2.6), layout="constrained")
axis.plot(history)
axis.set(xlabel="step", ylabel="loss per stored entry")
plt.show()
