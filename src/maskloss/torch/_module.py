"""The base class of the modules of losses."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import torch
from torch import Tensor

from .._arrays.kinds import scalar, type_name
from .._inputs.options import check_keywords
from .._registry import record_of, refuse_non_loss
from .._signatures import shown_signature, takes_array
from ._keywords import BATCH_KEYWORDS, document, options_of
from ._state import keep, shown


class LossModule(torch.nn.Module):  # type: ignore[misc]
    """A loss of maskloss with its options, as a module; the base class of all modules of losses.

    Parameters
    ----------
    **options : dict
        Keywords of the loss. They become attributes; tensors become buffers, and parameters stay
        parameters. A call takes the arrays of its batch, such as `mask`, `weight` and `divisor`,
        and may take other keywords, which override those of the module.

    Raises
    ------
    TypeError
        If a keyword is unknown or belongs to a batch, or an array is not a tensor.
    ValueError
        If a keyword that every loss takes has an unknown value. Other invalid values raise in a
        call.

    Examples
    --------
    >>> import torch
    >>> from maskloss.torch import MaskedBCEWithLogitsLoss
    >>> loss = MaskedBCEWithLogitsLoss(pos_weight=torch.tensor([1.0, 3.0]), missing=-1)
    >>> loss
    MaskedBCEWithLogitsLoss(pos_weight=Tensor(2,), missing=-1)
    >>> logits = torch.zeros(2, 2, requires_grad=True)
    >>> loss(logits, torch.tensor([[1, -1], [0, 1]])).backward()
    >>> logits.grad
    tensor([[-0.1667,  0.0000],
            [ 0.1667, -0.5000]])
    """

    loss: ClassVar[Callable[..., Any]]
    _options: ClassVar[Mapping[str, inspect.Parameter]] = {}
    __signature__: ClassVar[inspect.Signature | None]

    def __init_subclass__(
        cls, *, loss: Callable[..., Any] | None = None, **keywords: object
    ) -> None:
        """Make a module of `loss`, by default the loss of the parent class."""
        super().__init_subclass__(**keywords)
        if loss is not None:
            record = record_of(loss) or refuse_non_loss(loss)
            cls.loss = staticmethod(loss)
            cls._options = options_of(record)
            cls.__doc__ = document(cls.__doc__ or "", record, cls._options)
        inherits_init = cls.__init__ is LossModule.__init__
        # None makes `inspect` read the `__init__` of the subclass.
        shown = shown_signature(cls._options.values(), array="Tensor")
        cls.__signature__ = shown if inherits_init else None

    def __init__(self, **options: Any) -> None:
        super().__init__()
        name, known = type(self).__name__, self._options
        if not hasattr(self, "loss"):
            msg = f"{name} has no loss: declare `class Name({name}, loss=...)`, and call that"
            raise TypeError(msg)
        _refuse_batch_keywords(name, known, options)
        check_keywords(name, self.loss, options)
        for option, parameter in known.items():
            default = parameter.default
            if option not in options and default is parameter.empty:
                msg = f"{name}() needs the keyword argument {option!r} of {self.loss.__name__}()"
                raise TypeError(msg)
            value = options.get(option, default)
            if takes_array(parameter.annotation):
                _check_tensor(option, value)
                keep(self, option, value)
            else:
                setattr(self, option, value)

    @property
    def options(self) -> dict[str, Any]:
        """The keywords of the loss that the module keeps."""
        return {name: getattr(self, name) for name in self._options}

    def forward(self, *arrays: Tensor, **keywords: Any) -> Any:
        """Return the loss of a batch.

        Parameters
        ----------
        *arrays : Tensor
            The positional arrays of the function: prediction, labels, and any others.
        **keywords : dict
            Its keywords for this batch, such as `mask`, `weight` and `divisor`.

        Returns
        -------
        Tensor or Sums
            The result of the function.
        """
        return self.loss(*arrays, **{**self.options, **keywords})

    def extra_repr(self) -> str:
        """Return the options that are not the defaults."""
        defaults = {name: parameter.default for name, parameter in self._options.items()}
        return shown(
            {
                name: value
                for name, value in self.options.items()
                if isinstance(value, Tensor) or value != defaults[name]
            }
        )


def _refuse_batch_keywords(
    name: str, known: Mapping[str, object], options: Mapping[str, object]
) -> None:
    for option in sorted((BATCH_KEYWORDS & set(options)) - set(known)):
        msg = f"{name}() cannot keep `{option}`, which belongs to a batch: loss(..., {option}=...)"
        if option == "weight" and "class_weight" in known:
            msg += "; weights of classes are `class_weight`"
        raise TypeError(msg)


def _check_tensor(name: str, value: object) -> None:
    if not (value is None or isinstance(value, Tensor) or scalar(value) is not None):
        msg = (
            f"`{name}` must be a tensor or a number, got {type_name(value)}; make it one with "
            f"torch.as_tensor(...)"
        )
        raise TypeError(msg)
