"""Convert the columns of a table to the features of a linear model."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from maskloss._cli._table import Floats, Table

__all__ = ["TEXT_FEATURES", "Features"]

TEXT_FEATURES = 4096


class Features:
    """Features from numeric columns and from text, each with rows of norm about one.

    With equal norms, one strength of regularisation has the same effect on both, for any number of
    columns.

    Parameters
    ----------
    table : Table
        The table of the columns.
    """

    def __init__(self, table: Table) -> None:
        self._numeric = table.numeric
        self._text: Any = None if table.text is None else _hashed(table.text)

    def split(self, train: NDArray[np.int64], test: NDArray[np.int64]) -> tuple[Any, Any]:
        """Return the features of two sets of rows, scaled by mean and spread of the first set.

        Parameters
        ----------
        train, test : array of int
            The indices of the rows.

        Returns
        -------
        tuple of two arrays or sparse matrices
            The features of either set.
        """
        if not self._numeric.shape[1]:
            return self._text[train], self._text[test]
        scale = make_pipeline(SimpleImputer(keep_empty_features=True), StandardScaler())
        root = np.sqrt(self._numeric.shape[1])
        numeric = (
            scale.fit_transform(self._numeric[train]) / root,
            scale.transform(self._numeric[test]) / root,
        )
        if self._text is None:
            return numeric
        return _side_by_side(numeric[0], self._text[train]), _side_by_side(
            numeric[1], self._text[test]
        )


def _hashed(text: tuple[str, ...]) -> Any:
    # Case carries meaning in formulas and codes: c and C are two atoms.
    vectorizer = HashingVectorizer(
        analyzer="char", ngram_range=(2, 4), n_features=TEXT_FEATURES, lowercase=False
    )
    return vectorizer.transform(text)


def _side_by_side(numeric: Floats, text: Any) -> Any:
    return sparse.hstack([sparse.csr_array(numeric), text], format="csr")
