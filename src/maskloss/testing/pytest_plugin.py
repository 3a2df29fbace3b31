"""A fixture for pytest, after ``pytest_plugins = ["maskloss.testing.pytest_plugin"]`` in conftest.

There is no entry point ``pytest11``: for a package that has one, pytest 9 rewrites the assertions
of all its modules, and their import takes 0.5 s instead of 0.2 s.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

import pytest

from .._arrays.typing import Array
from . import POISONS
from . import poison_unobserved as fill

__all__ = ["poison_unobserved"]


@pytest.fixture(params=POISONS)
def poison_unobserved(request: pytest.FixtureRequest) -> Callable[..., Array]:
    """Return `maskloss.testing.poison_unobserved` with a poison; the test runs once for each."""
    return functools.partial(fill, poison=request.param)
