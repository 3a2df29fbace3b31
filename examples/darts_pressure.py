"""Forecast twelve hours of air pressure whose gaps are its own, with a linear model of darts.

Masking must be better than gaps filled by 0, and than series cut at the gaps. It is not better than
the last reading carried on: most gaps last an hour or two, and the pressure hardly moves.
"""

import dataclasses
import logging
import warnings

import gaps
import numpy as np
import pressure
import torch
from darts import TimeSeries
from darts.models import NLinearModel
from darts.utils.data.torch_datasets.training_dataset import SequentialTorchTrainingDataset

from maskloss.torch import MaskedHuberLoss

SIZES = {"input_chunk_length": pressure.PAST, "output_chunk_length": pressure.HORIZON}


class Windows(SequentialTorchTrainingDataset):
    """Windows whose past is filled, and whose targets are NaN where nothing was read."""

    def __init__(self, filled, targets):
        super().__init__(series=filled, **SIZES)
        self.targets = SequentialTorchTrainingDataset(series=targets, **SIZES)

    def __getitem__(self, index):
        target = self.targets[index].future_target
        return dataclasses.replace(super().__getitem__(index), future_target=target)


def series(columns):
    return [TimeSeries.from_values(column) for column in columns]


def score(past, targets, seed):
    """Fit to series with a past and targets, and return the error of the forecasts."""
    torch.set_num_threads(1)  # one thread is fastest for small layers
    quiet = {"accelerator": "cpu", "enable_progress_bar": False, "enable_model_summary": False}
    model = NLinearModel(
        **SIZES,
        loss_fn=MaskedHuberLoss(missing=float("nan")),
        n_epochs=3,
        batch_size=64,
        optimizer_kwargs={"lr": 3e-3},
        random_state=seed,
        pl_trainer_kwargs={**quiet, "logger": False},
    )
    model.fit_from_dataset(Windows(series(past), series(targets)), verbose=False)
    past, future = pressure.windows()
    forecasts = model.predict(pressure.HORIZON, series(past), verbose=False)
    return pressure.error(np.stack([one.values()[:, 0] for one in forecasts]), future)


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    for name in ("darts", "lightning", "pytorch_lightning"):
        logging.getLogger(name).setLevel(logging.ERROR)
    values = pressure.readings()[: pressure.TRAINED]
    filled, zeros = pressure.filled(values).T, np.nan_to_num(values).T
    pieces = pressure.stretches(values)
    ways = {
        "masked": (filled, values.T),
        "missing as 0": (zeros, zeros),
        "series cut at the gaps": (pieces, pieces),
        "missing as the last": (filled, filled),
    }
    runs = [{name: score(*given, seed) for name, given in ways.items()} for seed in gaps.SEEDS]
    gaps.report(runs, "mean absolute error", sign=-1, beside=["missing as the last"])
