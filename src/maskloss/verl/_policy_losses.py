"""The policy losses under the names that verl's `policy_loss.loss_mode` takes."""

from __future__ import annotations

from typing import Any

from torch import Tensor
from verl.trainer.ppo.core_algos import register_policy_loss

from .. import _public as ml
from ._means import keywords_of_mean


@register_policy_loss("maskloss_clip")  # type: ignore[untyped-decorator]
def clipped_policy_loss(
    old_log_prob: Tensor,
    log_prob: Tensor,
    advantages: Tensor,
    response_mask: Tensor,
    loss_agg_mode: str = "token-mean",
    config: Any = None,
    rollout_is_weights: Tensor | None = None,
) -> tuple[Tensor, dict[str, float]]:
    """Return the clipped loss of PPO with dual clip, as the mode ``"vanilla"`` of verl.

    It is registered as ``"maskloss_clip"``. The clipping comes from `config`: ``clip_ratio_low``,
    ``clip_ratio_high`` and ``clip_ratio_c``.

    Parameters
    ----------
    old_log_prob, log_prob : Tensor, shape (B, T)
        Log-probabilities of the tokens under the policy that sampled them, and under the policy.
    advantages : Tensor, shape (B, T)
        Advantages.
    response_mask : Tensor, shape (B, T)
        1 where a token counts, else 0. Under 0, every array may hold anything.
    loss_agg_mode : str
        The mean; one of verl's names.
    config : ActorConfig
        The actor's configuration.
    rollout_is_weights : Tensor, shape (B, T), optional
        Weights that correct for the rollout.

    Returns
    -------
    tuple of Tensor and dict
        The loss, and the metric ``"actor/ppo_kl"``.

    See Also
    --------
    maskloss.clipped_policy_loss : The formula.
    """
    low = config.clip_ratio if config.clip_ratio_low is None else config.clip_ratio_low
    options = {"epsilon_low": low, "epsilon_high": _high(config)}
    options["dual_clip"] = config.get("clip_ratio_c", 3.0)
    arrays = (old_log_prob, log_prob, advantages, response_mask, rollout_is_weights)
    return _reduced(arrays, loss_agg_mode, config, **options)


@register_policy_loss("maskloss_cispo")  # type: ignore[untyped-decorator]
def cispo_policy_loss(
    old_log_prob: Tensor,
    log_prob: Tensor,
    advantages: Tensor,
    response_mask: Tensor,
    loss_agg_mode: str = "token-mean",
    config: Any = None,
    rollout_is_weights: Tensor | None = None,
) -> tuple[Tensor, dict[str, float]]:
    """Return the loss of CISPO, whose ratio is bounded above by ``1 + clip_ratio_high``.

    It is registered as ``"maskloss_cispo"``. The mode ``"cispo"`` of verl also bounds the ratio
    below. Parameters and result are those of `clipped_policy_loss`.
    """
    arrays = (old_log_prob, log_prob, advantages, response_mask, rollout_is_weights)
    options = {"loss_type": "cispo", "epsilon_high": _high(config)}
    return _reduced(arrays, loss_agg_mode, config, **options)


@register_policy_loss("maskloss_sapo")  # type: ignore[untyped-decorator]
def sapo_policy_loss(
    old_log_prob: Tensor,
    log_prob: Tensor,
    advantages: Tensor,
    response_mask: Tensor,
    loss_agg_mode: str = "seq-mean-token-mean",
    config: Any = None,
    rollout_is_weights: Tensor | None = None,
) -> tuple[Tensor, dict[str, float]]:
    """Return the loss of SAPO, with the temperatures ``tau_pos`` and ``tau_neg`` of `config`.

    It is registered as ``"maskloss_sapo"``. Parameters and result are those of
    `clipped_policy_loss`.
    """
    arrays = (old_log_prob, log_prob, advantages, response_mask, rollout_is_weights)
    options: dict[str, Any] = {"loss_type": "sapo", "sapo_temperature_pos": config.tau_pos}
    options["sapo_temperature_neg"] = config.tau_neg
    return _reduced(arrays, loss_agg_mode, config, **options)


def _high(config: Any) -> float:
    high: float | None = config.clip_ratio_high
    return config.clip_ratio if high is None else high


def _reduced(
    arrays: tuple[Any, ...], mode: str, config: Any, **options: Any
) -> tuple[Tensor, dict[str, float]]:
    old, new, advantages, mask, weights = arrays
    mean = keywords_of_mean(mode, mask, weights, **config.global_batch_info)
    loss: Tensor = ml.clipped_policy_loss(new, old, advantages, mask=mask, **options, **mean)
    drift = ml.kl_penalty(old, new.detach(), mask=mask, estimator="k1")
    return loss, {"actor/ppo_kl": drift.item()}
