"""All calls by compiled loops where one can be made."""

import pytest

import maskloss as ml
from maskloss._evaluation import block_size


@pytest.fixture(autouse=True)
def by_loops(monkeypatch):
    monkeypatch.setattr(block_size, "FEW_OPERATIONS", -1)
    with ml.fused():
        yield
