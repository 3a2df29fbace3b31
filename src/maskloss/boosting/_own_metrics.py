"""Refuse to train where a library scores marked labels by metrics of its own alone."""

from __future__ import annotations

import inspect
import weakref
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from .._arrays.typing import Array
from ._labels import MISSING

_TRAINERS = {
    "catboost.core": "CatBoost",
    "lightgbm.engine": "LightGBM",
    "xgboost.training": "XGBoost",
}
_ADVICE = {
    "CatBoost": "CatBoostRegressor(**objective.params)",
    "LightGBM": "LGBMRegressor(**objective.params), and pass eval_metric=objective.metric to "
    "`fit`, or `objective.params` and feval=objective.metric to `train`",
    "XGBoost": "XGBRegressor(objective=objective, **objective.params, "
    "eval_metric=objective.metric), or pass `objective.params` and custom_metric=objective.metric "
    "to `train`",
}
# Whether the data of CatBoost of this `id` has marked labels. It copies them for each reader, and
# has no hash.
_IS_MARKED: dict[int, bool] = {}
# Values of ``metric`` with which LightGBM evaluates no metric of its own.
_NO_METRIC = {"", "None", "na", "null", "custom"}


def refuse_own_metrics(labels: Array) -> None:
    """Raise if a library evaluates its own metrics alone, on labels of which some are marked.

    An objective is not told how its library evaluates (CatBoost 1.2, LightGBM 4.7, XGBoost 3.2), so
    this reads the variables of the library's function that trains.
    """
    for library, given in _training():
        is_evaluated_by_ours = given.get("feval") or given.get("custom_metric")
        if is_evaluated_by_ours or given.get("i", 0) > given.get("init_iteration", 0):
            return
        params = dict(given.get("params") or {})  # XGBoost takes pairs too
        of_cv = set(given.get("metrics") or ())  # as `xgboost.cv` names them
        if library == "CatBoost":
            own = {params["eval_metric"]} if isinstance(params.get("eval_metric"), str) else set()
        elif library == "LightGBM":
            own = lightgbm_metrics(params)
        else:
            own = of_cv or _xgboost_metrics(params)
        if own and _scores_marks(library, given, labels):
            raise ValueError(text_of_own_metrics(library, own))
        return


def text_of_own_metrics(library: str, own: set[str]) -> str:
    """Return the error of a metric of the library, which counts marked labels."""
    return (
        f"{library} evaluates its own metric {', '.join(sorted(own))}, in which missing labels "
        f"count as {MISSING:g}: neither its scores nor early stopping would be right; make the "
        f"estimator by {_ADVICE[library]}"
    )


def has_marks(labels: Array) -> bool:
    """Return whether any label is marked as missing."""
    return bool((np.asarray(labels) == np.float32(MISSING)).any())


def lightgbm_metrics(params: Mapping[str, Any]) -> set[str]:
    """Return the names of LightGBM's own metrics among its parameters."""
    names = ("metric", "metrics", "metric_types")
    given = next((params[name] for name in names if params.get(name)), ())
    metrics = given.split(",") if isinstance(given, str) else given
    return {name for name in metrics if isinstance(name, str)} - _NO_METRIC


def _xgboost_metrics(params: Mapping[str, Any]) -> set[str]:
    given = params.get("eval_metric")
    if given is not None:
        return {given} if isinstance(given, str) else {name for name in given if name}
    is_disabled = str(params.get("disable_default_eval_metric", 0)).lower() in {"1", "true"}
    return set() if is_disabled else {"rmse"}


def _training() -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the library and the variables of its functions that train and are running."""
    frame = inspect.currentframe()
    while frame is not None:
        library = _TRAINERS.get(frame.f_globals.get("__name__", ""))
        if library is not None and frame.f_code.co_name in {"train", "_train", "cv"}:
            yield library, frame.f_locals
        frame = frame.f_back


def _scores_marks(library: str, given: Mapping[str, Any], labels: Array) -> bool:
    """Return whether labels that are evaluated are marked."""
    if library == "CatBoost":
        return any(map(_is_marked, given.get("test_pool") or [given.get("pool")]))
    return any(map(has_marks, _evaluated(given, labels)))


def _is_marked(pool: Any) -> bool:
    """Return whether data of CatBoost has marked labels; False for none."""
    if pool is None:
        return False
    if id(pool) not in _IS_MARKED:
        _IS_MARKED[id(pool)] = has_marks(pool.get_label())
        weakref.finalize(pool, _IS_MARKED.pop, id(pool))
    return _IS_MARKED[id(pool)]


def _evaluated(given: Mapping[str, Any], labels: Array) -> list[Array]:
    """Return the labels that are evaluated: of the folds of `cv`, as those of the training."""
    if "evals" in given:
        return [data.get_label() for data, _ in given["evals"]]
    if "valid_sets" in given:
        sets = given["valid_sets"] or ()
        sets = sets if isinstance(sets, list | tuple) else (sets,)
        return [data.get_label() for data in sets if data.label is not None]
    return [labels]
