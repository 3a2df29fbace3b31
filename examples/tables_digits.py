"""From a pandas or polars table with empty cells to labels, mask, and scores per column."""

import gaps
import numpy as np
import pandas as pd
from scipy.optimize import minimize
from sklearn.metrics import average_precision_score

import maskloss as ml

NAMES = [f"is it a {digit}?" for digit in range(10)]
bce = ml.value_and_grad(ml.binary_cross_entropy_with_logits)


def fit(features, labels):
    answers = pd.DataFrame(labels, columns=NAMES, dtype="Int64").mask(labels < 0)
    labels, mask, _ = ml.from_table(answers)
    x = np.pad(features, ((0, 0), (0, 1)), constant_values=1.0).astype("float64")

    def objective(flat):
        weights = flat.reshape(x.shape[1], len(NAMES))
        loss, slope = bce(x @ weights, labels, mask=mask)
        return loss + 1e-4 * flat @ flat, (x.T @ slope).ravel() + 2e-4 * flat

    start = np.zeros(x.shape[1] * len(NAMES))
    weights = minimize(objective, start, jac=True, method="L-BFGS-B").x.reshape(-1, len(NAMES))
    return lambda features: features @ weights[:-1] + weights[-1]


if __name__ == "__main__":
    gaps.compare(gaps.digits, fit)

    # As in practice, the held-out labels have missing values as well.
    table = gaps.digits()
    learnt, held_out = np.array_split(np.arange(len(table.labels)), [600])
    predict = fit(table.features[learnt], table.labels[learnt])
    x, y = table.features[held_out], table.labels[held_out]
    known = {"missing": -1, "average": None, "defined": np.any}
    each = ml.masked_score(average_precision_score, y, predict(x), **known)
    for name, score in zip(NAMES, each, strict=True):
        print(f"{name:24} average precision {score:.3f}")
