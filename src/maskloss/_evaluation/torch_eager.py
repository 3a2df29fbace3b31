"""The bridge from eager CPU tensors of torch to the evaluators of NumPy arrays.

A tensor and its NumPy array share their memory.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
import torch

from .._arrays.numpy import xp as numpy_xp
from .._arrays.torch_private import are_functorch_transforms_active, is_forward_mode
from .._arrays.typing import Array
from .._formula import Formula, Results, Wanted
from .._fused.recording import Recording
from .._inputs.checked_call import CheckedCall
from .._inputs.missing import Missing, as_tuple, numbers_of
from .block_evaluator import evaluate_blocks, evaluate_few
from .choose import Evaluator, Situation
from .fused_blocks import make_blocks
from .reduction import Reduction
from .selection import Block
from .sums import Sums
from .tally import BlockResult
from .torch_autograd import arrays_of, attach, with_arrays
from .torch_slopes import Slopes, compact, slopes_of_blocks, slopes_of_whole
from .whole import WholeArrays

_DTYPES = frozenset(
    {torch.bool, torch.int8, torch.int16, torch.int32, torch.int64}
    | {torch.uint8, torch.uint16, torch.uint32, torch.uint64}
    | {torch.bfloat16, torch.float16, torch.float32, torch.float64}
)


def situation_of_tensors(
    checked: CheckedCall, wanted: Wanted, *, is_few: bool, recording: Recording | None
) -> Situation:
    """Return the situation of a call on tensors, for the choice of its evaluator."""
    others = other_tensors(checked)
    return Situation(
        "tensor",
        is_shared=all(map(is_in_memory, [checked.prediction, *others])),
        is_transformed=is_transformed(),
        needs_graph=needs_graph([checked.prediction], others, wanted),
        is_few=is_few,
        recording=recording,
    )


def needs_graph(inputs: list[torch.Tensor], others: list[torch.Tensor], wanted: Wanted) -> bool:
    """Return whether autograd needs more than first derivatives with respect to the inputs."""
    if not torch.is_grad_enabled():
        return False
    # Not `any`, whose generator costs a call for each tensor.
    if True in [tensor.requires_grad for tensor in others]:
        return True
    return bool(wanted.derivatives) and any(tensor.requires_grad for tensor in inputs)


def evaluate_tensors(
    checked: CheckedCall,
    formula: Formula,
    wanted: Wanted,
    evaluator: Evaluator,
    recording: Recording | None,
) -> Results:
    """Return the results as `evaluate_whole` does."""
    host = on_host(checked)
    if torch.is_grad_enabled() and checked.prediction.requires_grad:
        run = _run_few if evaluator is Evaluator.FEW else partial(_run_blocks, recording=recording)
        value, reduction = _evaluate_and_attach(checked, host, formula, wanted, run)
        count = as_tensors(reduction.count()) if wanted.count else None
        return Results(value=value if wanted.value else None, count=count)
    if evaluator is Evaluator.FEW:
        results = evaluate_few(host, formula, wanted)
    else:
        threads = torch.get_num_threads()
        results = evaluate_blocks(host, formula, wanted, recording, threads)
    results = Results(*(None if each is None else as_tensors(each) for each in results))
    dtype = checked.prediction.dtype
    narrow = {name: getattr(results, name).to(dtype) for name in wanted.derivatives}
    return results._replace(**narrow)


def other_tensors(checked: CheckedCall) -> list[torch.Tensor]:
    """Return all tensors of a call except the prediction."""
    return [array for array in arrays_of(checked)[1:] if isinstance(array, torch.Tensor)]


def is_transformed() -> bool:
    """Return whether a transform is active that may have wrapped a tensor."""
    return is_forward_mode() or bool(are_functorch_transforms_active())


def is_in_memory(tensor: torch.Tensor) -> bool:
    """Return whether NumPy can read a tensor; bfloat16 needs a copy."""
    is_strided = tensor.layout is torch.strided and not tensor.is_neg()
    return is_strided and tensor.dtype in _DTYPES and tensor.is_cpu


def on_host(checked: CheckedCall) -> CheckedCall:
    """Return the same call with NumPy arrays that share the tensors' memory."""
    arrays = map(as_numpy, arrays_of(checked))
    dtype = np.float64 if checked.dtype == torch.float64 else np.float32
    host = with_arrays(checked, arrays, xp=numpy_xp, dtype=dtype)
    settings = host.settings
    if settings.missing is not None and checked.labels.values.dtype is torch.bfloat16:
        return host._replace(settings=settings._replace(missing=_rounded(settings.missing)))
    return host


def _rounded(missing: Missing) -> Missing:
    """Round what means missing to bfloat16, to equal labels in float32 that were rounded to it."""
    rounded = torch.tensor(numbers_of(missing), dtype=torch.bfloat16, device="cpu").tolist()
    pairs = zip(rounded, as_tuple(missing), strict=True)
    return tuple(value if math.isinf(number) else number for number, value in pairs)


def as_numpy(value: Any) -> Any:
    """Return a tensor as a NumPy array, sharing memory except for bfloat16; else `value`."""
    if not isinstance(value, torch.Tensor):
        return value
    value = value.detach() if value.requires_grad else value
    return (value.float() if value.dtype is torch.bfloat16 else value).numpy()


def as_tensors(value: Any) -> Any:
    """Return a NumPy result as tensors that share its memory."""
    if isinstance(value, Sums):
        return Sums(*map(as_tensors, value))
    return torch.from_numpy(np.asarray(value))


def _evaluate_and_attach(
    checked: CheckedCall,
    host: CheckedCall,
    formula: Formula,
    wanted: Wanted,
    run: Callable[..., tuple[Array | Sums, Reduction, Slopes]],
) -> tuple[Array | Sums, Reduction]:
    """Return the value and its reduction; the slopes are attached for the backward pass."""
    with numpy_xp.ignore_fp_errors():
        wanted = Wanted(value=True, slope=True, count=wanted.count)
        value, reduction, slopes = run(host, formula, wanted)
    return attach(checked, formula, as_tensors(value), slopes), reduction


def _run_few(
    host: CheckedCall, formula: Formula, wanted: Wanted
) -> tuple[Array | Sums, Reduction, Slopes]:
    whole = WholeArrays(host, formula, wanted)
    return whole.value(), whole.reduction, slopes_of_whole(whole, host.layout)


def _run_blocks(
    host: CheckedCall, formula: Formula, wanted: Wanted, recording: Recording | None
) -> tuple[Array | Sums, Reduction, Slopes]:
    blocks = make_blocks(host, formula, recording, torch.get_num_threads())

    def evaluate(block: Block) -> list[BlockResult]:
        return [compact(result) for result in blocks.results(block, wanted)]

    def each_kept() -> Iterator[BlockResult]:
        for result in blocks.run(evaluate, blocks.all):
            kept.append(BlockResult(result.selection, 0.0, 0, None, result.derivatives))
            yield result

    kept: list[BlockResult] = []
    total, tally = blocks.add_up(each_kept())
    reduction = blocks.reduction(total, tally)
    return reduction.result(total), reduction, slopes_of_blocks(kept, reduction)
