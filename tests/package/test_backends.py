"""Every array library that was asked for is installed."""

from maskloss._arrays.support import BACKENDS


def test_no_backend_that_was_asked_for_is_missing(chosen_backends):
    """A library that is not installed is a failure, never a skip."""
    missing = [b.name for b in BACKENDS if b.name in chosen_backends and not b.is_installed]
    assert not missing, f"install {missing}, or choose others by --array-backend"
