"""The parts of docstrings that several estimators share."""

from __future__ import annotations

# What the methods of every estimator take.
GIVEN = """\
Parameters
----------
X : array, sparse matrix or DataFrame
    Features, a row per sample."""

SCORED = f"""\
{GIVEN}
y : array or DataFrame
    Targets with gaps, as in `fit`.
sample_weight : array, optional
    A weight per row, or one per entry in the shape of `y`."""

# What `LinearModel` takes, whatever its loss and its penalty.
LINEAR = """\
missing : object, optional
    A value that means missing, such as ``-1``, in addition to NaN, None and pandas' NA.
fit_intercept : bool, default: True
    Whether to fit an intercept for each target.
max_iter : int, default: 1000
    The most iterations of L-BFGS.
tol : float, default: 1e-6
    The fit ends where the gradient is this share of the first one."""

FEATURES = """\
n_features_in_ : int
    The number of features.
feature_names_in_ : array
    The names of the features, if the table in `fit` had names."""
