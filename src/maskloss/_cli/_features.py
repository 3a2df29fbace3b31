"""From a table's columns to the numbers a linear model takes."""

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
    """Two blocks, numeric columns and text, each with rows of norm about one.

    Equal norms give one strength of regularisation the same meaning on both, however many
    columns there are.

    Parameters
    ----------
    table : Table
        Where the columns come from.
    """

    def __init__(self, table: Table) -> None:
        self._numeric = table.numeric
        self._text: Any = None if table.text is None else _hashed(table.text)

    def split(self, train: NDArray[np.int64], test: NDArray[np.int64]) -> tuple[Any, Any]:
        """Features of two sets of rows; mean and spread are those of the first.

        Parameters
        ----------
        train, test : array of int
            The rows.

        Returns
        -------
        tuple of two arrays or sparse matrices
            Their features.
        """
        if not self._numeric.shape[1]:
            return self._text[train], self._text[test]
        scale = make_pipeline(SimpleImputer(keep_empty_features=True), StandardScaler())
        root = np.sqrt(self._numeric.shape[1])
        blocks = (
            scale.fit_transform(self._numeric[train]) / root,
            scale.transform(self._numeric[test]) / root,
        )
        if self._text is None:
            return blocks
        return _beside(blocks[0], self._text[train]), _beside(blocks[1], self._text[test])


def _hashed(text: tuple[str, ...]) -> Any:
    # Case carries meaning in formulas and codes: c and C are two atoms.
    vectorizer = HashingVectorizer(
        analyzer="char", ngram_range=(2, 4), n_features=TEXT_FEATURES, lowercase=False
    )
    return vectorizer.transform(text)


def _beside(numeric: Floats, text: Any) -> Any:
    return sparse.hstack([sparse.csr_array(numeric), text], format="csr")
