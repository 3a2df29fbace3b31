"""Forecast twelve hours of a sensor that fails when it is hot, with a model of neuralforecast."""

import logging
import warnings

import gaps
import numpy as np
import pandas as pd
import sensors
import torch
from neuralforecast import NeuralForecast
from neuralforecast.models import MLP
from sklearn.metrics import r2_score

from maskloss.neuralforecast import MaskedPointLoss


def table(values, is_read):
    hours, number = values.shape
    times = pd.date_range("2026-01-01", periods=hours, freq="h")
    return pd.DataFrame(
        {
            "unique_id": np.repeat(np.arange(number), hours),
            "ds": np.tile(times, number),
            "y": values.T.ravel(),
            "available_mask": is_read.T.ravel().astype("float32"),
        }
    )


def score(true, values, is_read, seed):
    """Fit to the given values, and forecast the true ones from true windows of the last days."""
    torch.set_num_threads(1)  # one thread is fastest for small layers
    model = MLP(
        h=sensors.HORIZON,
        input_size=sensors.PAST,
        hidden_size=64,
        loss=MaskedPointLoss("huber_loss"),
        max_steps=150,
        learning_rate=3e-3,
        random_seed=seed,
        accelerator="cpu",
        logger=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        enable_checkpointing=False,
    )
    forecaster = NeuralForecast([model], freq="h")
    forecaster.fit(table(values, is_read))
    known, future = [], []
    for end in range(len(true) - 120, len(true) - sensors.HORIZON, sensors.HORIZON):
        window = table(true[:end], np.ones((end, true.shape[1])))
        known.append(forecaster.predict(window)["MLP"].to_numpy())
        future.append(true[end : end + sensors.HORIZON].T.ravel())
    return float(r2_score(np.concatenate(future), np.concatenate(known)))


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    for name in ("lightning", "pytorch_lightning"):
        logging.getLogger(name).setLevel(logging.ERROR)
    runs = []
    for seed in gaps.SEEDS:
        true, is_read = sensors.readings(seed)
        past, seen = true[:480], is_read[:480]
        everything = np.ones_like(seen)
        filled = sensors.filled(past, seen)
        ways = {
            "masked": (filled, seen),  # the past of a window is filled, and the targets are not
            "missing as 0": (np.where(seen, past, 0), everything),
            "missing as the last": (filled, everything),
        }
        runs.append({name: score(true, *given, seed) for name, given in ways.items()})
    gaps.report(runs, "r2_score")
