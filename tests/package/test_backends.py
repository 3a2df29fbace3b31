"""Every array library that was asked for is installed, and known wherever it must be."""

import numpy as np

from helpers.choice import SLOW
from helpers.frameworks import FRAMEWORKS
from maskloss._arrays.support import BACKENDS
from maskloss.testing._gradients import differentiation_of

DIFFERENTIATES = {b.name for b in BACKENDS if "autodiff" in b.transforms}


def test_no_backend_that_was_asked_for_is_missing(chosen_backends):
    """A library that is not installed is a failure, never a skip."""
    missing = [b.name for b in BACKENDS if b.name in chosen_backends and not b.is_installed]
    assert not missing, f"install {missing}, or choose others by --array-backend"


def test_the_tests_know_the_transforms_of_each_library_that_has_some():
    assert {*FRAMEWORKS} == DIFFERENTIATES, "edit FRAMEWORKS in tests/helpers/frameworks.py"


def test_the_assertion_differentiates_in_each_library_that_can(backend):
    found = differentiation_of(backend.asarray(np.zeros(2)))
    advice = "edit differentiation_of in src/maskloss/testing/_gradients.py"
    assert (found is not None) == (backend.name in DIFFERENTIATES), advice


def test_the_slow_libraries_are_libraries():
    assert {b.name for b in BACKENDS} >= SLOW
