"""Forecast twelve hours of a sensor that fails when it is hot, with a linear model of darts.

Masking must be better than gaps filled by 0. It is not better than the last reading carried on:
this linear model forecasts slightly better from that, the network of neuralforecast_sensor not.
"""

import dataclasses
import logging
import warnings

import gaps
import numpy as np
import sensors
import torch
from darts import TimeSeries
from darts.models import NLinearModel
from darts.utils.data.torch_datasets.training_dataset import SequentialTorchTrainingDataset
from sklearn.metrics import r2_score

from maskloss.torch import MaskedHuberLoss

SIZES = {"input_chunk_length": sensors.PAST, "output_chunk_length": sensors.HORIZON}


class Windows(SequentialTorchTrainingDataset):
    """Windows whose past is filled, and whose targets are NaN where nothing was read."""

    def __init__(self, filled, targets):
        super().__init__(series=filled, **SIZES)
        self.targets = SequentialTorchTrainingDataset(series=targets, **SIZES)

    def __getitem__(self, index):
        target = self.targets[index].future_target
        return dataclasses.replace(super().__getitem__(index), future_target=target)


def series(values):
    return [TimeSeries.from_values(column) for column in values.T]


def score(true, past, targets, seed):
    """Fit to targets with gaps, and forecast the true values from true windows of the last days."""
    torch.set_num_threads(1)  # one thread is fastest for small layers
    quiet = {"accelerator": "cpu", "enable_progress_bar": False, "enable_model_summary": False}
    model = NLinearModel(
        **SIZES,
        loss_fn=MaskedHuberLoss(missing=float("nan")),
        n_epochs=5,
        batch_size=64,
        random_state=seed,
        pl_trainer_kwargs={**quiet, "logger": False},
    )
    model.fit_from_dataset(Windows(series(past), series(targets)), verbose=False)
    known, future = [], []
    for end in range(len(true) - 120, len(true) - sensors.HORIZON, sensors.HORIZON):
        forecasts = model.predict(sensors.HORIZON, series(true[:end]), verbose=False)
        known.append(np.concatenate([one.values()[:, 0] for one in forecasts]))
        future.append(true[end : end + sensors.HORIZON].T.ravel())
    return float(r2_score(np.concatenate(future), np.concatenate(known)))


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    for name in ("darts", "lightning", "pytorch_lightning"):
        logging.getLogger(name).setLevel(logging.ERROR)
    runs = []
    for seed in gaps.SEEDS:
        true, is_read = sensors.readings(seed)
        values, seen = true[:480], is_read[:480]
        past, zeros = sensors.filled(values, seen), np.where(seen, values, np.float32(0))
        ways = {
            "masked": (past, np.where(seen, values, np.float32("nan"))),
            "missing as 0": (zeros, zeros),
            "missing as the last": (past, past),
        }
        runs.append({name: score(true, *given, seed) for name, given in ways.items()})
    gaps.report(runs, "r2_score", beside=["missing as the last"])
