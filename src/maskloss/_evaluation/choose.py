"""The choice of the evaluator of a call, in one place."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from maskloss._arrays.namespace import Mode


class Evaluator(Enum):
    """The ways to evaluate a call."""

    WHOLE = "whole arrays of the library, with static shapes"
    FEW = "whole arrays in the host's memory, as NumPy's"
    BLOCKS = "blocks of observed entries in the host's memory"


class Situation(NamedTuple):
    """What the choice depends on.

    Attributes
    ----------
    mode : str
        How the prediction is computed with, as `Namespace.mode` says.
    splits : bool
        Whether the loss of an entry depends on that entry alone, and there are several.
    is_shared : bool
        Whether NumPy can read every array of the call where it lies.
    is_transformed : bool
        Whether a transform is at work that may have wrapped an array.
    needs_graph : bool
        Whether autograd wants more than the first derivative of the value with respect to the
        prediction.
    is_few : bool
        Whether blocks would take longer than whole arrays.
    """

    mode: Mode
    splits: bool = True
    is_shared: bool = True
    is_transformed: bool = False
    needs_graph: bool = False
    is_few: bool = False


def choose_evaluator(situation: Situation) -> tuple[Evaluator, str]:  # noqa: PLR0911
    """Return the evaluator of a call, and why it is that one."""
    if situation.mode not in {"host", "tensor"}:
        return Evaluator.WHOLE, f"arrays are {situation.mode}: only their library computes them"
    if not situation.splits:
        return Evaluator.WHOLE, "an entry depends on others"
    if situation.is_transformed:
        return Evaluator.WHOLE, "a transform needs the library's own operations"
    if not situation.is_shared:
        return Evaluator.WHOLE, "an array lies outside the memory that NumPy can read"
    if situation.needs_graph:
        return Evaluator.WHOLE, "autograd needs a graph of the library's own operations"
    if situation.is_few:
        return Evaluator.FEW, "blocks of so few elements take longer than whole arrays"
    return Evaluator.BLOCKS, "observed entries are computed block by block"
