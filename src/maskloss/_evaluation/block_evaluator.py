"""The evaluator of NumPy arrays: the observed entries, in batches that fit the cache.

Temporaries do not grow with the input, and results do not depend on the number of threads.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from .._arrays.namespace import Namespace
from .._arrays.typing import Array
from .._formula import Derivative, Formula, Results, Wanted
from .._fused.recording import Recording
from .._inputs.checked_call import CheckedCall
from .blocks import Blocks
from .fused_blocks import make_blocks
from .selection import Block
from .sums import Sums
from .tally import BlockResult
from .whole import WholeArrays


def evaluate_few(checked: CheckedCall, formula: Formula, wanted: Wanted) -> Results:
    """Return the results of a small call, computed at once with its unobserved entries."""
    with checked.xp.ignore_fp_errors():
        results = WholeArrays(checked, formula, wanted).results()
    return Results(*[each if each is None else _plain(each, checked.xp) for each in results])


def _plain(result: Any, xp: Namespace) -> Any:
    """Return a result as `evaluate_blocks` does: a plain NumPy array in C order."""
    if isinstance(result, Sums):
        return Sums(*map(_plain, result, (xp,) * len(result)))
    return xp.asarray(result, order="C") if result.ndim else result


def evaluate_blocks(
    checked: CheckedCall,
    formula: Formula,
    wanted: Wanted,
    recording: Recording | None = None,
    threads: int | None = None,
) -> Results:
    """Return the results as `evaluate_whole` does."""
    with checked.xp.ignore_fp_errors():
        return _evaluate(make_blocks(checked, formula, recording, threads), checked, wanted)


def _evaluate(blocks: Blocks, checked: CheckedCall, wanted: Wanted) -> Results:
    like, names = checked.prediction, wanted.derivatives
    outputs: dict[Derivative, Array] = {
        name: checked.xp.empty(like.shape, dtype=like.dtype) for name in names
    }
    waiting: list[BlockResult] = []

    def evaluate(block: Block) -> Iterator[BlockResult]:
        for result in blocks.results(block, wanted):
            waiting.append(result)
            yield result.sums()

    # A single block keeps its derivatives until the scale is known; several compute it first.
    scale = blocks.scale() if names and blocks.are_several else None
    results: Iterable[BlockResult]
    if names and scale is None:
        results = blocks.run(evaluate, blocks.all)
    else:
        factor = 1.0 if scale is None else scale
        results = blocks.put_all(wanted, factor, list(outputs.values()))
    total, tally = blocks.add_up(results)
    reduction = blocks.reduction(total, tally)
    if names and scale is None:
        scale = reduction.scale()
        for result in waiting:
            result.put(scale, outputs.values())
    return Results(
        value=reduction.result(total) if wanted.value else None,
        count=reduction.count() if wanted.count else None,
        **outputs,
    )
