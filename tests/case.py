"""A row of the table of cases."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class Case:
    """A loss, how to call it, and what it should be.

    Attributes
    ----------
    make : callable
        ``make(rng)`` gives predictions and labels as float64 and integer or float64 arrays.
    oracle : callable
        ``oracle(row, label, **options)`` gives the `oracles.Exact` of one entry.
    options : dict
        Keywords of the loss; arrays are converted to the backend's.
    extremes : callable, optional
        ``extremes(finfo)`` gives predictions and labels over the whole finite range, where value
        and derivatives must be within 8 epsilons.
    torch : str, optional
        The function of `torch.nn.functional` it equals with nothing missing.
    class_axis : int, optional
        The axis of the classes, where an entry is a row.
    coupled : bool
        Whether the elements of a row are observed one by one. The oracle then gets which are, and
        gives zeros where they are not.
    is_whole : bool
        Whether the one entry is the whole prediction.
    """

    name: str
    loss: Callable
    make: Callable
    oracle: Callable
    options: dict = field(default_factory=dict)
    extremes: Callable | None = None
    torch: str | None = None
    class_axis: int | None = None
    coupled: bool = False
    is_whole: bool = False

    def row_axes(self, shape):
        """Return the axes of an entry, counted from the front."""
        if self.is_whole:
            return tuple(range(len(shape)))
        return () if self.class_axis is None else (self.class_axis % len(shape),)

    def arrays(self, seed=0):
        """Return predictions, labels, mask and weight, of which a third is not observed."""
        rng = np.random.default_rng(seed)
        prediction, labels = self.make(rng)
        shape = self.entry_shape(prediction)
        units = prediction.shape if self.coupled else shape
        mask = rng.permutation(np.arange(np.prod(units)) % 3 > 0).reshape(units)
        if self.coupled and not self.is_whole:
            mask[(0,) * len(shape)] = False  # one row of which nothing is observed
        return prediction, labels, mask, rng.uniform(0.5, 2.0, shape)

    def entry_shape(self, prediction):
        return tuple(np.delete(prediction.shape, self.row_axes(prediction.shape)))

    def counted(self, mask, shape):
        """Return which entries have anything observed."""
        return mask.any(self.row_axes(shape)) if self.coupled else mask

    def exact(self, prediction, labels, mask=None):
        """Return {entry: Exact} of NumPy arrays."""
        prediction, labels = np.asarray(prediction, float), np.asarray(labels)
        shape = prediction.shape
        indexed = labels.ndim < prediction.ndim
        rows = self._rows(prediction, shape)
        if self.class_axis is not None and not indexed:
            labels = self._rows(labels, shape)
        elif self.is_whole:
            labels = labels.ravel()
        observed = None
        if self.coupled:
            observed = self._rows(np.ones(shape, bool) if mask is None else mask, shape)
        return {
            entry: self.oracle(
                rows[entry].tolist(),
                labels[entry].tolist(),
                *([] if observed is None else [observed[entry].tolist()]),
                **self._options(entry),
            )
            for entry in np.ndindex(rows.shape[:-1])
        }

    def _rows(self, array, shape):
        """Lay the elements of each entry along a last axis."""
        axes = self.row_axes(shape)
        last = np.moveaxis(array, axes, range(-len(axes), 0)) if axes else array
        return last.reshape(*self.entry_shape(np.empty(shape)), -1)

    def _options(self, entry):
        """Return the keywords of one entry: of one number per class, that of its class."""
        options = {k: v for k, v in self.options.items() if k != "class_axis"}
        if self.class_axis is None and not self.is_whole:
            options = {k: v[entry[-1]] if np.ndim(v) else v for k, v in options.items()}
        return options

    def derivative(self, exact, part, shape):
        """Lay out the slopes or curvatures of {entry: Exact} in the prediction's shape."""
        rows = np.asarray([[float(v) for v in getattr(term, part)] for term in exact.values()])
        axes = self.row_axes(shape)
        sizes = tuple(shape[axis] for axis in axes)
        last = rows.reshape(self.entry_shape(np.empty(shape)) + sizes)
        return np.moveaxis(last, range(-len(axes), 0), axes) if axes else last
