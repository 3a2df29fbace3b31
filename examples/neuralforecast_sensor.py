"""Forecast twelve hours of a sensor that fails when it is hot, with a model of neuralforecast."""

import gaps
import numpy as np
import pandas as pd
import sensors
from forecaster import fitted
from sklearn.metrics import r2_score


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
    sizes = {"horizon": sensors.HORIZON, "past": sensors.PAST}
    forecaster = fitted(table(values, is_read), **sizes, steps=150, seed=seed)
    known, future = [], []
    for end in range(len(true) - 120, len(true) - sensors.HORIZON, sensors.HORIZON):
        window = table(true[:end], np.ones((end, true.shape[1])))
        known.append(forecaster.predict(window)["MLP"].to_numpy())
        future.append(true[end : end + sensors.HORIZON].T.ravel())
    return float(r2_score(np.concatenate(future), np.concatenate(known)))


if __name__ == "__main__":
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
