"""A row of the table of cases."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from maskloss._inputs.options import REDUCTIONS


@dataclass(frozen=True)
class Case:
    """A loss, how to call it, and what it should be.

    Attributes
    ----------
    make : callable
        ``make(rng)`` gives predictions and labels as float64 and integer or float64 arrays.
    oracle : callable
        ``oracle(row, label, **options)`` gives the `Exact` of one entry.
    options : dict
        Keywords of the loss; arrays are converted to the backend's. One of the shape of the
        entries, or of the predictions, holds a number of each; another, one of each class.
    extremes : callable, optional
        ``extremes(finfo)`` gives predictions and labels over the whole finite range, where value
        and derivatives must be within 8 epsilons, and maybe a dict of keywords that go with them.
    torch : str, optional
        The function of `torch.nn.functional` it equals with nothing missing.
    class_axis : int or tuple of int, optional
        The axis of the classes, or the axes of a row, where an entry is a row.
    coupled : bool
        Whether the elements of a row are observed one by one. The oracle then gets which are, and
        gives zeros where they are not.
    is_whole : bool
        Whether the one entry is the whole prediction.
    needs_whole_call : bool
        Whether an entry, an element, depends on the others along the last axis, and has the weight
        of its group among the option `groups`. The oracle then gets all of them and which are
        observed, and gives a list.
    is_batchwise : bool
        Whether an entry, an element, depends on all the others. The oracle then gets them as arrays
        with which are observed, and gives {entry: Exact}.
    of_pixels : bool
        Whether a region depends on the elements of others at its pixels. The oracle then gets whole
        arrays with which are observed, and gives {entry: Exact} with derivatives by all elements.
    counts_samples : bool
        Whether an entry depends on how many places the first axis has.
    held : tuple of str
        The array keywords, or ``"labels"``, for which derivatives are not those of the value.
    is_split : bool
        Whether the loss of a batch is made of the losses of its parts, so that it has sums.
    not_compiled_by : tuple of str
        The backends whose compiler fails on its derivatives, by an error of their own.
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
    needs_whole_call: bool = False
    is_batchwise: bool = False
    of_pixels: bool = False
    counts_samples: bool = False
    held: tuple = ()
    is_split: bool = True
    not_compiled_by: tuple = ()

    @property
    def reductions(self):
        return [name for name in REDUCTIONS if name != "sums" or self.is_split]

    @property
    def is_joint(self):
        """Whether an entry depends on elements of others, so that a call is computed as a whole."""
        return self.needs_whole_call or self.of_pixels

    @property
    def has_pixel_indices(self):
        """Whether labels are class indices of elements that are observed one by one."""
        return {"spatial_axes", "class_axis"} <= {*self.options} and not self.of_pixels

    def row_axes(self, shape):
        """Return the axes of an entry, counted from the front."""
        if self.is_whole:
            return tuple(range(len(shape)))
        axes = self.class_axis if isinstance(self.class_axis, tuple) else (self.class_axis,)
        return tuple(sorted(axis % len(shape) for axis in axes if axis is not None))

    def arrays(self, seed=0):
        """Return predictions, labels, mask and weight, of which a third is not observed."""
        rng = np.random.default_rng(seed)
        prediction, labels = self.make(rng)
        shape = self.entry_shape(prediction)
        units = prediction.shape if self.coupled else shape
        mask = rng.permutation(np.arange(np.prod(units)) % 3 > 0).reshape(units)
        if self.coupled and not self.is_whole:
            mask[(0,) * len(shape)] = False  # one row of which nothing is observed
        weight = rng.uniform(0.5, 2.0, shape)
        if self.needs_whole_call:
            weight = weight[..., self.options["groups"]]
        return prediction, labels, mask, weight

    def entry_shape(self, prediction):
        return tuple(np.delete(prediction.shape, self.row_axes(prediction.shape)))

    def lined_up(self, shape):
        """Return the names of the keywords that hold one number per entry or prediction."""
        shapes = {self.entry_shape(np.empty(shape)), tuple(shape)}
        arrays = {k: v for k, v in self.options.items() if isinstance(v, np.ndarray)}
        return [name for name, array in arrays.items() if array.shape in shapes]

    def with_options(self, options):
        """Return the case with other values of some keywords."""
        return replace(self, options=self.options | options)

    def at(self, index, shape):
        """Return the case of the entries at `index` alone."""
        return self.with_options({name: self.options[name][index] for name in self.lined_up(shape)})

    def at_extremes(self, dtype):
        """Return the case, predictions and labels over the whole finite range."""
        x, y, *options = self.extremes(np.finfo(dtype))
        return self.with_options(dict(*options)), x, y

    def counted(self, mask, shape):
        """Return which entries have anything observed."""
        return mask.any(self.row_axes(shape)) if self.coupled else mask

    def exact(self, prediction, labels, mask=None):
        """Return {entry: Exact} of NumPy arrays."""
        prediction, labels = np.asarray(prediction, float), np.asarray(labels)
        shape = prediction.shape
        if self.needs_whole_call:
            return self._exact_of_joint(prediction, labels, mask)
        if self.is_batchwise:
            mask = np.ones(shape, bool) if mask is None else np.asarray(mask)
            return self.oracle(prediction, labels, mask, **self.options)
        if self.has_pixel_indices:
            labels = self._one_hot(labels, shape)
        if self.of_pixels:
            mask = np.ones(shape, bool) if mask is None else np.asarray(mask)
            return self.oracle(prediction, labels, mask, self.row_axes(shape), **self.options)
        indexed = labels.ndim < prediction.ndim
        rows = self._rows(prediction, shape)
        if self.class_axis is not None and not indexed:
            labels = self._rows(labels, shape)
        elif self.is_whole:
            labels = labels.ravel()
        observed = None
        if self.coupled:
            observed = self._rows(np.ones(shape, bool) if mask is None else mask, shape)
        of_entry = self._options(shape)
        return {
            entry: self.oracle(
                rows[entry].tolist(),
                labels[entry].tolist(),
                *([] if observed is None else [observed[entry].tolist()]),
                **{name: get(entry) for name, get in of_entry.items()},
            )
            for entry in np.ndindex(rows.shape[:-1])
        }

    def _exact_of_joint(self, prediction, labels, mask):
        mask = np.ones(prediction.shape, bool) if mask is None else mask
        exact = {}
        for lead in np.ndindex(prediction.shape[:-1]):
            arrays = (array[lead].tolist() for array in (prediction, labels, mask))
            own = self.at(lead, prediction.shape).options
            exact |= {(*lead, k): e for k, e in enumerate(self.oracle(*arrays, **own))}
        return exact

    def _one_hot(self, indices, shape):
        axis = self.options["class_axis"]
        return np.moveaxis(np.eye(shape[axis])[indices], -1, axis)

    def _rows(self, array, shape):
        """Lay the elements of each entry along a last axis."""
        axes = self.row_axes(shape)
        last = np.moveaxis(array, axes, range(-len(axes), 0)) if axes else array
        return last.reshape(*self.entry_shape(np.empty(shape)), -1)

    def _options(self, shape):
        """Return for each keyword a function that gives the number of an entry, or of its class."""
        entries, lined_up = self.entry_shape(np.empty(shape)), self.lined_up(shape)

        def of_entry(name, value):
            if name in lined_up:
                own = value if value.shape == entries else self._rows(value, shape)
                return lambda entry: own[entry].tolist()
            if np.ndim(value) and not self.row_axes(shape):
                return lambda entry: value[entry[-1]]
            return lambda _: value

        kept = {k: v for k, v in self.options.items() if not k.endswith(("_axis", "_axes"))}
        return {name: of_entry(name, value) for name, value in kept.items()}

    def laid_out(self, exact, shape, factor=1.0):
        """Lay out {entry: Exact}, each times its factor, as value, slope and curvature."""
        values = np.asarray([float(term.value) for term in exact.values()])
        return (
            factor * values.reshape(self.entry_shape(np.empty(shape))),
            self.derivative(exact, "slope", shape, factor),
            self.derivative(exact, "curvature", shape, factor),
        )

    def derivative(self, exact, part, shape, factor=1.0):
        """Lay out the slopes or curvatures of {entry: Exact}, each times its factor, as in x."""
        entries, axes = self.entry_shape(np.empty(shape)), self.row_axes(shape)
        factor = np.broadcast_to(factor, entries)
        rows = np.asarray([[float(v) for v in getattr(term, part)] for term in exact.values()])
        if self.of_pixels:
            return (factor.reshape(-1) @ rows).reshape(shape)
        last = rows.reshape(entries + tuple(shape[axis] for axis in axes))
        factor = factor.reshape(entries + (1,) * len(axes))
        return np.moveaxis(factor * last, range(-len(axes), 0), axes) if axes else factor * last
