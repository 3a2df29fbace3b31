"""Forecast twelve hours of air pressure whose gaps are its own, with a model of neuralforecast.

Masking must be better than gaps filled by 0, and than series cut at the gaps. It is not better than
the last reading carried on: most gaps last an hour or two, and the pressure hardly moves.
"""

import gaps
import numpy as np
import pandas as pd
import pressure
from forecaster import fitted


def table(columns, masks):
    """Return the table of series; each is a column and a mask."""
    parts = [
        pd.DataFrame(
            {
                "unique_id": f"{number:04}",
                "ds": pd.date_range("2013-01-01", periods=len(column), freq="h"),
                "y": column,
                "available_mask": mask.astype("float32"),
            }
        )
        for number, (column, mask) in enumerate(zip(columns, masks, strict=True))
    ]
    return pd.concat(parts)


def score(columns, masks, seed):
    """Fit to the given series, and return the error of the forecasts."""
    sizes = {"horizon": pressure.HORIZON, "past": pressure.PAST}
    forecaster = fitted(table(columns, masks), **sizes, steps=300, seed=seed)
    past, future = pressure.windows()
    forecasts = forecaster.predict(table(past, np.ones_like(past)))["MLP"].to_numpy()
    return pressure.error(forecasts.reshape(future.shape), future)


if __name__ == "__main__":
    values = pressure.readings()[: pressure.TRAINED]
    seen, everything = ~np.isnan(values).T, np.ones(values.T.shape)
    filled, pieces = pressure.filled(values).T, pressure.stretches(values)
    ways = {
        "masked": (filled, seen),  # the past of a window is filled, and the targets are not
        "missing as 0": (np.nan_to_num(values).T, everything),
        "series cut at the gaps": (pieces, [np.ones(len(piece)) for piece in pieces]),
        "missing as the last": (filled, everything),
    }
    runs = [{name: score(*given, seed) for name, given in ways.items()} for seed in gaps.SEEDS]
    gaps.report(runs, "mean absolute error", sign=-1, beside=["missing as the last"])
