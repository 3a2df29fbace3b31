"""Learn with a task of torchgeo how steep a land is, known only along the tracks of a laser.

The heights are real, of a fault in Tennessee; matplotlib brings them. The images are their reliefs,
lit from three sides, with noise. The tracks are made up.
"""

import logging
import warnings

import gaps
import numpy as np
import torch
import vision  # noqa: F401
from lightning import Trainer
from matplotlib.cbook import get_sample_data
from matplotlib.colors import LightSource
from sklearn.metrics import r2_score
from torch.utils.data import DataLoader
from torchgeo.trainers import PixelwiseRegressionTask

from maskloss.torch import MaskedMSELoss

SIDE = 32


class MaskedTask(PixelwiseRegressionTask):
    """The task of torchgeo, with a loss of the pixels that are not NaN."""

    def configure_losses(self):
        self.criterion = MaskedMSELoss(missing=float("nan"))

    def configure_optimizers(self):  # torchgeo's own asks for validation
        return torch.optim.AdamW(self.parameters(), lr=self.hparams["lr"])


def tiles(seed):
    """Return tiles of images, and of standardised slopes, of the north and of the south."""
    heights = get_sample_data("jacksboro_fault_dem.npz")["elevation"].astype(float)
    suns = [LightSource(azimuth, 45).hillshade(heights, 2, 90, 90) for azimuth in (0, 120, 240)]
    images = np.stack(suns) + np.random.default_rng(seed).normal(0, 0.1, (3, *heights.shape))
    slopes = np.log1p(np.hypot(*np.gradient(heights)))[None]
    halves = []
    for rows in np.array_split(np.arange(len(heights) // SIDE), 2):
        corners = [(SIDE * r, SIDE * c) for r in rows for c in range(heights.shape[1] // SIDE)]
        cut = [
            np.stack([field[:, y : y + SIDE, x : x + SIDE] for y, x in corners])
            for field in (images, (slopes - slopes.mean()) / slopes.std())
        ]
        halves.append([part.astype("float32") for part in cut])
    return halves


def fit(images, slopes, seed):
    torch.manual_seed(seed)
    torch.set_num_threads(1)  # one thread is fastest for small layers
    task = MaskedTask(model="fcn", in_channels=3, num_filters=16, lr=3e-3)
    rows = [{"image": x, "mask": y} for x, y in zip(images, slopes, strict=True)]
    trainer = Trainer(
        accelerator="cpu",
        max_steps=200,
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
    )
    trainer.fit(task, DataLoader(rows, batch_size=8, shuffle=True))
    return task.eval()


def score(task, images, slopes):
    with torch.no_grad():
        return float(r2_score(slopes.ravel(), task(torch.from_numpy(images)).numpy().ravel()))


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    runs = []
    for seed in gaps.SEEDS:
        (images, slopes), test = tiles(seed)
        rng = np.random.default_rng(seed)
        is_known = rng.uniform(size=(len(slopes), 1, 1, SIDE)) < 0.1  # a track is a column
        is_known = np.broadcast_to(is_known, slopes.shape).copy()
        complete = rng.permutation(len(slopes))[:1]  # scanned by a plane
        is_known[complete] = True
        ways = {
            "masked": (images, np.where(is_known, slopes, np.float32("nan"))),
            "missing as mean": (images, np.where(is_known, slopes, np.float32(0))),
            "incomplete tiles dropped": (images[complete], slopes[complete]),
        }
        runs.append({name: score(fit(*given, seed), *test) for name, given in ways.items()})
    gaps.report(runs, "r2_score")
