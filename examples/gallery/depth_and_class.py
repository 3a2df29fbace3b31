"""
Two outputs, each with its own gaps
===================================

An image has a class, or a depth, or both. :class:`~maskloss.MultiObjective` adds the losses of the
outputs; an output without a label in a batch adds exactly nothing.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits

import maskloss as ml

# %%
# Digits with two labels: which digit, known for a tenth, and how much ink, known for half.
images, digit = load_digits(return_X_y=True)
images = np.column_stack([images / 16, np.ones(len(images))])
ink = images[:, :-1].sum(axis=1)
ink = (ink - ink.mean()) / ink.std()
rng = np.random.default_rng(0)
kind = np.where(rng.random(len(digit)) < 0.1, digit, -1)
depth = np.where(rng.random(len(digit)) < 0.5, ink, np.nan)

# %%
# One layer with both outputs. ``value_and_grad`` returns the gradient for each output by name.
objective = ml.MultiObjective(
    {
        "kind": ml.Head(ml.cross_entropy, missing=-1),
        "depth": ml.Head(ml.huber_loss, missing=np.nan, weight=0.5),
    }
)
step = ml.value_and_grad(objective)
weights = {"kind": np.zeros((65, 10)), "depth": np.zeros(65)}
history = []
order = rng.permutation(len(images))
for _epoch in range(12):
    for batch in np.array_split(order, 30):
        predictions = {name: images[batch] @ weight for name, weight in weights.items()}
        value, slopes = step(predictions, {"kind": kind[batch], "depth": depth[batch]})
        for name, slope in slopes.items():
            weights[name] = weights[name] - 0.1 * images[batch].T @ slope
        history.append(float(value.total))

# %%
hidden = kind == -1
right = (images @ weights["kind"]).argmax(axis=1)[hidden] == digit[hidden]
print(f"digits without a label: {right.mean():.0%} right")
figure, axis = plt.subplots(figsize=(6, 2.6), layout="constrained")
axis.plot(history, linewidth=1)
axis.set(xlabel="step", ylabel="total of the batch")
plt.show()
