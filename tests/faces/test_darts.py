"""A masked loss in a model of darts, whose targets are NaN where nothing was read."""

import numpy as np
import pytest
from darts import TimeSeries
from darts.models import NLinearModel
from darts.utils.data.torch_datasets.training_dataset import SequentialTorchTrainingDataset

from helpers import pages
from maskloss.torch import MaskedHuberLoss

pytestmark = pytest.mark.filterwarnings("ignore")
SIZES = {"input_chunk_length": 8, "output_chunk_length": 4}


def test_the_page_runs():
    pages.run("docs/faces/darts.md")


def series(values):
    return TimeSeries.from_values(values.astype("float32"))


def fitted(windows):
    quiet = {"accelerator": "cpu", "enable_progress_bar": False, "logger": False}
    model = NLinearModel(
        **SIZES,
        loss_fn=MaskedHuberLoss(missing=float("nan")),
        n_epochs=20,
        batch_size=1000,  # one batch: a mean over all targets
        random_state=0,
        pl_trainer_kwargs=quiet,
    )
    model.fit_from_dataset(windows)
    return model.predict(4, series(np.arange(8.0))).values()


def test_nan_targets_train_as_targets_of_weight_0():
    """In one batch, the mean over the observed and the mean over all differ by a factor."""
    namespace = {}
    exec(pages.blocks_of("docs/faces/darts.md")[1], namespace)
    rng = np.random.default_rng(0)
    values, seen = rng.normal(size=60), rng.uniform(size=60) < 0.7
    filled, targets = series(values), series(np.where(seen, values, np.nan))
    ours = fitted(namespace["Windows"](filled, targets, **SIZES))
    weights = series(seen.astype(float))
    theirs = fitted(SequentialTorchTrainingDataset(filled, sample_weight=weights, **SIZES))
    unmasked = fitted(SequentialTorchTrainingDataset(filled, **SIZES))
    # Adam does not see the factor, but for its epsilon.
    np.testing.assert_allclose(ours, theirs, rtol=1e-5)
    assert np.abs(ours - unmasked).max() > 1e-3
