"""
A class that is rarely annotated
================================

The default mean counts every label the same: a class with few labels has little say.
``reduction="macro"`` counts every class the same.
"""

import matplotlib.pyplot as plt
import numpy as np

import maskloss as ml

# %%
# Five classes, annotated in between 2 % and 100 % of 1000 rows.
rng = np.random.default_rng(0)
shares = np.asarray([1.0, 0.5, 0.2, 0.05, 0.02])
logits = rng.normal(size=(1000, 5))
labels = np.where(rng.random((1000, 5)) < shares, rng.random((1000, 5)) < 0.3, np.nan)

# %%
# How much of the gradient goes to each class? ``"samples"`` counts every row the same. It gives a class
# with many labels even more, because that class often has the only label of a row.
loss = ml.value_and_grad(ml.binary_cross_entropy_with_logits)
figure, axis = plt.subplots(figsize=(7, 2.8), layout="constrained")
for k, reduction in enumerate(("mean", "samples", "macro")):
    _, slope = loss(logits, labels, missing=np.nan, reduction=reduction)
    size = np.abs(slope).sum(axis=0)
    axis.bar(np.arange(5) + 0.27 * (k - 1), size / size.sum(), width=0.25, label=f'"{reduction}"')
axis.set_xticks(range(5), [f"{share:.0%}" for share in shares])
axis.set(xlabel="rows with a label of the class", ylabel="share of the gradient")
axis.legend(frameon=False)
plt.show()
