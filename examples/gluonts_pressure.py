"""Forecast twelve hours of air pressure whose gaps are its own, with an estimator of gluonts.

gluonts leaves out of its losses what was not observed, and takes the mean of each window; here the
mean is that of all observed readings. Masking must be better than gaps filled by 0, and than series
cut at the gaps. It is not better than gluonts' own loss, nor than the last reading carried on: most
gaps last an hour or two, and the pressure hardly moves.
"""

import logging
import tempfile
import warnings

import gaps
import lightning
import numpy as np
import pandas as pd
import pressure
import torch
from gluonts.torch import DLinearEstimator
from gluonts.torch.distributions import QuantileOutput
from gluonts.torch.model.d_linear import DLinearLightningModule
from gluonts.transform import AddObservedValuesIndicator, LastValueImputation

import maskloss as ml


class MaskedModule(DLinearLightningModule):
    """Trains with a loss of maskloss, of the median."""

    def training_step(self, batch, _):
        (medians,), loc, scale = self(batch["past_target"], batch["past_observed_values"])
        observed = batch["future_observed_values"] > 0
        loss = ml.l1_loss(medians[..., 0] * scale + loc, batch["future_target"], mask=observed)
        self.log("train_loss", loss, on_epoch=True)  # gluonts keeps the best epoch
        return loss


class GluontsEstimator(DLinearEstimator):
    """Fills the past of a window with the last reading; the targets are not observed there."""

    def create_transformation(self):
        return AddObservedValuesIndicator("target", "observed_values", LastValueImputation())


class MaskedEstimator(GluontsEstimator):
    """Takes the loss of maskloss."""

    def create_lightning_module(self):
        names = ("prediction_length", "context_length", "hidden_dimension", "distr_output")
        names += ("kernel_size", "scaling")
        return MaskedModule({name: getattr(self, name) for name in names}, lr=self.lr)


def dataset(columns):
    start = pd.Period("2013-01-01", freq="h")
    return [{"start": start, "target": column} for column in columns]


def score(estimator, columns, seed):
    """Fit to series with gaps or without, and return the error of the forecasts."""
    torch.set_num_threads(1)  # one thread is fastest for small layers
    lightning.seed_everything(seed, verbose=False)
    quiet = {"accelerator": "cpu", "enable_progress_bar": False, "enable_model_summary": False}
    with tempfile.TemporaryDirectory() as folder:
        predictor = estimator(
            prediction_length=pressure.HORIZON,
            context_length=pressure.PAST,
            distr_output=QuantileOutput([0.5]),
            scaling="std",
            batch_size=64,
            trainer_kwargs={**quiet, "max_epochs": 6, "logger": False, "default_root_dir": folder},
        ).train(dataset(columns))
    past, future = pressure.windows()
    forecasts = [one.quantile(0.5) for one in predictor.predict(dataset(past))]
    return pressure.error(np.stack(forecasts), future)


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    for name in ("lightning.pytorch", "lightning.fabric", "gluonts"):
        logging.getLogger(name).setLevel(logging.ERROR)
    values = pressure.readings()[: pressure.TRAINED]
    ways = {
        "masked": (MaskedEstimator, values.T),
        "missing as 0": (MaskedEstimator, np.nan_to_num(values).T),
        "series cut at the gaps": (MaskedEstimator, pressure.stretches(values)),
        "missing as the last": (MaskedEstimator, pressure.filled(values).T),
        "masked by gluonts": (GluontsEstimator, values.T),
    }
    runs = [{name: score(*given, seed) for name, given in ways.items()} for seed in gaps.SEEDS]
    beside = ["missing as the last", "masked by gluonts"]
    gaps.report(runs, "mean absolute error", sign=-1, beside=beside)
