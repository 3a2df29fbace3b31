"""``maskloss compare``: the comparison on a table of the user."""

import argparse

from ._errors import UserError
from ._held_out import check_outputs, check_predictions, write_predictions
from ._present import present
from ._read import read_table
from ._save import save_best
from ._terminal import check_writable

__all__ = ["run"]


def run(options: argparse.Namespace) -> int:
    """Read the table, compare the treatments, and show the result."""
    if options.folds < 2:
        msg = f"--folds {options.folds}: expected 2 or more, one to hold out and one to learn from"
        raise UserError(msg)
    table = read_table(
        options.table,
        labels=options.labels,
        text=options.text,
        group=options.group,
        missing=options.missing,
        rows=options.rows,
    )
    if options.predictions is not None:
        check_predictions(table.labels, options.rows)
    outputs = {
        "--output": options.output,
        "--predictions": options.predictions,
        "--save-model": options.save_model,
    }
    check_outputs(options.table, outputs)
    for option in ("--predictions", "--save-model"):  # `present` checks the picture
        if outputs[option] is not None:
            check_writable(outputs[option], option)
    comparisons = present(table, options, folds=options.folds)
    if options.predictions is not None:
        write_predictions(comparisons, options.predictions)
    if options.save_model is not None:
        save_best(table, comparisons, options.save_model)
    return 0
