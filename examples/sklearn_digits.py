"""Logistic regression of ten labels with gaps, as an estimator of scikit-learn."""

import gaps

from maskloss.sklearn import MaskedLinearClassifier


def fit(features, labels):
    model = MaskedLinearClassifier(missing=-1, C=10.0).fit(features, labels)
    return model.decision_function


if __name__ == "__main__":
    gaps.compare(gaps.digits, fit)
