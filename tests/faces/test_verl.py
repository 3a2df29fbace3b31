"""The policy losses registered with verl, against verl's own."""

import math

import pytest
import torch
from verl.trainer.ppo.core_algos import get_policy_loss_fn
from verl.workers.config import ActorConfig

import maskloss.verl as mv
from helpers import pages

pytestmark = pytest.mark.filterwarnings("ignore")

MODES = (
    "token-mean",
    "token-sum",
    "seq-mean-token-sum",
    "seq-mean-token-sum-norm",
    "seq-mean-token-mean",
)


def config(**options):
    sizes = {"strategy": "fsdp", "rollout_n": 1, "ppo_micro_batch_size_per_gpu": 1}
    return ActorConfig(**sizes, ppo_mini_batch_size=1, **options)


def batch(*, poison=0.0):
    """Return four answers, the last without a token that counts, and weights of the rollout."""
    generator = torch.Generator().manual_seed(0)
    mask = (torch.arange(5) < torch.tensor([5, 3, 1, 0])[:, None]).float()
    old, new, advantages = torch.randn(3, 4, 5, generator=generator)
    arrays = [torch.where(mask == 1, array, poison) for array in (old - 2, new - 2, advantages)]
    weights = torch.where(mask == 1, torch.rand(4, 5, generator=generator), 0.0)
    return arrays, mask, weights


def value_and_gradient(loss_mode, given, agg_mode, settings):
    (old, new, advantages), mask, weights = given
    new = new.clone().requires_grad_()
    loss, metrics = get_policy_loss_fn(loss_mode)(
        old_log_prob=old,
        log_prob=new,
        advantages=advantages,
        response_mask=mask,
        loss_agg_mode=agg_mode,
        config=settings,
        rollout_is_weights=weights,
    )
    loss.backward()
    return loss.detach(), new.grad, metrics["actor/ppo_kl"]


INFOS = [
    {},
    {"dp_size": 2, "batch_num_tokens": 17, "global_batch_size": 8, "loss_scale_factor": 40},
]


# The mode "sapo" of verl 0.9.1 has one mean, whatever `loss_agg_mode` says.
PEERS = [*(("clip", "vanilla", mode) for mode in MODES), ("sapo", "sapo", MODES[-1])]


@pytest.mark.parametrize("info", INFOS, ids=["alone", "two processes"])
@pytest.mark.parametrize(("ours", "theirs", "mode"), PEERS)
def test_the_value_and_gradient_of_verl(ours, theirs, mode, info):
    settings = config(clip_ratio_high=0.28)
    settings.global_batch_info.update(info)
    got = value_and_gradient(f"maskloss_{ours}", batch(), mode, settings)
    torch.testing.assert_close(got, value_and_gradient(theirs, batch(), mode, settings))


def test_cispo_without_a_lower_bound():
    settings = config(clip_ratio_low=1.0)  # so that verl has none either
    got = value_and_gradient("maskloss_cispo", batch(), "token-mean", settings)
    torch.testing.assert_close(got, value_and_gradient("cispo", batch(), "token-mean", settings))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", ["clip", "cispo", "sapo"])
def test_what_does_not_count_may_be_nan(name, mode):
    settings = config()
    want = value_and_gradient(f"maskloss_{name}", batch(), mode, settings)
    got = value_and_gradient(f"maskloss_{name}", batch(poison=math.nan), mode, settings)
    torch.testing.assert_close(got, want, rtol=0, atol=0)


def test_the_weights_are_optional():
    arrays, mask, weights = batch()
    settings = config()
    ones = value_and_gradient("maskloss_clip", (arrays, mask, mask), MODES[-1], settings)
    none = value_and_gradient("maskloss_clip", (arrays, mask, None), MODES[-1], settings)
    torch.testing.assert_close(none, ones)
    assert (
        none[0]
        != value_and_gradient("maskloss_clip", (arrays, mask, weights), "token-mean", settings)[0]
    )


def test_mistakes():
    (old, new, advantages), mask, _ = batch()
    settings = config()
    with pytest.raises(ValueError, match=r"`loss_agg_mode` must be one of 'token-mean'"):
        mv.clipped_policy_loss(old, new, advantages, mask, "mean", settings)
    settings.global_batch_info["dp_size"] = 2
    with pytest.raises(ValueError, match="`batch_num_tokens`, a count over all processes"):
        mv.clipped_policy_loss(old, new, advantages, mask, config=settings)


def test_no_token_counts():
    arrays, mask, weights = batch()
    for mode in MODES:
        value, gradient, _ = value_and_gradient(
            "maskloss_clip", (arrays, 0 * mask, weights), mode, config()
        )
        assert value == 0
        assert not gradient.any()


def test_the_page_runs():
    pages.run("docs/faces/verl.md")
