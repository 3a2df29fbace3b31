"""What a loss returned, compared bit by bit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

import numpy as np

from .._arrays.kinds import is_number, type_name
from .._arrays.lookup import is_array
from .._arrays.typing import Array
from ._gradients import differentiation_of
from ._poison import as_numpy

Gradient = Callable[..., Any] | Literal["auto"] | None


def results_of(
    loss: Callable[..., Any], grad: Gradient, mask: Array, arrays: Mapping[str, Array]
) -> dict[str, Array]:
    """Return value and derivatives by their names in messages."""
    prediction, labels, *_ = arrays.values()
    more = {name: a for name, a in arrays.items() if name not in {"prediction", "labels"}}
    call = _caller(loss, labels, {"mask": mask, **more})
    if grad == "auto" and (differentiate := differentiation_of(prediction)):
        value, gradient = differentiate(call, prediction)
        return {"value": value, "gradient": gradient}
    results = {"value": call(prediction)}
    if callable(grad):
        found = grad(prediction, labels, mask=mask, **more)
        parts = found if isinstance(found, tuple) else (found,)
        names = ["gradient"] if len(parts) == 1 else [f"grad[{k}]" for k in range(len(parts))]
        results |= zip(names, map(_as_array, parts), strict=True)
    return results


def _caller(loss: Callable[..., Any], labels: Array, more: Mapping[str, Array]) -> Any:
    """Return the loss as a function of the prediction."""
    return lambda prediction: _as_array(loss(prediction, labels, **more))


def _as_array(result: Any) -> Array:
    if is_array(result):
        return result
    if is_number(result):
        return np.asarray(result)
    msg = f"the loss must return an array or a number, got {type_name(result)}"
    raise TypeError(msg)


def difference(want: Array, got: Array) -> str | None:
    """Return how a result has changed, or None if it has the same bits."""
    before, after = _shape_and_dtype(want), _shape_and_dtype(got)
    if before != after:
        return f"changes from {before} to {after}"
    is_same = (want == got) | ((want != want) & (got != got))  # noqa: PLR0124 - NaN
    where = np.argwhere(~as_numpy(is_same))
    if not len(where):
        return None
    first = tuple(map(int, where[0]))
    text = f"changes from {_shown(want[first])} to {_shown(got[first])}"
    return f"{text} at {first}, the first of {len(where)} changes" if first else text


def fault(name: str, result: Array, known: Any) -> str | None:
    """Return what is wrong with a result of the arrays as they are, or None."""
    where = np.argwhere(as_numpy((result - result) != 0))
    if len(where):
        first = tuple(map(int, where[0]))
        at = f" at {first}" if first else ""
        return f"the {name} is {_shown(result[first])}{at}, of the arrays as they are"
    if name == "value" or tuple(result.shape) != known.shape:
        return None
    where = np.argwhere(as_numpy(result != 0) & ~known)
    if not len(where):
        return None
    first = tuple(map(int, where[0]))
    return f"the {name} is {_shown(result[first])} at {first}, where nothing is observed"


def _shape_and_dtype(array: Array) -> str:
    return f"{array.dtype} of shape {tuple(array.shape)}"


def _shown(number: Array) -> str:
    return f"{float(number) + 0.0:.6g}"  # 0 in place of -0
