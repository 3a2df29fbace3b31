"""
Labels that may be wrong
========================

Of the scikit-learn digits, 40 % get the label of the next digit, as from annotators who confuse
some classes, and a fifth of all labels is missing. Cross-entropy learns the mistakes too.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

import maskloss as ml

# %%
# Row c of `noise` has the probabilities of the labels of class c.
images, digits = load_digits(return_X_y=True)
train, test, truth, answers = train_test_split(images / 16, digits, test_size=0.5, random_state=0)
rng = np.random.default_rng(0)
noise = 0.6 * np.eye(10) + 0.4 * np.roll(np.eye(10), 1, axis=1)
labels = (truth + (rng.random(len(truth)) < 0.4)) % 10
labels[rng.random(len(labels)) < 0.2] = -1

# %%
# A linear layer over random features, which can learn many labels by heart.
weights = rng.normal(0, 0.1, (64, 200))
features, seen = np.maximum(train @ weights, 0), np.maximum(test @ weights, 0)
losses = {
    "cross_entropy": (ml.cross_entropy, {}),
    "forward_corrected_cross_entropy": (
        ml.forward_corrected_cross_entropy,
        {"transition": noise},
    ),
}
right = {}
for name, (loss, options) in losses.items():
    differentiate, layer = ml.value_and_grad(loss), np.zeros((200, 10))
    for _step in range(300):
        _, slope = differentiate(features @ layer, labels, missing=-1, **options)
        layer -= 0.3 * features.T @ slope
    right[name] = float(np.mean(np.argmax(seen @ layer, axis=1) == answers))
    print(f"{name}: {right[name]:.1%} of the test digits")

# %%
# Cross-entropy learns what the labels say. The forward correction learns the digits: its softmax is
# compared with the labels only after the same noise.
figure, axis = plt.subplots(figsize=(6, 1.6), layout="constrained")
axis.barh(list(right)[::-1], list(right.values())[::-1])
axis.set(xlabel="share of the test digits that is right", xlim=(0.5, 1))
plt.show()
