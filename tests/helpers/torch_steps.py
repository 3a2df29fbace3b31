"""Batches with ever more gaps."""

import math

import torch

NAN = math.nan


def table(rows):
    """Features, and targets of which the later rows have ever fewer."""
    generator = torch.Generator().manual_seed(0)
    x, y = torch.randn(rows, 3, generator=generator), torch.randn(rows, 2, generator=generator)
    y[torch.rand(y.shape, generator=generator) < torch.linspace(0, 1, rows)[:, None]] = NAN
    return x, y
