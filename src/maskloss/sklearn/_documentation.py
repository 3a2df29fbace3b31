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
missing : object, or tuple or list of object, optional
    The value, or values, that mean missing, such as ``-1``, in addition to NaN, None and
    pandas' NA.
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

FITTED = f"""\
{GIVEN}
y : array or DataFrame
    Targets with gaps, of one dimension or a column each: numbers for a regressor; for a
    classifier, any two classes in one dimension, or columns of 0 and 1.
sample_weight : array, optional
    A weight per row, or one per entry in the shape of `y`."""

# What `BoostingModel` takes and holds, whatever its loss.
BOOSTING = """\
library : {"xgboost", "lightgbm", "catboost"}, default: "xgboost"
    The library that makes the trees. XGBoost fits one model of all targets; LightGBM and CatBoost
    fit a model for each target on the rows where it is observed.
n_estimators : int, default: 100
    The number of rounds; the most, with early stopping.
learning_rate : float, default: 0.1
    The factor of each tree.
max_depth : int, optional
    The depth of a tree, by default that of the library.
early_stopping_rounds : int, optional
    Stop after so many rounds without a lower mean loss over observed validation entries, and
    predict by the best round. By default, no early stopping.
validation_fraction : float, default: 0.1
    The share of the rows to stop early by, if `fit` gets no `X_val`.
hessian : float, optional
    A constant Hessian in place of the curvature of the loss; see `maskloss.boosting`.
missing : object, or tuple or list of object, optional
    The value, or values, of `y` that mean missing, such as ``-1``, in addition to NaN, None and
    pandas' NA.
n_jobs : int, optional
    The number of threads, by default that of the library.
random_state : int, RandomState instance or None
    Draws the validation rows, and seeds the library.
categorical_features : "from_dtype", None, or array of str, int or bool
    The columns of `X` that are categories, as of `sklearn.ensemble.HistGradientBoostingRegressor`:
    by default those of pandas' category dtype. A gap, and a value that `fit` did not see, count as
    missing.
**params : dict
    Further parameters of the library by its own names, such as ``num_leaves`` of LightGBM or
    ``multi_strategy="multi_output_tree"`` of XGBoost, for trees that all targets share."""

MODELS = """\
models_ : list
    The models of the library: one for XGBoost; for the others, one for each target, or None where
    no entry is observed.
start_ : array
    The constant prediction of each target with the least loss, to which the models add.
n_iter_ : array of int
    The rounds of each model, up to the best one."""
