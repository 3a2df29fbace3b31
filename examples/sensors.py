"""Shared by the examples of forecasting: sensors that fail when it is hot."""

import numpy as np
import pandas as pd

HORIZON = 12
PAST = 48


def readings(seed, sensors=8, hours=600):
    """Return the true temperatures, a row per hour, and whether each was read."""
    rng = np.random.default_rng(seed)
    time = np.arange(hours)[:, None]
    day = np.sin(2 * np.pi * time / 24 + rng.uniform(0, 6, sensors))
    week = np.sin(2 * np.pi * time / 168 + rng.uniform(0, 6, sensors))
    true = (day + 0.5 * week + rng.normal(0, 0.2, (hours, sensors))).astype("float32")
    is_read = rng.uniform(size=true.shape) > np.where(true > 0.5, 0.8, 0.1)
    return true, is_read


def filled(values, is_read):
    """Return values whose gaps have the last reading of the sensor, or else the first one."""
    return pd.DataFrame(np.where(is_read, values, np.nan)).ffill().bfill().to_numpy("float32")
