"""The modules and the public names of the package."""

import inspect
from pathlib import Path

import maskloss as ml
from maskloss._arrays.support import BACKENDS, UNTESTED
from maskloss._public import records

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "maskloss"
MODULES = sorted(SOURCE.rglob("*.py"))
LIBRARIES = (*UNTESTED, *(backend.name for backend in BACKENDS))
TRANSFORMS = {ml.grad_and_hessian, ml.value_and_grad}
FUNCTIONS = [getattr(ml, name) for name in ml.__all__ if inspect.isfunction(getattr(ml, name))]
FUNCTIONS = [value for value in FUNCTIONS if value not in TRANSFORMS]
LOSSES = [record.function for record in records()]
