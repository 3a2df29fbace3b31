"""The loss of all logits of a linear layer at once."""

from __future__ import annotations

from .._evaluation.whole import evaluate_whole
from .._formula import Formula, Results, Wanted
from .._inputs.checked_call import CheckedCall
from .layer import Layer
from .teacher import label_logits


def evaluate_whole_layer(
    layer: Layer, checked: CheckedCall, formula: Formula, wanted: Wanted
) -> Results:
    """Return the results by way of all logits, whole arrays of static shapes."""
    observed = checked.observed(checked.layout)
    logits, labels = layer.logits(observed), checked.labels
    values = label_logits(layer, checked, labels.values, observed)
    checked = checked._replace(prediction=logits, labels=labels._replace(values=values))
    results = evaluate_whole(checked, formula, wanted)
    if not wanted.slope:
        return results
    return results._replace(slope=layer.gradients(results.slope, observed))
