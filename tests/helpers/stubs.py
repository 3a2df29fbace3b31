"""Writes the stubs by which type checkers and editors see the classes of the faces.

``python tests/helpers/stubs.py torch keras`` (nox -s stubs) writes ``__init__.pyi`` of these faces;
a test of each face compares.
"""

import importlib
import inspect
import sys
from pathlib import Path

from maskloss._signatures import spelled

SOURCE = Path(__file__).parents[2] / "src" / "maskloss"
TORCH = '''\
"""Written by `nox -s stubs`."""

from types import EllipsisType
from typing import Literal

from torch import Tensor

from maskloss.torch._accumulation import AccumulatedMean as AccumulatedMean
from maskloss.torch._all_gather import all_gather as all_gather
from maskloss.torch._all_reduce import all_reduce as all_reduce
from maskloss.torch._module import LossModule as LossModule
from maskloss.torch._objectives import MultiObjective as MultiObjective
from maskloss.torch._trainer import compute_loss_func as compute_loss_func

__all__ = [
'''
KERAS = '''\
"""Written by `nox -s stubs`."""

from types import EllipsisType
from typing import Any, Literal

from maskloss.keras._base import MaskedLoss as MaskedLoss
from maskloss.keras._metrics import MaskedMetric as MaskedMetric

__all__ = [
'''
ARRAYS = {"torch": "Tensor", "keras": "Any"}


def stub(face):
    """Return the stub of a face."""
    module = importlib.import_module(f"maskloss.{face}")
    losses = importlib.import_module(f"maskloss.{face}._losses").classes()
    text = {"torch": TORCH, "keras": KERAS}[face]
    text += "".join(f'    "{name}",\n' for name in module.__all__) + "]\n"
    return text + "".join(_class(losses[name], ARRAYS[face]) for name in sorted(losses))


def _class(cls, array):
    parameters = [p for p in inspect.signature(cls).parameters.values() if p.name != "self"]
    return "\n".join(
        [
            f"\nclass {cls.__name__}({cls.__base__.__name__}):",
            f'    r"""{inspect.getdoc(cls).partition(chr(10))[0]}"""',
            "",
            "    def __init__(",
            "        self,",
            "        *,",
            *(f"        {_parameter(p, array)}," for p in parameters),
            "    ) -> None: ...\n",
        ]
    )


def _parameter(parameter, array):
    hint = parameter.annotation
    hint = hint if isinstance(hint, str) else spelled(hint)
    default = {parameter.empty: "", ...: " = ..."}.get(
        parameter.default, f" = {parameter.default!r}"
    )
    return f"{parameter.name}: {hint.replace('Array', array)}{default}"


if __name__ == "__main__":
    for name in sys.argv[1:]:
        (SOURCE / name / "__init__.pyi").write_text(stub(name), encoding="utf-8")
