"""Shared by the examples of neuralforecast: a small network with a masked loss."""

import logging
import warnings

import torch
from neuralforecast import NeuralForecast
from neuralforecast.models import MLP

from maskloss.neuralforecast import MaskedPointLoss


def fitted(table, *, horizon, past, steps, seed):
    """Return a forecaster of the given horizon, fitted to a table with `available_mask`."""
    torch.set_num_threads(1)  # one thread is fastest for small layers
    warnings.filterwarnings("ignore")
    for name in ("lightning", "pytorch_lightning"):
        logging.getLogger(name).setLevel(logging.ERROR)
    model = MLP(
        h=horizon,
        input_size=past,
        hidden_size=64,
        loss=MaskedPointLoss("huber_loss"),
        max_steps=steps,
        learning_rate=3e-3,
        random_seed=seed,
        accelerator="cpu",
        logger=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        enable_checkpointing=False,
    )
    forecaster = NeuralForecast([model], freq="h")
    forecaster.fit(table)
    return forecaster
