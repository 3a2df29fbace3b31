"""The results of a call of an objective, from the results of its heads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._arrays.kinds import shown
from .._arrays.typing import Array
from .._formula import Derivative, Results, Wanted
from .._inputs.dtypes import cast
from .heads import Heads
from .results import ObjectiveSums, ObjectiveValue
from .weighting import Weighting


def evaluate_heads(
    heads: Heads,
    wanted: Wanted,
    predictions: Any,
    targets: Any,
    keywords: Mapping[str, Any],
    *,
    reduction: object,
    log_variances: Array | None,
) -> Results:
    """Return the results; derivatives have the structure of the predictions."""
    as_sums = _is_sums(reduction, log_variances)
    structure = heads.structure
    inputs = heads.arrays("predictions", predictions)
    labels = heads.arrays("targets", targets)
    options = heads.keywords(keywords)
    xp = heads.namespace("predictions", inputs, log_variances)
    with xp.ignore_fp_errors():
        of_heads = [
            head.evaluate(xp, key, wanted._replace(count=True), *arrays, as_sums=as_sums)
            for (key, head), *arrays in zip(
                heads.by_key.items(), inputs, labels, options, strict=True
            )
        ]
        counts = [results.count for results in of_heads]
        weighting = Weighting(xp, heads.by_key, counts, log_variances)

        def value() -> ObjectiveSums | ObjectiveValue:
            values = [results.value for results in of_heads]
            if as_sums:
                return ObjectiveSums(structure.build(values))
            return value_of(heads, weighting, values, counts)

        def derivative(name: Derivative) -> Any:
            arrays = [getattr(results, name) for results in of_heads]
            weighted = arrays if as_sums else weighting.derivatives(arrays)
            rounded = [cast(xp, array, x.dtype) for array, x in zip(weighted, inputs, strict=True)]
            return structure.build_like(predictions, rounded)

        return Results(
            value=value() if wanted.value else None,
            **{name: derivative(name) for name in wanted.derivatives},
        )


def value_of(
    heads: Heads, weighting: Weighting, values: Sequence[Array], counts: Sequence[Array]
) -> ObjectiveValue:
    """Return the total, and the value and the count of each head."""
    build = heads.structure.build
    return ObjectiveValue(weighting.total(values), build(values), build(counts))


def _is_sums(reduction: object, log_variances: object) -> bool:
    """Return whether a call asks for sums; raise if its arguments do not go together."""
    if reduction is None:
        return False
    if reduction != "sums":
        msg = (
            f'`reduction` of an objective must be "sums" or None, got {shown(reduction)}; each '
            f"head has a reduction of its own: Head(..., reduction={shown(reduction)})"
        )
        raise ValueError(msg)
    if log_variances is not None:
        msg = (
            '`log_variances` weight the heads in a total, but reduction="sums" returns no total; '
            "pass them to `combine`"
        )
        raise ValueError(msg)
    return True
