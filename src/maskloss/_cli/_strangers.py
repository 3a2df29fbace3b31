"""What a model has not learnt of the table that it predicts, in notes for the user."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np

from ._categories import unknown_words
from ._columns import listed
from ._model_file import Contents
from ._table import Floats

__all__ = ["Strangers"]


class Strangers:
    """Words that a model does not know, and columns without a number or a text.

    The model takes each as a gap. That is right for one new word or one gap. Where a whole column
    was spelt or exported in another way, it is a prediction from the rest that looks like others.

    Parameters
    ----------
    contents : Contents
        The columns of the model.
    """

    def __init__(self, contents: Contents) -> None:
        self._contents = contents
        self._empty = dict.fromkeys(contents.columns)  # in their order
        self._unknown: Counter[str] = Counter()
        self._words: Counter[str] = Counter()
        self._examples: dict[str, str] = {}

    def add(self, frame: Any, numbers: Floats) -> None:
        """Take note of some rows, given the numbers that the model gets of them."""
        contents = self._contents
        is_number = np.isfinite(numbers)
        held = [name for k, name in enumerate(contents.numbers) if is_number[:, k].any()]
        held += [name for name in (*contents.words, contents.text) if name and _holds(frame[name])]
        for name in held:
            self._empty.pop(name, None)
        for name, words in contents.words.items():
            number, unknown = unknown_words(frame[name], words)
            self._words[name] += number
            self._unknown[name] += len(unknown)
            for word in unknown[:1]:
                self._examples.setdefault(name, word)

    def notes(self) -> Iterator[str]:
        """Yield a note for each column with such cells."""
        for name, number in self._unknown.items():
            if number:
                yield (
                    f"Column {name!r}: {number:,} of {self._words[name]:,} words, such as "
                    f"{self._examples[name]!r}, are none that the model learnt, and count as no "
                    f"word; it learnt {listed(self._contents.words[name])}."
                )
        if self._empty:
            yield f"The model learnt from {listed([*self._empty])}, which no row of the table has."


def _holds(column: Any) -> bool:
    return bool(column.notna().any())
