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
    """

    name: str
    loss: Callable
    make: Callable
    oracle: Callable
    options: dict = field(default_factory=dict)
    extremes: Callable | None = None
    torch: str | None = None
    class_axis: int | None = None

    def arrays(self, seed=0):
        """Return predictions, labels, mask and weight, of which a third is not observed."""
        rng = np.random.default_rng(seed)
        prediction, labels = self.make(rng)
        shape = self.entry_shape(prediction)
        mask = rng.permutation(np.arange(np.prod(shape)) % 3 > 0).reshape(shape)
        return prediction, labels, mask, rng.uniform(0.5, 2.0, shape)

    def entry_shape(self, prediction):
        if self.class_axis is None:
            return prediction.shape
        return tuple(np.delete(prediction.shape, self.class_axis))

    def exact(self, prediction, labels):
        """Return {entry: Exact} of NumPy arrays."""
        prediction, labels = np.asarray(prediction, float), np.asarray(labels)
        indexed = labels.ndim < prediction.ndim
        if self.class_axis is None:
            prediction = prediction[..., None]
        else:
            prediction = np.moveaxis(prediction, self.class_axis, -1)
            labels = labels if indexed else np.moveaxis(labels, self.class_axis, -1)
        return {
            entry: self.oracle(
                prediction[entry].tolist(), labels[entry].tolist(), **self._options(entry)
            )
            for entry in np.ndindex(prediction.shape[:-1])
        }

    def _options(self, entry):
        """Return the keywords of one entry: of one number per class, that of its class."""
        options = {k: v for k, v in self.options.items() if k != "class_axis"}
        if self.class_axis is None:
            options = {k: v[entry[-1]] if np.ndim(v) else v for k, v in options.items()}
        return options

    def derivative(self, exact, part, shape):
        """Lay out the slopes or curvatures of {entry: Exact} in the prediction's shape."""
        rows = [[float(v) for v in getattr(term, part)] for term in exact.values()]
        if self.class_axis is None:
            return np.asarray(rows).reshape(shape)
        last = (*tuple(np.delete(shape, self.class_axis)), shape[self.class_axis])
        return np.moveaxis(np.asarray(rows).reshape(last), -1, self.class_axis)
