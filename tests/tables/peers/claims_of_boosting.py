"""What docs/faces/boosting.md says of the libraries of boosted trees."""

import numpy as np
import pytest

import maskloss as ml
from maskloss.boosting import LightGBMObjective, mark_missing

_X = np.arange(60.0)[:, None]
_NAN = np.where(np.arange(60) % 3 == 0, np.nan, 1.0)
_SMALL = {"n_estimators": 2, "min_child_samples": 1, "verbose": -1}


def _nan_labels_of_xgboost(xgboost):
    data = xgboost.DMatrix(_X, label=np.ones(60))
    with pytest.raises(xgboost.core.XGBoostError, match="NaN"):
        data.set_label(_NAN)


def _nan_labels_of_catboost(catboost):
    model = catboost.CatBoostRegressor(iterations=1, verbose=0, allow_writing_files=False)
    with pytest.raises(catboost.CatBoostError, match="nan"):
        model.fit(_X, _NAN)


def _nan_labels_of_lightgbm(lightgbm):
    data = lightgbm.Dataset(_X, _NAN).construct()
    np.testing.assert_array_equal(data.get_field("label"), np.nan_to_num(_NAN))


def _own_metric(lightgbm):
    objective, labels = LightGBMObjective(ml.mse_loss), mark_missing(_NAN)
    data = {"eval_X": _X, "eval_y": labels}
    plain = lightgbm.LGBMRegressor(objective=lambda y, x: objective.derivatives(x, y, None))
    plain.set_params(**_SMALL).fit(_X, labels, **data)
    (scores,) = plain.evals_result_.values()
    assert max(scores["l2"]) > 1e11
    model = lightgbm.LGBMRegressor(objective=objective, **_SMALL)
    for keywords in ({}, {"eval_metric": objective.metric}):
        with pytest.raises(ValueError, match=r"params"):
            model.fit(_X, labels, **data, **keywords)


def _own_metric_of_xgboost(xgboost):
    from maskloss.boosting import XGBoostObjective

    objective, labels = XGBoostObjective(ml.mse_loss), mark_missing(_NAN)
    data = {"eval_set": [(_X, labels)], "verbose": False}
    plain = xgboost.XGBRegressor(
        objective=lambda y, x: objective.derivatives(x, y, None), n_estimators=2
    )
    (scores,) = plain.fit(_X, labels, **data).evals_result().values()
    assert max(scores["rmse"]) > 1e5
    with pytest.raises(ValueError, match=r"params"):
        xgboost.XGBRegressor(objective=objective, n_estimators=2).fit(_X, labels, **data)


def _class_numbers(xgboost):
    from maskloss.boosting import XGBoostObjective

    objective = XGBoostObjective(ml.cross_entropy)
    data = xgboost.DMatrix(_X, label=mark_missing(np.arange(60.0) // 20))
    params = {**objective.params, "num_class": 3}
    trees = xgboost.train(params, data, 3, obj=objective)
    assert {*trees.predict(data)} <= {0, 1, 2}
    logits = trees.predict(data, output_margin=True)
    model = xgboost.XGBRegressor(objective=objective, n_estimators=3, **params)
    model.fit(_X, mark_missing(np.arange(60.0) // 20))
    np.testing.assert_allclose(model.predict(_X), logits, rtol=1e-6)


def _classifier_of_xgboost(xgboost):
    with pytest.raises(ValueError, match="classes"):
        xgboost.XGBClassifier(n_estimators=1).fit(_X, mark_missing(_NAN))


def _classifier_of_lightgbm(lightgbm):
    model = lightgbm.LGBMClassifier(objective=LightGBMObjective(ml.mse_loss), **_SMALL)
    with pytest.raises(ValueError, match="class"):
        model.fit(_X, mark_missing(_NAN))


def _classifier_of_catboost(catboost):
    model = catboost.CatBoostClassifier(iterations=1, verbose=0, allow_writing_files=False)
    assert len(model.fit(_X, mark_missing(_NAN)).classes_) == 2  # 1, and the mark


_PAGE = "faces/boosting.md"
_LABELS = "XGBoost 3.2 and CatBoost 1.2 refuse NaN labels, and LightGBM 4.7 takes them for 0"
_CLASSES = "`XGBClassifier` (3.2) and `LGBMClassifier` (4.7) refuse the mark"
BOOSTING = [
    (_PAGE, _LABELS, "xgboost", "3.2", _nan_labels_of_xgboost),
    (_PAGE, _LABELS, "catboost", "1.2", _nan_labels_of_catboost),
    (_PAGE, _LABELS, "lightgbm", "4.7", _nan_labels_of_lightgbm),
    (_PAGE, "LightGBM 4.7 adds its own `l2`", "lightgbm", "4.7", _own_metric),
    (_PAGE, "XGBoost 3.2 its own `rmse`", "xgboost", "3.2", _own_metric_of_xgboost),
    (
        _PAGE,
        "of `xgb.train` with `num_class` returns class numbers (3.2)",
        "xgboost",
        "3.2",
        _class_numbers,
    ),
    (_PAGE, _CLASSES, "xgboost", "3.2", _classifier_of_xgboost),
    (_PAGE, _CLASSES, "lightgbm", "4.7", _classifier_of_lightgbm),
    (
        _PAGE,
        "takes it for one more class in silence (1.2)",
        "catboost",
        "1.2",
        _classifier_of_catboost,
    ),
]
