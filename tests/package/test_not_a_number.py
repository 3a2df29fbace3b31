"""A NaN passes no check: comparisons with it are false, and Python's `max` may drop it."""

import importlib

import numpy as np
import pytest
from numpy import nan

import maskloss as ml
from maskloss._arrays.support import backend as support
from maskloss._cli import main

NUMPY = support("numpy")


@pytest.mark.parametrize("part", [0, 1], ids=["value", "gradient"])
def test_the_doctor_disagrees_with_nan(part, monkeypatch, capsys):
    module = importlib.import_module("maskloss._cli._doctor")
    epsilons, calls = module._epsilons, []

    def ruined(found, expected):
        calls.append(found)
        is_ruined = len(calls) % 2 == (part + 1) % 2
        return epsilons(found * np.float32(nan) if is_ruined else found, expected)

    monkeypatch.setattr(module, "BACKENDS", (NUMPY,))
    monkeypatch.setattr(module, "_epsilons", ruined)
    assert main(["doctor"]) == 1
    out = capsys.readouterr().out
    assert "disagrees" in out
    assert "nan" in out


@pytest.mark.parametrize(("value", "gradient"), [(0.0, nan), (nan, 0.0), (nan, nan)])
def test_a_finding_of_nan_is_no_agreement(value, gradient):
    module = importlib.import_module("maskloss._cli._doctor")
    assert not module._Finding("mse_loss", value, gradient).agrees


@pytest.mark.parametrize(
    "keywords",
    [
        {"alpha": 1.0, "beta": 0.0, "gamma": -1e5},
        {"alpha": -1e308, "beta": 1e308, "gamma": -1e5},
        {"alpha": 0.0, "beta": 1.0, "gamma": -1e5},
    ],
    ids=str,
)
def test_weights_of_rows_are_finite(backend, keywords):
    labels = backend.asarray(np.asarray([[1, 0], [1, -1]]))
    with pytest.raises(ValueError, match=r"`gamma`.*a weight is finite"):
        ml.partial_label_weight(labels, missing=-1, **keywords)
