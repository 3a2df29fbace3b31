"""The keywords of losses whose entries are elements, for numbers per class."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import replace
from typing import ParamSpec

from ._arrays.kinds import is_argument
from ._arrays.typing import Array
from ._docstrings import fill
from ._formula import Call
from ._inputs.options import check_axis

P = ParamSpec("P")

DOCUMENTATION = """\
class_weight : array, shape (C,), optional
    Non-negative weight per class, which multiplies the weight of each entry of the class.
class_axis : int, optional
    The axis of the classes, along which numbers per class of shape (C,) lie and over which
    ``"macro"`` averages. By default the last; above two dimensions it must be named.
**options"""


def with_classes(build: Callable[P, Call]) -> Callable[P, Call]:
    """Add the keywords `class_weight` and `class_axis` to the function that describes a loss."""

    @functools.wraps(build)
    def described(*args: P.args, **kwargs: P.kwargs) -> Call:
        class_weight, class_axis = kwargs.pop("class_weight", None), kwargs.pop("class_axis", None)
        call = build(*args, **kwargs)
        if class_axis is not None:
            axis = check_axis("class_axis", class_axis)  # type: ignore[arg-type]
            layout = call.layout
            is_row = layout.row_axes is not None
            layout = layout._replace(row_axes=axis) if is_row else layout._replace(class_axis=axis)
            if not is_argument(layout.keyword):  # words for the axis that this call names
                layout = layout._replace(keyword=f"the class_axis {axis}")
            call = replace(call, layout=layout)
        if class_weight is not None:
            call = replace(call, arrays={**call.arrays, "class_weight": class_weight})
        return call

    described.__doc__ = fill(build.__doc__, options=DOCUMENTATION)
    vars(described)["__signature__"] = _with_keywords(inspect.signature(build))
    described.__annotations__ = {
        **build.__annotations__,
        "class_weight": Array | None,
        "class_axis": int | None,
    }
    return described


def _with_keywords(signature: inspect.Signature) -> inspect.Signature:
    *own, options = signature.parameters.values()
    keyword = inspect.Parameter.KEYWORD_ONLY
    added = [
        inspect.Parameter("class_weight", keyword, default=None, annotation=Array | None),
        inspect.Parameter("class_axis", keyword, default=None, annotation=int | None),
    ]
    return signature.replace(parameters=[*own, *added, options])
