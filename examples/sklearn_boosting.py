"""Boosted trees on labels with gaps, as estimators of scikit-learn, by each library."""

import gaps

from maskloss.sklearn import MaskedBoostingClassifier, MaskedBoostingRegressor

TREES = {"n_estimators": 40, "max_depth": 3, "n_jobs": 2, "random_state": 0}


def of_library(kind, library, **options):
    def fit(features, labels):
        return prediction(kind(library=library, **TREES, **options).fit(features, labels))

    return fit


def prediction(model):
    """Return the function that is scored: probabilities, or numbers."""
    return getattr(model, "predict_proba", model.predict)


if __name__ == "__main__":
    gaps.compare(gaps.digits, of_library(MaskedBoostingClassifier, "xgboost", missing=-1))
    for library in ("lightgbm", "catboost"):
        gaps.compare(gaps.patients, of_library(MaskedBoostingRegressor, library))
