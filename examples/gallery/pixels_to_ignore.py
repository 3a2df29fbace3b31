"""
Pixels to ignore
================

Annotators outlined two organs, but only in a strip of each image. The rest is 255: to be ignored.
Three ways to train the same model on such labels, by the sum of Dice loss and cross-entropy.
"""

import matplotlib.pyplot as plt
import numpy as np

import maskloss as ml

# %%
# Six images of 32 x 32 pixels, with a bright and a dark disc on a grey background, and noise.
rng = np.random.default_rng(0)
SIZE = 32
rows, columns = np.mgrid[:SIZE, :SIZE]


def image_and_labels():
    labels = np.zeros((SIZE, SIZE), int)
    for organ, radius in (1, 7), (2, 6):
        y, x = rng.uniform(6, 26, 2)
        labels[(rows - y) ** 2 + (columns - x) ** 2 < radius**2] = organ
    return np.asarray([0.0, 1.2, -1.0])[labels] + 0.35 * rng.normal(size=labels.shape), labels


images, truth = (
    np.stack(each) for each in zip(*(image_and_labels() for _ in range(6)), strict=True)
)
outlined = abs(columns - SIZE / 2) < 5
labels = np.where(outlined, truth, 255)

# %%
# The model sees the mean of the 3 x 3 pixels around each pixel, its square, and a constant. One
# column of ignored pixels has no logits: NaN, as at the border of a scan.
around = [np.roll(images, (i, j), (1, 2)) for i in (-1, 0, 1) for j in (-1, 0, 1)]
smooth = np.mean(around, axis=0)
features = np.stack([smooth, smooth**2, np.ones_like(smooth)], axis=1)


def train(labels, missing=None, steps=150, rate=4.0):
    """Return the weights after gradient descent."""
    weights = np.zeros((3, 3))
    of_classes = {"class_axis": 1, "missing": missing}
    of_regions = {"activation": "softmax", "spatial_axes": (0, 2, 3), **of_classes}
    for _ in range(steps):
        logits = np.einsum("cf,nfyx->ncyx", weights, features)
        if missing is not None:
            logits[..., 0] = np.nan
        _, dice = ml.value_and_grad(ml.dice_loss)(logits, labels, **of_regions)
        _, entropy = ml.value_and_grad(ml.cross_entropy)(logits, labels, **of_classes)
        weights -= rate * np.einsum("ncyx,nfyx->cf", dice + entropy, features)
    return weights


def score(weights):
    """Return the mean Dice coefficient of both organs, in all pixels."""
    found = np.einsum("cf,nfyx->ncyx", weights, features).argmax(1)
    both = [((found == k) & (truth == k)).sum() for k in (1, 2)]
    sizes = [(found == k).sum() + (truth == k).sum() for k in (1, 2)]
    return found, np.mean(2 * np.asarray(both) / np.asarray(sizes))


# %%
# With ``missing=255`` a pixel has no effect, not even through the softmax; a NaN there does no harm.
# Taken for background, the organs outside the strip teach the model that organs are background.
ways = {
    "255 ignored": score(train(labels, missing=255)),
    "255 taken for background": score(train(np.where(labels == 255, 0, labels))),
    "all pixels outlined": score(train(truth)),
}
for name, (_, dice) in ways.items():
    print(f"{name}: Dice {dice:.3f}")
assert ways["255 ignored"][1] > ways["255 taken for background"][1] + 0.05

# %%
figure, axes = plt.subplots(1, 4, figsize=(9, 2.6), layout="constrained")
axes[0].imshow(np.ma.masked_equal(labels[0], 255), vmin=0, vmax=2)
axes[0].set(title="outlined")
for axis, (name, (found, dice)) in zip(axes[1:], ways.items(), strict=True):
    axis.imshow(found[0], vmin=0, vmax=2)
    axis.set(title=f"{name}\nDice {dice:.2f}")
for axis in axes:
    axis.set(xticks=[], yticks=[])
plt.show()
