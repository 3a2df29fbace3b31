"""The evaluator of kernels: a formula in closed form, compiled by `torch.compile`.

Two programs are compiled for calls alike: one for the value, and one for the gradient of the
backward pass, which computes the slope anew. So autograd keeps nothing but the arguments, and a
call moves no more memory than one that keeps the slope.
"""

from __future__ import annotations

import functools
import itertools
import types
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import replace
from typing import Any

import torch

from .._arrays.kinds import scalar
from .._arrays.torch_inductor import xp
from .._formula import Formula, Results, Wanted
from .._fused.fallback import warn_once
from .._fused.record import formula_key
from .._inputs.checked_call import CheckedCall
from .._inputs.dtypes import as_number
from .torch_autograd import arrays_of, attach, with_arrays
from .torch_slopes import Slopes
from .whole import WholeArrays

# Compiling takes seconds, and a schedule of an option has another value in each step.
MOST_OF_FORMULA = 16


class NotCompiledError(Exception):
    """The kernels of a call cannot be made, or are not worth the time.

    Parameters
    ----------
    reason : str
        Why.
    program : _Program, optional
        The program that failed.
    """

    def __init__(self, reason: str, program: _Program | None = None) -> None:
        super().__init__(reason)
        self._program = program

    def warn(self) -> None:
        """Warn once that a right call is computed without kernels, and try no more for its like.

        A wrong call fails to compile too, and says nothing about right ones of the same kind.
        """
        if self._program is not None:
            self._program.error = str(self)
        warn_once(f"this loss is computed without compiled kernels: {self}")


def can_compile(checked: CheckedCall) -> bool:
    """Return whether kernels can compute a call: it has elements, and they have values."""
    prediction = checked.prediction
    is_dense = checked.is_placed is None and checked.classes is checked.layout
    return is_dense and prediction.device.type != "meta" and 0 not in prediction.shape


def evaluate_by_kernels(checked: CheckedCall, formula: Formula, wanted: Wanted) -> Results:
    """Return the results as `evaluate_whole` does."""
    is_tracked = torch.is_grad_enabled() and checked.prediction.requires_grad
    checked = _with_divisor_as_tensor(checked)
    asked = wanted._replace(value=True) if is_tracked else wanted
    kernels = _kernels_of(checked, formula, asked)
    results, scale = kernels.results(checked)
    if not is_tracked:
        return results
    value = attach(checked, formula, results.value, Slopes([scale], kernels.gradient))
    return results._replace(value=value if wanted.value else None)


class Kernels:
    """The programs of calls that differ in nothing but the values and sizes of their tensors.

    Parameters
    ----------
    fixed : CheckedCall
        The call with None in place of its tensors.
    """

    def __init__(self, fixed: CheckedCall, formula: Formula, wanted: Wanted) -> None:
        def whole_of(tensors: Sequence[Any], wanted: Wanted) -> WholeArrays:
            call = with_arrays(fixed, tensors)
            layout = replace(call.layout, shape=tuple(call.prediction.shape))
            return WholeArrays(call._replace(layout=layout, classes=layout), formula, wanted)

        def results(*tensors: Any) -> tuple[Results, torch.Tensor | None]:
            whole = whole_of(tensors, wanted)
            scale = whole.reduction.scale()
            return whole.results(), scale if isinstance(scale, torch.Tensor) else None

        def gradient(
            scale: torch.Tensor | None, grad_output: torch.Tensor, *tensors: Any
        ) -> torch.Tensor:
            whole = whole_of(tensors, Wanted(slope=True))
            factor = whole.reduction.scale() if scale is None else scale
            slopes = whole.scaled("slope", whole.reduction.spread(grad_output) * factor)
            return slopes.to(tensors[0].dtype)

        self._results, self._gradient = _Program(results), _Program(gradient)

    def results(self, checked: CheckedCall) -> tuple[Results, torch.Tensor | None]:
        """Return the results, and the factor of the slopes; None if it depends on no values."""
        found: tuple[Results, torch.Tensor | None] = self._results(*_aliases(arrays_of(checked)))
        return found

    def gradient(
        self,
        kept: Sequence[torch.Tensor | None],
        arrays: Sequence[Any],
        grad_output: torch.Tensor,
    ) -> torch.Tensor | None:
        """Return the gradient with respect to the prediction; None if it cannot be compiled."""
        try:
            gradient: torch.Tensor = self._gradient(
                kept[0], grad_output.detach(), *_aliases(arrays)
            )
        except NotCompiledError as error:
            error.warn()
            return None
        return gradient


def compile_whole(function: Callable[..., Any]) -> Any:
    """Return a compiled function, whose bits do not depend on what is fastest on a device."""
    return torch.compile(function, fullgraph=True, options={"deterministic": True})


class _Program:
    """A function that is compiled when it is first called, and for other sizes if need be."""

    _number = itertools.count()

    def __init__(self, function: types.FunctionType | Callable[..., Any]) -> None:
        # Dynamo (torch 2.13) counts the compilations of a code, and keeps them with it. Closures
        # share theirs.
        code, name = function.__code__, f"{function.__name__}_{next(self._number)}"
        own = types.FunctionType(
            code.replace(co_name=name), function.__globals__, name, None, function.__closure__
        )
        self._compiled: Any = compile_whole(own)
        self.error = ""

    def __call__(self, *arguments: Any) -> Any:
        if self.error:
            raise NotCompiledError(self.error)
        try:
            with torch.no_grad():
                return self._compiled(*arguments)
        except torch.OutOfMemoryError:
            raise
        except torch._dynamo.exc.FailOnRecompileLimitHit as error:  # noqa: SLF001 - no public name
            # What it has been compiled for goes on.
            msg = "it has been compiled for many other layouts and sizes of its arrays"
            raise NotCompiledError(msg) from error
        except Exception as error:  # of any kind, such as that of a C++ compiler
            reason = " ".join(str(error).split())[:300]
            raise NotCompiledError(reason, self) from error


def _aliases(arrays: Iterable[Any]) -> list[Any]:
    """Return arrays outside of any graph, in whose first axis a program may have any size."""
    aliases = [each.detach() if isinstance(each, torch.Tensor) else each for each in arrays]
    first = aliases[0].shape[:1]
    for each in aliases:
        if isinstance(each, torch.Tensor) and 1 not in first and each.shape[:1] == first != ():
            torch._dynamo.maybe_mark_dynamic(each, 0)  # noqa: SLF001 - a public function
    return aliases


def _with_divisor_as_tensor(checked: CheckedCall) -> CheckedCall:
    """Return the call with a tensor in place of a number, which may be another one in each step."""
    divisor = checked.settings.divisor
    if scalar(divisor) is None:
        return checked
    tensor = as_number(checked.xp, "divisor", divisor, checked.dtype, checked.prediction)
    return checked._replace(settings=checked.settings._replace(divisor=tensor))


def _kernels_of(checked: CheckedCall, formula: Formula, wanted: Wanted) -> Kernels:
    """Return the programs of a call; calls alike share them."""
    arrays = arrays_of(checked)
    kinds = [
        (each.dtype, each.ndim, each.device) if isinstance(each, torch.Tensor) else repr(each)
        for each in arrays
    ]
    # Numbers and None are fixed; tensors are given for each call.
    fixed = with_arrays(
        checked, [None if isinstance(each, torch.Tensor) else each for each in arrays]
    )
    layout = replace(fixed.layout, shape=())
    fixed = fixed._replace(xp=xp, layout=layout, classes=layout)
    of_formula = formula_key(formula)
    # As text, in which NaN equals itself.
    key = of_formula, layout, fixed.spec, fixed.dtype, repr(fixed.settings), tuple(kinds), wanted
    try:
        found = _KERNELS.get(key)
    except TypeError as error:
        msg = f"an option cannot be hashed: {error}"
        raise NotCompiledError(msg) from None
    return found or _make(key, formula, fixed, wanted)


_KERNELS: dict[Hashable, Kernels] = {}
_NUMBERS: Counter[str] = Counter()


def _make(key: Hashable, formula: Any, fixed: CheckedCall, wanted: Wanted) -> Kernels:
    function = formula.func if isinstance(formula, functools.partial) else formula
    name = f"{function.__module__}.{getattr(function, '__qualname__', '')}"
    if _NUMBERS[name] == MOST_OF_FORMULA:
        msg = f"it has been compiled for {MOST_OF_FORMULA} other sets of options and dtypes"
        raise NotCompiledError(msg)
    _NUMBERS[name] += 1
    return _KERNELS.setdefault(key, Kernels(fixed, formula, wanted))
