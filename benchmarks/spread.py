"""The median of some measurements, between their quartiles."""

import statistics


def quartiles(values):
    """Return the lower quartile, the median and the upper quartile; one value is all three."""
    return statistics.quantiles([*values] * 2, n=4, method="inclusive")
