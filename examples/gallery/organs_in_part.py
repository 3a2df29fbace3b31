"""
Organs annotated in part
========================

One hospital has outlined the liver, another the kidney. A film from the first says nothing about
kidneys: not even where there is none. Each channel has its own mask.
"""

import matplotlib.pyplot as plt
import numpy as np

import maskloss as ml

# %%
# Four images of 32 x 32 pixels and two organs, each a disc. Two images have no kidney outlined.
rng = np.random.default_rng(0)
rows, columns = np.mgrid[:32, :32]


def disc(centre, radius):
    return ((rows - centre[0]) ** 2 + (columns - centre[1]) ** 2 < radius**2).astype(float)


regions = np.stack(
    [[disc(rng.uniform(8, 24, 2), 6), disc(rng.uniform(8, 24, 2), 4)] for _ in range(4)]
)
outlined = np.ones((4, 2, 1, 1), bool)
outlined[2:, 1] = False
labels = np.where(outlined, regions, np.nan)

# %%
# Probabilities of a network in training: the regions, blurred and noisy.
probabilities = np.clip(0.7 * regions + 0.15 + 0.1 * rng.normal(size=regions.shape), 0.01, 0.99)

# %%
# :func:`~maskloss.dice_loss` takes a mask for each channel. ``spatial_axes`` makes every organ of
# every image a region of its own; missing regions do not count in the mean.
keywords = {"missing": np.nan, "spatial_axes": (2, 3)}
print("each region:", ml.dice_loss(probabilities, labels, reduction="none", **keywords))
print("mean of the observed regions:", ml.dice_loss(probabilities, labels, **keywords))
print(
    "if missing were background:",
    ml.dice_loss(probabilities, np.nan_to_num(labels), spatial_axes=(2, 3)),
)

# %%
# The gradient is 0 in a channel that nobody has outlined.
_, gradient = ml.value_and_grad(ml.dice_loss)(probabilities, labels, **keywords)
figure, axes = plt.subplots(2, 4, figsize=(8, 4.2), layout="constrained")
for image in range(4):
    for organ, name in enumerate(("liver", "kidney")):
        axis = axes[organ, image]
        axis.imshow(gradient[image, organ], cmap="RdBu", vmin=-0.003, vmax=0.003)
        axis.set(
            xticks=[],
            yticks=[],
            title=f"{name} {'' if outlined[image, organ] else '(not outlined)'}",
        )
figure.suptitle("gradient of the Dice loss")
plt.show()
