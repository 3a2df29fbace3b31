"""
What is missing in a table?
===========================

``maskloss inspect`` draws which labels of a table are observed, which together, and whether missing
looks random. Here it reads twelve assays, of which six come from one laboratory, and the first was
run on light compounds alone.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

# %%
rng = np.random.default_rng(0)
compounds, assays = 1500, 12
x = rng.normal(size=(compounds, 6))
active = rng.random((compounds, assays)) < 1 / (1 + np.exp(2 - x @ rng.normal(size=(6, assays))))
tested = rng.random((compounds, assays)) < np.linspace(0.3, 0.85, assays)
tested[:, 6:] &= rng.random((compounds, 1)) < 0.5
tested[:, 0] &= x[:, 0] < 0.4
table = pd.DataFrame(x, columns=["weight", "logp", "charge", "rings", "donors", "acceptors"])
for k in range(assays):
    table[f"assay {k + 1}"] = np.where(tested[:, k], active[:, k], np.nan)

# %%
# The same as ``maskloss inspect assays.csv --labels 'assay *' --output coverage.png`` in a shell.
folder = Path(tempfile.mkdtemp())
table.to_csv(folder / "assays.csv", index=False)
picture = folder / "coverage.png"
inspect = [sys.executable, "-m", "maskloss", "inspect", "assays.csv", "--labels", "assay *"]
command = [*inspect, "--output", str(picture)]
print(subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout)

# %%
figure = plt.figure(figsize=(10, 7.4))
axis = figure.add_axes((0, 0, 1, 1))
axis.imshow(plt.imread(picture))
axis.axis("off")
plt.show()
