"""The choice of the evaluator of a call; `_linear.evaluate` chooses for layers.

Which function runs an evaluator on the arrays of a library follows from the mode, in `evaluate`.
Two things are decided later, where more is known: which derivative whole arrays have for automatic
differentiation (`whole._differentiable`), and that chunks take the place of kernels that do not
compile (`torch_device`).
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from .._arrays.namespace import Mode
from .._fused.recording import Recording


class Evaluator(Enum):
    """The ways to evaluate a call."""

    WHOLE = "whole arrays of the library, with static shapes"
    KERNELS = "kernels that a compiler makes of the formula, on an accelerator"
    CHUNKS = "chunks of rows on an accelerator, without a graph"
    FEW = "whole arrays of NumPy in the host's memory"
    BLOCKS = "blocks of observed entries in the host's memory"
    LOOPS = "compiled loops over blocks in the host's memory"


class Situation(NamedTuple):
    """The properties of a call on which the choice depends.

    Attributes
    ----------
    mode : str
        How the library computes with the prediction, as `Namespace.mode` says.
    splits : bool
        Whether the call has several entries, and the loss of each depends on that entry alone.
    needs_whole_call : bool
        Whether an entry depends on elements of others, as in `Call`; it then does not split.
    is_shared : bool
        Whether NumPy can read every array of the call without a copy.
    is_transformed : bool
        Whether a transform is active that may have wrapped an array.
    needs_graph : bool
        Whether autograd needs more than the first derivative of the value with respect to the
        prediction.
    is_few : bool
        Whether blocks would take longer than whole arrays.
    recording : Recording, optional
        The expressions of the formula, if compiled loops are to compute them.
    has_kernels : bool
        Whether compiled kernels are to compute the call.
    """

    mode: Mode
    splits: bool = True
    needs_whole_call: bool = False
    is_shared: bool = True
    is_transformed: bool = False
    needs_graph: bool = False
    is_few: bool = False
    recording: Recording | None = None
    has_kernels: bool = False


def choose_evaluator(  # noqa: C901, PLR0911 - a table: each condition once, and its reason
    situation: Situation,
) -> tuple[Evaluator, str]:
    """Return the evaluator of a call, and the reason."""
    if situation.needs_whole_call:
        return Evaluator.WHOLE, "slopes of elements that entries share are scaled, then gathered"
    if situation.mode == "eager":
        return Evaluator.CHUNKS, "the library computes eagerly, without a graph"
    if situation.mode not in {"host", "tensor", "device"}:
        # Which mode is which: `Namespace.mode`, and its override in the file of the library.
        return Evaluator.WHOLE, f"arrays are {situation.mode}: only their library computes them"
    if situation.is_transformed:
        return Evaluator.WHOLE, "a transform needs the library's own operations"
    if situation.needs_graph:
        return Evaluator.WHOLE, "autograd needs a graph of the library's own operations"
    if situation.mode == "device":
        return _on_device(situation)
    if not situation.splits:
        return Evaluator.WHOLE, "an entry depends on others"
    if not situation.is_shared:
        return Evaluator.WHOLE, "an array lies outside the memory that NumPy can read"
    if situation.is_few:
        return Evaluator.FEW, "blocks of so few elements take longer than whole arrays"
    if situation.recording is not None:
        return Evaluator.LOOPS, "compiled loops are asked for"
    return Evaluator.BLOCKS, "observed entries are computed block by block"


def _on_device(situation: Situation) -> tuple[Evaluator, str]:
    if situation.has_kernels:
        return Evaluator.KERNELS, "compiled kernels are asked for"
    return Evaluator.CHUNKS, "an accelerator computes eagerly, without a graph"
