"""A comparison as one JSON document."""

import json
import math
from typing import Any

from maskloss._cli._comparison import Comparison, KindScores
from maskloss._cli._features import TEXT_FEATURES
from maskloss._cli._notes import notes
from maskloss._cli._treatments import TREATMENTS
from maskloss._cli._verdict import verdict

__all__ = ["to_json"]


def to_json(comparison: Comparison) -> str:
    """Return the document; a score that does not exist is null."""
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
        "labels": [entry for kind in comparison.kinds for entry in _labels(kind)],
        "average": {_kind(kind): _by_treatment(kind, kind.average) for kind in comparison.kinds},
        "notes": notes(comparison),
        "verdict": verdict(comparison),
    }
    return json.dumps(document, indent=2, allow_nan=False)


def _labels(kind: KindScores) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "kind": _kind(kind),
            "known": float(kind.known[position]),
            "observed_mean": float(kind.observed[position]),
            "scores": _by_treatment(kind, kind.per_label[:, :, position]),
        }
        for position, name in enumerate(kind.labels)
    ]


def _by_treatment(kind: KindScores, scores: Any) -> dict[str, dict[str, float | None]]:
    keys = [metric.key for metric in kind.metrics]
    return {
        treatment: {
            key: None if math.isnan(value) else value
            for key, value in zip(keys, values, strict=True)
        }
        for treatment, values in zip(TREATMENTS, scores.tolist(), strict=True)
    }


def _kind(kind: KindScores) -> str:
    return "binary" if kind.binary else "numeric"
