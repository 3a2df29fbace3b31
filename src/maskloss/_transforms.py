"""Derivatives in closed form, on every array library, without automatic differentiation."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, ParamSpec

from ._arrays.namespace import no_autograph
from ._arrays.typing import Array
from ._docstrings import document
from ._formula import Wanted
from ._inputs.options import check_flag
from ._registry import evaluator

P = ParamSpec("P")
_document = document(
    loss_and_indexed="""\
loss : callable
    A loss of maskloss, a `MultiObjective` of them, or a `functools.partial` of one.
indexed : bool, default: False
    Return derivatives only at the positions of `Observed` labels, as `Observed` in the same
    order."""
)


@no_autograph
@_document
def value_and_grad(
    loss: Callable[P, Array], *, indexed: bool = False
) -> Callable[P, tuple[Array, Array]]:
    """Return a function that takes the arguments of `loss` and returns its value and gradient.

    Parameters
    ----------
    **loss_and_indexed

    Returns
    -------
    callable
        Returns ``(value, gradient)``. The gradient is the derivative of the sum of the value (with
        ``reduction="sums"``, of its total) with respect to the prediction. It has the shape and
        dtype of the prediction, and is exactly 0 where nothing is observed. An objective has one
        gradient of its total for each of its predictions.

    Raises
    ------
    TypeError
        If `loss` is not a loss of maskloss.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> logits = np.asarray([[0.0, 2.0], [np.nan, -1.0]])
    >>> labels = np.asarray([[1.0, 0.0], [-1.0, 0.0]])
    >>> bce = ml.value_and_grad(ml.binary_cross_entropy_with_logits)
    >>> value, grad = bce(logits, labels, missing=-1)
    >>> grad.round(3)
    array([[-0.167,  0.294],
           [ 0.   ,  0.09 ]])
    """
    wanted = Wanted(value=True, slope=True, at_labels=check_flag("indexed", indexed))
    return _transform(loss, wanted, "(value, gradient)")


@no_autograph
@_document
def grad_and_hessian(
    loss: Callable[P, Array], *, indexed: bool = False
) -> Callable[P, tuple[Array, Array]]:
    """Return a function that takes the arguments of `loss` and returns gradient and Hessian.

    Newton's method and boosted trees need both. Of the Hessian, it returns the diagonal.

    Parameters
    ----------
    **loss_and_indexed

    Returns
    -------
    callable
        Returns ``(gradient, hessian)``: the gradient of the sum of the value with respect to the
        prediction, and the diagonal of the Hessian. Both have the shape and dtype of the
        prediction, and are exactly 0 where nothing is observed. An objective has one gradient and
        one diagonal of its total for each of its predictions.

    Raises
    ------
    TypeError
        If `loss` is not a loss of maskloss.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> newton = ml.grad_and_hessian(ml.mse_loss)
    >>> grad, hessian = newton(np.asarray([3.0, 5.0]), np.asarray([1.0, np.nan]),
    ...                        missing=float("nan"), reduction="sum")
    >>> grad, hessian
    (array([4., 0.]), array([2., 0.]))
    """
    wanted = Wanted(slope=True, curvature=True, at_labels=check_flag("indexed", indexed))
    return _transform(loss, wanted, "(gradient, Hessian diagonal)")


def _transform(
    loss: Callable[P, Array], wanted: Wanted, result: str
) -> Callable[P, tuple[Array, Array]]:
    if isinstance(loss, functools.partial):
        whole = _transform(loss.func, wanted, result)
        return functools.partial(whole, *loss.args, **loss.keywords)
    return _Derivatives(loss, wanted, result)


@no_autograph
class _Derivatives:
    """The returned function; a class, as a nested function cannot be pickled."""

    def __init__(self, loss: Any, wanted: Wanted, result: str) -> None:
        evaluator(loss)
        self._loss, self._wanted = loss, wanted
        functools.update_wrapper(self, loss, updated=())
        name = getattr(loss, "__name__", type(loss).__name__)
        self.__doc__ = f"Return {result} of `{name}`, with its arguments."
        self._name = f"<{result} of {name}>"

    def __repr__(self) -> str:
        return self._name

    @no_autograph
    def __call__(self, *args: Any, **kwargs: Any) -> tuple[Any, Any]:
        results = evaluator(self._loss)(self._wanted, *args, **kwargs)
        if self._wanted.value:
            return results.value, results.slope
        return results.slope, results.curvature
