"""What the tests of linear layers ask for by name."""

import pytest

from maskloss._linear import layer as _linear_layer


@pytest.fixture
def few_rows_at_a_time(monkeypatch):
    """Of seven or twelve rows, all observed ones make several chunks."""
    monkeypatch.setattr(_linear_layer, "CHUNK_LOGITS", 0)
    monkeypatch.setattr(_linear_layer, "_LEAST_ROWS", 3)
