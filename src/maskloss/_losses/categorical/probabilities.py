"""Cross-entropy from probabilities, for models that end in a softmax."""

from __future__ import annotations

from typing import Unpack

from ..._arrays.typing import Array
from ..._inputs.arguments import check_call
from ..._inputs.checked_call import InputSpec
from ..._inputs.domain import UNIT
from ..._inputs.layout import EntryLayout
from ..._inputs.options import Options, Settings, check_axis
from ..._inputs.safe_entries import all_entries
from .cross_entropy import cross_entropy

_SPEC = InputSpec(
    ("probabilities", "labels"),
    (UNIT._replace(advice="; are these logits? say so by from_logits=True"), UNIT),
)


def cross_entropy_of_probabilities(
    probabilities: Array,
    labels: Array,
    *,
    class_axis: int = -1,
    class_weight: Array | None = None,
    label_smoothing: float = 0.0,
    **options: Unpack[Options],
) -> Array:
    """Return the cross-entropy of probabilities divided by their sum; keywords as `cross_entropy`.

    Probabilities below the smallest normal number are clipped to it. If a number is not a
    probability, such as a logit, the loss is NaN.
    """
    settings = Settings(mask=options.get("mask"), missing=options.get("missing"))
    layout = EntryLayout(check_axis("class_axis", class_axis))
    checked = check_call(_SPEC, probabilities, labels, {}, settings, layout)
    xp, p = checked.xp, all_entries(checked).prediction
    least = float(xp.finfo(p.dtype).smallest_normal)
    # Missing entries are filled with 0.5, so that the logarithm has no NaN in its gradient. What is
    # no probability is NaN here, if it is no error.
    log = xp.log(xp.where(p < least, least, p))
    return cross_entropy(
        log,
        labels,
        class_axis=class_axis,
        class_weight=class_weight,
        label_smoothing=label_smoothing,
        **options,
    )
