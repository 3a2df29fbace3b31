"""
Two processes, one mean
=======================

The mean of two means is not the mean of all entries if the parts have different numbers of labels.
``reduction="sums"`` returns numerator and denominators; :class:`~maskloss.Sums` of any number of
processes add up to the mean of the whole.
"""

import json
import subprocess
import sys

import matplotlib.pyplot as plt
import numpy as np

import maskloss as ml

# %%
# Each process makes its part of the data: 1000 entries, of which the second knows few.
PART = """
import json, sys
import numpy as np
import maskloss as ml

rank = int(sys.argv[1])
rng = np.random.default_rng(rank)
prediction, target = rng.normal(rank, 1, 1000), np.zeros(1000)
target[rng.random(1000) < (0.1, 0.9)[rank]] = np.nan
sums = ml.mse_loss(prediction, target, missing=np.nan, reduction="sums")
print(json.dumps([float(sums.total), int(sums.count), float(sums.weight)]))
"""
commands = [[sys.executable, "-c", PART, str(rank)] for rank in (0, 1)]
running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for command in commands]
printed = [json.loads(process.communicate()[0]) for process in running]
parts = [ml.Sums(*map(np.asarray, numbers)) for numbers in printed]

# %%
# Right: add the parts, then divide. Wrong: the mean of the means.
means = {f"process {rank}, {part.count} labels": part.mean() for rank, part in enumerate(parts)}
means["mean of the means"] = np.mean([part.mean() for part in parts])
means["mean of all labels"] = sum(parts).mean()
for name, mean in means.items():
    print(f"{name}: {mean:.3f}")

figure, axis = plt.subplots(figsize=(7, 2), layout="constrained")
axis.barh([*means], [*means.values()], color=["tab:gray", "tab:gray", "tab:orange", "tab:blue"])
axis.invert_yaxis()
axis.set_xlabel("mean squared error")
plt.show()

# %%
# For gradients, give every process the same denominator: ``divisor`` is the number of labels in all
# processes, or that number divided by the number of processes where gradients are averaged.
