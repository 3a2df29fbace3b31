"""Keep the best model of a comparison: fitted on all rows, with missing labels masked."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.text import Text
from threadpoolctl import threadpool_limits

from ._comparison import Comparison
from ._contest import contests
from ._features import Features, FeatureScale, hashed
from ._model_file import Contents, versions, write_model_file
from ._models import Model
from ._table import Floats, Table
from ._terminal import printable, written
from ._treatments import Fit, fit

__all__ = ["SavedModel", "save_best"]


@dataclass(frozen=True)
class SavedModel:
    """What a model file holds.

    Attributes
    ----------
    scale : FeatureScale
        The scale of the features.
    fits : tuple of pairs
        The positions of the labels of each kind, and their model.
    """

    scale: FeatureScale
    fits: tuple[tuple[NDArray[np.int64], Fit], ...]

    def predict(self, numeric: Floats, text: Sequence[str] | None) -> Floats:
        """Return predictions of shape (rows, labels).

        Parameters
        ----------
        numeric : array of float, shape (rows, columns)
            The numeric columns and those of categories.
        text : sequence of str, optional
            The text column.

        Returns
        -------
        array of float
            Probabilities of labels of two values, and numbers.
        """
        features = self.scale.transform(numeric, None if text is None else hashed(text))
        predictions = np.empty((len(numeric), sum(len(columns) for columns, _ in self.fits)))
        for columns, fitted in self.fits:
            predictions[:, columns] = fitted.predict(features)
        return predictions


def save_best(table: Table, comparisons: Sequence[Comparison], path: str) -> None:
    """Fit the best model of each kind of labels on the whole table, and write it.

    Parameters
    ----------
    table : Table
        The samples.
    comparisons : sequence of Comparison
        The comparison of each model.
    path : str
        The file to write.

    Raises
    ------
    UserError
        If the file cannot be written.
    """
    rows = np.arange(len(table.targets))
    features = Features(table)
    scale = features.scale(rows)
    design, fits, names = features.of(rows, scale), [], {}
    for contest in contests(comparisons):
        binary, name = contest.kind.binary, comparisons[contest.best].model
        columns = np.flatnonzero(table.binary == binary)
        with threadpool_limits(1):
            targets = table.targets[:, columns]
            fitted = fit("masked", design, targets, binary=binary, model=Model(name, np.asarray))
        fits.append((columns, fitted))
        names["binary" if binary else "numeric"] = name
    hot = sum(len(words) for words in table.words.values())
    contents = Contents(
        versions=versions(names.values()),
        models=names,
        labels=table.labels,
        numbers=table.feature_names[: len(table.feature_names) - hot],
        words=table.words,
        text=table.text_name,
    )
    with written(path, "--save-model"):
        write_model_file(path, contents, SavedModel(scale, tuple(fits)))
    text = (
        f"Model of {', '.join(sorted({*names.values()}))}: {printable(path)}. Opening it can run "
        "code: open only a model file that you trust."
    )
    Console(stderr=True, highlight=False).print(Text(text), soft_wrap=True)
