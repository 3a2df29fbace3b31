"""Convert the columns of a table to the features of a model."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from ._table import Floats, Table

__all__ = ["TEXT_FEATURES", "FeatureScale", "Features", "hashed"]

TEXT_FEATURES = 4096


class FeatureScale:
    """Features from numeric columns and from text, each with rows of norm about one.

    With equal norms, one strength of regularisation has the same effect on both, for any number of
    columns.

    Parameters
    ----------
    numeric : array of float, shape (rows, columns)
        The numeric columns whose mean and spread are the scale.
    """

    def __init__(self, numeric: Floats) -> None:
        self._columns = numeric.shape[1]
        if self._columns:
            # Rows are copies already.
            impute = SimpleImputer(keep_empty_features=True, copy=False)
            self._pipeline = make_pipeline(impute, StandardScaler(copy=False)).fit(numeric)

    def transform(self, numeric: Floats, text: Any = None) -> Any:
        """Return the features of rows.

        Parameters
        ----------
        numeric : array of float, shape (rows, columns)
            Their numeric columns.
        text : sparse matrix, optional
            Their text, as `hashed` returns it.

        Returns
        -------
        array or sparse matrix
            The features.
        """
        if not self._columns:
            return text
        scaled = self._pipeline.transform(numeric)
        scaled = np.divide(scaled, np.sqrt(self._columns), out=scaled)
        if text is None:
            return scaled
        return sparse.hstack([sparse.csr_array(scaled), text], format="csr")


class Features:
    """The features of a table.

    Parameters
    ----------
    table : Table
        The table of the columns.
    """

    def __init__(self, table: Table) -> None:
        self._numeric = table.numeric
        self._text: Any = None if table.text is None else hashed(table.text)

    def scale(self, rows: NDArray[np.int64]) -> FeatureScale:
        """Return the scale of some rows."""
        return FeatureScale(self._numeric[rows])

    def of(self, rows: NDArray[np.int64], scale: FeatureScale) -> Any:
        """Return the features of some rows on a scale."""
        return scale.transform(
            self._numeric[rows], None if self._text is None else self._text[rows]
        )


def hashed(text: Sequence[str]) -> Any:
    """Return the counts of character 2- to 4-grams, of norm one, as a sparse matrix."""
    # Case carries meaning in formulas and codes: c and C are two atoms.
    vectorizer = HashingVectorizer(
        analyzer="char", ngram_range=(2, 4), n_features=TEXT_FEATURES, lowercase=False
    )
    return vectorizer.transform(text)
