"""What the tests of the eager evaluator ask for by name."""

import pytest

from helpers.eager import blocks_of
from helpers.problems import Problem


@pytest.fixture
def many_blocks():
    with blocks_of(7):
        yield


@pytest.fixture
def problem(backend, case):
    """Return a problem whose prediction is a leaf that wants a gradient."""
    problem = Problem.make(backend, case)
    return problem.replace(x=problem.x.requires_grad_())
