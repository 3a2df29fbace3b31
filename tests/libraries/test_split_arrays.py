"""Arrays whose parts lie in several processes or on several devices."""

import pytest

import maskloss as ml
from helpers.alone import output_of
from tables.cases import KINDS, RICH


@pytest.mark.long
def test_every_case_of_dtensors_equals_that_of_plain_tensors():
    pytest.importorskip("torch")
    number = 2 * len(RICH) + sum(case in KINDS for case in RICH)
    assert output_of("helpers.dtensor_ranks") == f"{number} compared"


@pytest.mark.long
def test_explicitly_sharded_arrays_of_jax():
    pytest.importorskip("jax", minversion="0.7")  # for `jax.sharding.reshard`
    flags = "--xla_force_host_platform_device_count=9"
    assert output_of("helpers.jax_shards", XLA_FLAGS=flags) == "19 compared"


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A prediction of one process."""
    torch = pytest.importorskip("torch")
    tensor = pytest.importorskip("torch.distributed.tensor")
    file = tmp_path_factory.mktemp("group") / "file"
    torch.distributed.init_process_group("gloo", init_method=f"file://{file}", rank=0, world_size=1)
    mesh = tensor.init_device_mesh("cpu", (1,))
    yield tensor.distribute_tensor(torch.ones(2, 3), mesh, [tensor.Shard(0)])
    torch.distributed.destroy_process_group()


def test_what_is_not_computed_is_refused(whole):
    import torch

    plain = torch.ones(2, 3)
    with pytest.raises(TypeError, match="make `input` a DTensor by `distribute_tensor`"):
        ml.mse_loss(plain, whole)
    with pytest.raises(TypeError, match="a DTensor on the mesh of `input` by `distribute_tensor`"):
        ml.mse_loss(whole, plain.numpy())
    with pytest.raises(TypeError, match="DTensor"):
        ml.mse_loss(whole, ml.Observed(torch.tensor([1]), torch.tensor([0.0])))
    with pytest.raises(TypeError, match="make `features` a DTensor by `distribute_tensor`"):
        ml.linear_cross_entropy(plain, whole, labels=torch.tensor([0, 1]))
