"""The means of verl, as keywords of a loss of tokens."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from .._inputs.options import check_choice

_MODES = (
    "token-mean",
    "token-sum",
    "seq-mean-token-sum",
    "seq-mean-token-sum-norm",
    "seq-mean-token-mean",
)


def keywords_of_mean(
    mode: str,
    mask: Tensor,
    weights: Tensor | None,
    *,
    dp_size: int = 1,
    batch_num_tokens: float | None = None,
    global_batch_size: float | None = None,
    loss_scale_factor: float | None = None,
) -> dict[str, Any]:
    """Return the keywords `weight`, `divisor` and `reduction` of a mean of verl.

    The numbers are verl's ``global_batch_info``. Engines average gradients over `dp_size`
    processes, by which verl multiplies.
    """
    check_choice("loss_agg_mode", mode, _MODES)
    if mode == "token-sum":
        return {"weight": weights, "divisor": 1 / dp_size}
    if mode == "token-mean":
        tokens = _whole("batch_num_tokens", batch_num_tokens, dp_size)
        return {"weight": weights, "divisor": tokens}
    tokens = mask.sum(dim=-1, keepdim=True)
    sequences = _whole("global_batch_size", global_batch_size, dp_size)
    if sequences is None:
        sequences = (tokens > 0).sum().clamp(min=1)
    if mode == "seq-mean-token-mean":
        share = 1 / tokens.clamp(min=1)
        weights = share if weights is None else weights * share
    elif mode == "seq-mean-token-sum-norm":
        sequences = sequences * (loss_scale_factor or mask.shape[-1])
    return {"weight": weights, "divisor": sequences}


def _whole(name: str, number: Any, processes: int) -> Any:
    """Return the share of one process in a count over all; None if only this process counts."""
    if number is None and processes > 1:
        msg = f"`{name}`, a count over all processes, must be given where dp_size is {processes}"
        raise ValueError(msg)
    return None if number is None else number / processes
