"""Sums over virtual devices of JAX and replicas of TensorFlow."""

import pytest

from helpers.alone import output_of


@pytest.mark.long
def test_psum_of_sums_and_of_objectives_over_four_devices():
    pytest.importorskip("jax")
    flags = "--xla_force_host_platform_device_count=4"
    assert output_of("helpers.jax_devices", XLA_FLAGS=flags) == "done"


@pytest.mark.long
def test_sums_over_two_replicas_of_tensorflow():
    pytest.importorskip("tensorflow")
    assert output_of("helpers.tensorflow_replicas") == "2 True"
