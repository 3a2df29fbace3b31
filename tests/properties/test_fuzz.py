"""A few random calls; `nox -s fuzz` makes many."""

import pytest

from fuzz.check import check
from maskloss._arrays.support import backend

# Eager JAX compiles each operation for each shape: its first 100 calls take a minute.
CALLS = {"numpy": 300, "torch": 300, "jax": 6}


@pytest.mark.parametrize("name", CALLS)
def test_random_calls(chosen_backends, name):
    if name not in chosen_backends:
        pytest.skip(f"{name} is not chosen")
    for number in range(CALLS[name]):
        check(backend(name), 0, number)
