"""Forecast twelve hours of a sensor that fails when it is hot, with a model of neuralforecast."""

import logging
import warnings

import gaps
import numpy as np
import pandas as pd
import torch
from neuralforecast import NeuralForecast
from neuralforecast.models import MLP
from sklearn.metrics import r2_score

from maskloss.neuralforecast import MaskedPointLoss

HORIZON = 12


def readings(seed=0, sensors=8, hours=600):
    """Return the true temperatures, a row per hour, and whether each was read."""
    rng = np.random.default_rng(seed)
    time = np.arange(hours)[:, None]
    day = np.sin(2 * np.pi * time / 24 + rng.uniform(0, 6, sensors))
    week = np.sin(2 * np.pi * time / 168 + rng.uniform(0, 6, sensors))
    true = (day + 0.5 * week + rng.normal(0, 0.2, (hours, sensors))).astype("float32")
    is_read = rng.uniform(size=true.shape) > np.where(true > 0.5, 0.8, 0.1)
    return true, is_read


def table(values, is_read):
    hours, sensors = values.shape
    times = pd.date_range("2026-01-01", periods=hours, freq="h")
    return pd.DataFrame(
        {
            "unique_id": np.repeat(np.arange(sensors), hours),
            "ds": np.tile(times, sensors),
            "y": values.T.ravel(),
            "available_mask": is_read.T.ravel().astype("float32"),
        }
    )


def score(true, values, is_read):
    """Fit to the given values, and forecast the true ones from true windows of the last days."""
    torch.set_num_threads(1)  # one thread is fastest for small layers
    model = MLP(
        h=HORIZON,
        input_size=48,
        hidden_size=64,
        loss=MaskedPointLoss("huber_loss"),
        max_steps=150,
        learning_rate=3e-3,
        random_seed=0,
        accelerator="cpu",
        logger=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        enable_checkpointing=False,
    )
    forecaster = NeuralForecast([model], freq="h")
    forecaster.fit(table(values, is_read))
    known, future = [], []
    for end in range(len(true) - 120, len(true) - HORIZON, HORIZON):
        window = table(true[:end], np.ones((end, true.shape[1])))
        known.append(forecaster.predict(window)["MLP"].to_numpy())
        future.append(true[end : end + HORIZON].T.ravel())
    return float(r2_score(np.concatenate(future), np.concatenate(known)))


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    for name in ("lightning", "pytorch_lightning"):
        logging.getLogger(name).setLevel(logging.ERROR)
    true, is_read = readings()
    past, seen = true[:480], is_read[:480]
    everything = np.ones_like(seen)
    filled = pd.DataFrame(np.where(seen, past, np.nan)).ffill().bfill().to_numpy("float32")
    ways = {
        "masked": (filled, seen),  # the past of a window is filled, and the targets are not
        "missing as 0": (np.where(seen, past, 0), everything),
        "missing as the last": (filled, everything),
    }
    scores = {name: score(true, *given) for name, given in ways.items()}
    gaps.report(scores, "r2_score")
