"""Check the arguments of a call and line them up."""

from __future__ import annotations

from collections.abc import Mapping

from maskloss._arrays.namespace import (
    array_namespace,
    held_to,
    refuse_masked_array,
    shape_of,
    split_masked_array,
)
from maskloss._arrays.typing import Array
from maskloss._inputs.dtypes import (
    as_mask,
    as_number,
    check_labels,
    compute_dtype,
)
from maskloss._inputs.entries import Arguments, Classes, Facts, is_array_like
from maskloss._inputs.layout import Grid, Layout
from maskloss._inputs.missing import refuse_meanings
from maskloss._inputs.options import Settings


def read_arguments(
    facts: Facts,
    prediction: Array,
    labels: Array,
    others: Mapping[str, object],
    settings: Settings,
    layout: Layout,
    classes: Classes | None = None,
) -> Arguments:
    """Check the arguments of a loss for all that shapes and dtypes tell, and line them up."""
    input_name, label_name = facts.names
    options = {"mask": settings.mask, "weight": settings.weight, "divisor": settings.divisor}
    arrays = {name: array for name, array in {**others, **options}.items() if is_array_like(array)}
    arrays = {input_name: prediction, **arrays}
    xp = array_namespace({**arrays, label_name: labels})
    for name, array in arrays.items():
        refuse_masked_array(name, array)
    labels, mask_of_labels = split_masked_array(labels)
    dtype = compute_dtype(xp, input_name, prediction)
    grid = Grid.of(facts.names, shape_of(prediction), shape_of(labels), layout)
    check_labels(xp, label_name, labels, indexed=grid.indexed)
    if settings.missing is not None:
        refuse_meanings(label_name, facts.domains[1], settings.missing)
    labels = held_to(xp, labels, grid.entries if grid.indexed else grid.shape)
    mask = weight = None
    if settings.mask is not None:
        mask = grid.line_up_mask(xp, as_mask(xp, settings.mask, prediction), others)
    if settings.weight is not None:
        weight = as_number(xp, "weight", settings.weight, dtype, prediction)
        weight = grid.line_up(xp, "weight", weight, others)
    if grid.indexed:
        labels = grid.expand(xp, labels)
        mask_of_labels = None if mask_of_labels is None else grid.expand(xp, mask_of_labels)
    lined_up = prediction, labels, mask, mask_of_labels, weight
    return Arguments(xp, grid, facts, settings, dtype, *lined_up, others, classes or grid)
