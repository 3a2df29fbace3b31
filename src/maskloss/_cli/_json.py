"""A comparison as one JSON document."""

import json
import math
from typing import Any

from maskloss._cli._comparison import Block, Comparison
from maskloss._cli._features import TEXT_FEATURES
from maskloss._cli._notes import notes
from maskloss._cli._treatments import TREATMENTS
from maskloss._cli._verdict import verdict

__all__ = ["to_json"]


def to_json(comparison: Comparison) -> str:
    """Write the document; a score that does not exist is null.

    Parameters
    ----------
    comparison : Comparison
        The scores.

    Returns
    -------
    str
        The text.
    """
    table = comparison.table
    document = {
        "table": table.name,
        "backend": comparison.backend,
        "rows": len(table.targets),
        "missing_labels": float(1 - table.known.mean()),
        "folds": comparison.folds,
        "grouped_by": table.grouped_by,
        "features": {
            "numeric": list(table.feature_names),
            "missing": dict(table.feature_gaps),
            "text": table.text_name,
            "hashed": 0 if table.text is None else TEXT_FEATURES,
            "left_out": list(table.left_out),
        },
        "rows_used": dict(zip(TREATMENTS, comparison.rows.mean(axis=0).tolist(), strict=True)),
        "labels": [entry for block in comparison.blocks for entry in _labels(block)],
        "average": {
            _kind(block): _by_treatment(block, block.average) for block in comparison.blocks
        },
        "notes": notes(comparison),
        "verdict": verdict(comparison),
    }
    return json.dumps(document, indent=2, allow_nan=False)


def _labels(block: Block) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "kind": _kind(block),
            "known": float(block.known[place]),
            "observed_mean": float(block.observed[place]),
            "scores": _by_treatment(block, block.per_label[:, :, place]),
        }
        for place, name in enumerate(block.labels)
    ]


def _by_treatment(block: Block, scores: Any) -> dict[str, dict[str, float | None]]:
    keys = [metric.key for metric in block.metrics]
    return {
        treatment: {
            key: None if math.isnan(value) else value
            for key, value in zip(keys, values, strict=True)
        }
        for treatment, values in zip(TREATMENTS, scores.tolist(), strict=True)
    }


def _kind(block: Block) -> str:
    return "binary" if block.binary else "numeric"
