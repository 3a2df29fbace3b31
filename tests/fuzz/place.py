"""Where the axes of a row, or of the classes, are in a call; in a sample they come last."""

import numpy as np

from fuzz.sample import OF_SHAPE


class Placement:
    """A place at random for the last axes of a sample.

    Attributes
    ----------
    keywords : dict
        The keyword that names the axes in the call, if it must or may be given.
    class_axis : int
        The axis of the entries over which macro averages.
    label_axis : int, optional
        The axis of the prediction that labels of class indices of elements lack.
    order : list of int
        The place in the sample of each axis of the entries.
    """

    def __init__(self, rng, sample):
        case = sample.case
        self.order, self.label_axis = list(range(len(sample.entries))), None
        ndim, rows = sample.x.ndim, len(sample.row)
        self.ndim, self.class_axis, self.keywords = max(ndim, 1), -1, {}
        self.source = self.target = tuple(range(ndim - rows, ndim))
        axes = [name for name in case.loss.record.parameters if name.endswith(("_axis", "_axes"))]
        if case.is_whole:
            if case.loss in OF_SHAPE:
                axis = int(rng.integers(-ndim, ndim))
                sample.oracle = OF_SHAPE[case.loss](sample.row, axis)
                self.keywords = {"class_axis": axis}
        elif rows and axes:
            self.target = tuple(sorted(rng.permutation(ndim)[:rows].tolist()))
            several = axes[0] == "spatial_axes"
            self.keywords = {axes[0]: self.target if several else self.target[0]}
            if sample.class_axis is not None:
                self._place_labels(rng, sample.class_axis)
        elif axes == ["class_axis"] and ndim and (ndim > 2 or rng.integers(2)):
            # The first axis of a batch has its samples.
            self.class_axis = ndim - 1 if case.is_batchwise else int(rng.integers(ndim))
            self.source, self.target = (ndim - 1,), (self.class_axis,)
            self.order.insert(self.class_axis, self.order.pop())
            self.keywords = {"class_axis": self.class_axis - ndim * int(rng.integers(2))}

    def _place_labels(self, rng, axis):
        """Name the axis that labels lack; `axis` is its place in the sample."""
        self.class_axis = min(axis, len(self.order) - 1)
        moved = np.moveaxis(np.empty(range(self.ndim)), self.source, self.target)
        self.label_axis = moved.shape.index(axis)
        self.keywords["class_axis"] = self.label_axis - self.ndim * int(rng.integers(2))

    def of_elements(self, array):
        """Move the axes of an array of all elements; one of the entries of rows stays."""
        array = np.asarray(array)
        return np.moveaxis(array, self.source, self.target) if array.ndim >= self.ndim else array

    def of_labels(self, array):
        """Move the axes of labels of all elements, and drop the axis that class indices lack."""
        array = self.of_elements(array)
        return array if self.label_axis is None else array.take(0, self.label_axis)

    def of_entries(self, array):
        return np.transpose(array, self.order)

    def of_terms(self, terms):
        """Return {entry: term} with the entries of the call."""
        return {tuple(key[k] for k in self.order): term for key, term in terms.items()}
