"""The assertion that a loss ignores what is not observed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import numpy as np

from .._arrays.kinds import shown
from .._arrays.typing import Array
from .._signatures import show_types
from ._poison import POISONS, as_numpy, fill, observed
from ._results import Gradient, difference, fault, results_of

_ADVICE = (
    "Replace the inputs where nothing is observed before the formula, for instance by "
    "maskloss.fill_unobserved: a mask that multiplies or selects afterwards is too late"
)


@show_types
def assert_mask_ignored(
    loss: Callable[..., Any],
    prediction: Array,
    labels: Array,
    mask: Array,
    *,
    grad: Gradient = "auto",
    class_axis: int | None = None,
    keep: Sequence[str] = (),
    poisons: Sequence[str] = POISONS,
    **arrays: Array,
) -> None:
    """Assert that nothing unobserved reaches the value or the gradient of a loss.

    The loss is called as ``loss(prediction, labels, mask=mask, **arrays)``: first with the arrays
    as they are, then with each of them, and with all of them, filled with each poison where nothing
    is observed. Values and gradients must keep all bits (zeros of either sign are equal), and
    gradients must be 0 where nothing is observed.

    Parameters
    ----------
    loss : callable
        A loss of your own, or one of maskloss. A lambda adapts one that names its mask differently.
    prediction, labels : array
        Arrays of any library. Each has the shape of the mask, or more axes at the end.
    mask : bool array
        True where observed; the loss gets it as it is.
    grad : callable or None, default: "auto"
        By default, the gradient comes from the automatic differentiation of torch, JAX, TensorFlow
        or MLX; on other libraries, only values are compared. A callable takes the arguments of the
        loss and returns derivatives by the prediction: an array, or several as a tuple. With None,
        only values are compared.
    class_axis : int, optional
        The axis of the prediction that the mask lacks, if it is not the last: 1 for logits
        (N, C, H, W) and a mask (N, H, W).
    keep : sequence of str, default: ()
        Names of arrays that are not filled, such as ``"labels"`` where a marker in them says what
        is missing.
    poisons : sequence of str, default: `POISONS`
        What to fill in, as in `poison_unobserved`.
    **arrays : array
        More arrays that the loss takes, such as ``weight``. They are filled too.

    Raises
    ------
    AssertionError
        If something unobserved reaches a result, or raises an error in the loss. The message names
        each array and poison, and how the result changed.
    TypeError
        If an argument is no array.
    ValueError
        If the mask does not fit, all is observed, or a name in `keep` or `poisons` is unknown.

    Examples
    --------
    >>> import numpy as np
    >>> from maskloss.testing import assert_mask_ignored
    >>> x, y = np.asarray([1.0, 2.0, 3.0]), np.asarray([0.0, 4.0, 3.5])
    >>> mask = np.asarray([True, False, True])
    >>> assert_mask_ignored(lambda x, y, mask: np.mean((x - y)[mask] ** 2), x, y, mask)
    >>> assert_mask_ignored(lambda x, y, mask: np.mean((x - y) ** 2 * mask), x, y, mask)
    Traceback (most recent call last):
    ...
    AssertionError: something unobserved reaches the loss:
      nan in prediction: the value changes from 0.416667 to nan
      ...
    """
    __tracebackhide__ = True
    given = {"prediction": prediction, "labels": labels, **arrays}
    check = _Check(loss, grad, mask, class_axis, given)
    want = check.clean_results()
    filled = [name for name in given if name not in _known("keep", keep, given)]
    if not filled:
        msg = f"`keep` must leave an array to fill, got {shown(keep)}"
        raise ValueError(msg)
    found: list[str] = []
    for poison in _known("poisons", poisons, POISONS):
        alone = [check.change(want, [name], poison) for name in filled]
        found += alone if any(alone) else [check.change(want, filled, poison)]
    if any(found):
        text = "\n  ".join(["something unobserved reaches the loss:", *filter(None, found)])
        msg = f"{text}\n{_ADVICE}"
        raise AssertionError(msg)


# NumPy warns where a formula meets infinities that it then leaves out.
_QUIET = np.errstate(all="ignore")


class _Check:
    """A loss with its arrays as they are, and the masks of their elements."""

    def __init__(
        self,
        loss: Callable[..., Any],
        grad: Gradient,
        mask: Array,
        class_axis: int | None,
        arrays: Mapping[str, Array],
    ) -> None:
        if grad not in {"auto", None} and not callable(grad):
            msg = f'`grad` must be "auto", None or a callable, got {shown(grad)}'
            raise TypeError(msg)
        if np.all(as_numpy(mask)):
            msg = "`mask` must be False somewhere: all is observed, and nothing can be filled"
            raise ValueError(msg)
        self.loss, self.grad, self.mask, self.arrays = loss, grad, mask, arrays
        self.known = {
            name: observed(name, array, mask, class_axis) for name, array in arrays.items()
        }

    @_QUIET
    def clean_results(self) -> dict[str, Array]:
        """Return the results of the arrays as they are, once they prove to be sound."""
        want = results_of(self.loss, self.grad, self.mask, self.arrays)
        again = results_of(self.loss, self.grad, self.mask, self.arrays)
        for name, result in want.items():
            text = fault(name, result, self.known["prediction"])
            if text:
                msg = f"{text}\n{_ADVICE}"
                raise AssertionError(msg)
            text = difference(result, again[name])
            if text:
                msg = f"the same arrays twice: the {name} {text}; fix the seed of the loss"
                raise AssertionError(msg)
        return want

    @_QUIET
    def change(self, want: Mapping[str, Array], names: Sequence[str], poison: str) -> str:
        """Return how results change if arrays of these names are filled, or an empty string."""
        filled = {name: fill(self.arrays[name], self.known[name], poison) for name in names}
        try:
            got = results_of(self.loss, self.grad, self.mask, {**self.arrays, **filled})
        except Exception as error:  # noqa: BLE001 - of the loss, which met the poison
            text = f"{type(error).__name__}: {error}"
        else:
            changes = {name: difference(want[name], got[name]) for name in want}
            text = "; ".join(f"the {name} {change}" for name, change in changes.items() if change)
        return f"{poison} in {' and '.join(names)}: {text}" if text else ""


def _known(option: str, names: Sequence[str], allowed: Collection[str]) -> Sequence[str]:
    """Return names after a check that all of them are allowed."""
    if isinstance(names, str) or not set(names) <= set(allowed):
        msg = f"`{option}` must be a list of {', '.join(map(repr, allowed))}, got {shown(names)}"
        raise ValueError(msg)
    return names
