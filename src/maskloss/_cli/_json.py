"""A comparison as one JSON document."""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from .. import __version__
from ._comparison import Comparison, KindScores
from ._contest import contests
from ._crossvalidation import SEED
from ._effects import CONFIDENCE, Effect, effects
from ._features import TEXT_FEATURES
from ._notes import notes
from ._treatments import TREATMENTS
from ._verdict import verdict

__all__ = ["to_json"]


def to_json(comparisons: Sequence[Comparison]) -> str:
    """Return the document of a comparison, or of several models and which of them is best.

    A number that does not exist or is not finite is null.
    """
    documents = [_document(comparison) for comparison in comparisons]
    document = documents[0]
    if len(documents) > 1:
        found = contests(comparisons)
        document = {
            "maskloss": __version__,
            "models": documents,
            "best": {_kind(one.kind): comparisons[one.best].model for one in found},
            "effects": [_effect(effect, one.kind) for one in found for effect in one.effects],
            "verdict": [line for one in found for line in one.lines(comparisons)],
        }
    return json.dumps(_finite(document), indent=2, allow_nan=False)


def _document(comparison: Comparison) -> dict[str, Any]:
    table, kinds = comparison.table, comparison.kinds
    return {
        "maskloss": __version__,
        "table": table.name,
        "model": comparison.model,
        "backend": comparison.backend,
        "rows": len(table.targets),
        "missing_labels": float(1 - table.known.mean()),
        "folds": comparison.folds,
        "seed": SEED,
        "grouped_by": table.grouped_by,
        "features": {
            "numeric": list(table.feature_names),
            "missing": dict(table.feature_gaps),
            "text": table.text_name,
            "hashed": 0 if table.text is None else TEXT_FEATURES,
            "left_out": list(table.left_out),
        },
        "rows_used": dict(zip(TREATMENTS, comparison.rows.mean(axis=0).tolist(), strict=True)),
        "labels": [entry for kind in kinds for entry in _labels(kind)],
        "average": {_kind(kind): _by_treatment(kind, kind.average) for kind in kinds},
        "confidence": CONFIDENCE,
        "effects": [_effect(effect, kind) for kind in kinds for effect in effects(kind)],
        "notes": notes(comparison),
        "verdict": verdict(comparison),
    }


def _labels(kind: KindScores) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "kind": _kind(kind),
            "known": float(kind.known[position]),
            "observed_mean": float(kind.observed[position]),
            "scores": _by_treatment(kind, kind.per_label[:, :, position]),
            "fold_scores": [_by_treatment(kind, fold) for fold in kind.scores[..., position]],
        }
        for position, name in enumerate(kind.labels)
    ]


def _effect(effect: Effect, kind: KindScores) -> dict[str, Any]:
    return {
        "kind": _kind(kind),
        "question": effect.metric.question,
        "metric": effect.metric.key,
        "against": effect.rival,
        "effect": effect.mean,
        "interval": effect.interval,
        "fold_effects": effect.folds.tolist(),
        "labels": {"better": effect.better, "worse": effect.worse},
        "verdict": effect.outcome,
    }


def _by_treatment(kind: KindScores, scores: Any) -> dict[str, dict[str, float]]:
    keys = [metric.key for metric in kind.metrics]
    return {
        treatment: dict(zip(keys, values, strict=True))
        for treatment, values in zip(TREATMENTS, scores.tolist(), strict=True)
    }


def _finite(value: Any) -> Any:
    """Replace every number that JSON cannot hold by None."""
    if isinstance(value, Mapping):
        return {key: _finite(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(entry) for entry in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _kind(kind: KindScores) -> str:
    return "binary" if kind.binary else "numeric"
