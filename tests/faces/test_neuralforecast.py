"""The loss for neuralforecast, against its own losses and in one of its models."""

import math

import numpy as np
import pandas as pd
import pytest
import torch
from neuralforecast import NeuralForecast
from neuralforecast.losses.pytorch import MAE, MSE, HuberLoss
from neuralforecast.models import MLP

import maskloss as ml
from helpers import pages
from maskloss.neuralforecast import MaskedPointLoss

pytestmark = pytest.mark.filterwarnings("ignore")


def batch(poison=0.0):
    """Return targets, forecasts, and weights of windows that are 0 where a target is missing."""
    generator = torch.Generator().manual_seed(0)
    y, y_hat, weights = torch.randn(3, 4, 5, 1, generator=generator)
    mask = torch.where(weights < 0, 0.0, weights)
    return {"y": torch.where(mask == 0, poison, y), "y_hat": y_hat.requires_grad_(), "mask": mask}


def value_and_gradient(loss, given):
    value = loss(**given)
    value.backward()
    return value.detach(), given["y_hat"].grad


HORIZON = torch.tensor([1.0, 2.0, 0.0, 1.0, 0.5])


@pytest.mark.parametrize("horizon", [None, HORIZON], ids=["plain", "weighted"])
@pytest.mark.parametrize(
    ("name", "theirs", "options"),
    [("l1_loss", MAE, {}), ("mse_loss", MSE, {}), ("huber_loss", HuberLoss, {"delta": 0.5})],
)
def test_the_value_and_gradient_of_neuralforecast(name, theirs, options, horizon):
    want = value_and_gradient(theirs(horizon_weight=horizon, **options), batch())
    ours = MaskedPointLoss(name, horizon_weight=horizon, **options)
    torch.testing.assert_close(value_and_gradient(ours, batch()), want)
    poisoned = value_and_gradient(ours, batch(math.nan))
    torch.testing.assert_close(poisoned, value_and_gradient(ours, batch()), rtol=0, atol=0)


@pytest.mark.parametrize("peer", [MSE, HuberLoss])
def test_nan_targets_of_the_peer(peer):
    """The page says so of neuralforecast 3.3; when it is mended, the page changes."""
    assert value_and_gradient(peer(), batch(math.nan))[1].isnan().any()


def test_no_target_is_available():
    given = batch(math.nan)
    value, gradient = value_and_gradient(
        MaskedPointLoss("mse_loss"), {**given, "mask": 0 * given["mask"]}
    )
    assert value == 0
    assert not gradient.any()


def test_the_function_and_its_name():
    given = batch()
    with torch.no_grad():
        assert MaskedPointLoss(ml.log_cosh_loss)(**given) == MaskedPointLoss("log_cosh_loss")(
            **given
        )


def test_mistakes():
    with pytest.raises(AttributeError, match="hubber_loss"):
        MaskedPointLoss("hubber_loss")
    with pytest.raises(TypeError, match="`loss` must be a loss of maskloss"):
        MaskedPointLoss(torch.nn.functional.mse_loss)
    with pytest.raises(TypeError, match="gaussian_nll_loss needs var"):
        MaskedPointLoss("gaussian_nll_loss")
    with pytest.raises(TypeError, match="unexpected keyword argument 'delat'; use `delta`"):
        MaskedPointLoss("huber_loss", delat=2.0)
    with pytest.raises(TypeError, match="`reduction` of `mse_loss` is set for each batch"):
        MaskedPointLoss("mse_loss", reduction="sum")


def test_a_model_is_trained_saved_and_loaded(tmp_path):
    hours = np.arange(96)
    table = pd.DataFrame(
        {
            "unique_id": 0,
            "ds": pd.date_range("2026-01-01", periods=len(hours), freq="h"),
            "y": np.sin(hours / 4),
            "available_mask": (hours % 5 > 0).astype(float),
        }
    )
    loss = MaskedPointLoss("huber_loss", delta=0.5, horizon_weight=torch.ones(4))
    quiet = {"logger": False, "enable_progress_bar": False, "enable_model_summary": False}
    model = MLP(
        h=4, input_size=8, hidden_size=8, loss=loss, max_steps=3, accelerator="cpu", **quiet
    )
    forecaster = NeuralForecast([model], freq="h")
    forecaster.fit(table)
    want = forecaster.predict()
    forecaster.save(str(tmp_path / "model"), overwrite=True)
    loaded = NeuralForecast.load(str(tmp_path / "model"))
    assert loaded.models[0].loss.options == {"delta": 0.5}
    pd.testing.assert_frame_equal(loaded.predict(), want)


def test_the_page_runs():
    pages.run("docs/faces/neuralforecast.md")
