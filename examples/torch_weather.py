"""Forecast three variables at twelve places with Lightning, where instruments fail for hours.

The targets are NaN where an instrument failed. Batches are accumulated, and hold different numbers
of observed values: `AccumulatedMean` gives the gradient of all of them at once.
"""

import logging

import gaps
import lightning
import numpy as np
import torch
from torch.utils.data import DataLoader, TensorDataset

from maskloss.torch import AccumulatedMean, MaskedMSELoss

STEPS = 4
HOURS = 12


class Forecast(lightning.LightningModule):
    """The next hour at all places, from the last hours."""

    def __init__(self, inputs, outputs):
        super().__init__()
        layers = (torch.nn.Linear(inputs, 64), torch.nn.GELU(), torch.nn.Linear(64, outputs))
        self.net = torch.nn.Sequential(*layers)
        self.loss = AccumulatedMean(MaskedMSELoss(missing=float("nan")))

    def training_step(self, batch, _):
        x, y = batch
        return self.loss(self.net(x), y)

    def on_before_optimizer_step(self, _):
        steps = self.trainer.accumulate_grad_batches
        self.loss.divide_gradients(self.parameters(), steps=steps)

    def configure_optimizers(self):
        return torch.optim.AdamW(self.parameters(), lr=3e-3, weight_decay=1e-3)


def weather(seed=0, hours=1500, places=12):
    """Return the past and the next hour of waves that pass over a row of places, with noise."""
    rng = np.random.default_rng(seed)
    time, place = np.arange(hours)[:, None], np.arange(places)
    waves = [
        np.sin(2 * np.pi * (time / period - place / length) + phase)
        for period, length, phase in [(24, 40, 0), (61, 9, 1), (17, 13, 2)]
    ]
    fields = np.stack([a + 0.5 * b for a, b in zip(waves, waves[1:] + waves[:1], strict=True)], -1)
    fields = (fields + rng.normal(0, 0.3, fields.shape)).reshape(hours, -1).astype("float32")
    past = np.lib.stride_tricks.sliding_window_view(fields[:-1], HOURS, axis=0)
    past = past.reshape(len(past), -1)
    half = 900
    # Failures last two hours, and most begin when values are high, as in storms.
    chance = np.where(fields[HOURS:][:half] > 0.7, 0.25, 0.01)
    begins = rng.uniform(size=chance.shape) < chance
    is_missing = begins | np.roll(begins, 1, axis=0)
    future = fields[HOURS:]
    labels = np.where(is_missing, np.float32(np.nan), future[:half])
    return gaps.Table(past[:half], labels, past[half:], future[half:])


def fit(features, labels):
    torch.manual_seed(0)
    torch.set_num_threads(1)  # one thread is fastest for small layers
    rows = TensorDataset(torch.from_numpy(features.copy()), torch.from_numpy(labels.copy()))
    trainer = lightning.Trainer(
        accelerator="cpu",
        devices=1,
        max_epochs=20,
        accumulate_grad_batches=STEPS,
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
    )
    model = Forecast(features.shape[1], labels.shape[1])
    trainer.fit(model, DataLoader(rows, batch_size=16, shuffle=True))

    def predict(features):
        with torch.no_grad():
            return model.net(torch.from_numpy(features.copy())).numpy()

    return predict


if __name__ == "__main__":
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    gaps.compare(weather, fit)
