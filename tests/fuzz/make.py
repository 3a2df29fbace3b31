"""A random valid call of a loss on a library."""

import math

import numpy as np

from fuzz.call import Call, native
from fuzz.place import Placement
from fuzz.sample import draw
from fuzz.way import draw_way
from helpers.frameworks import asnumpy

POISONS = [np.nan, np.inf, -np.inf, 1e38, -1e38]


def make(backend, rng, palette):
    return _Maker(backend, rng, palette).make()


class _Maker:
    """Makes one call from one stream of random numbers."""

    def __init__(self, backend, rng, palette):
        self.backend, self.rng, self.palette = backend, rng, palette
        self.sample = draw(rng, palette.shapes)
        self.place = Placement(rng, self.sample)
        self.arguments, self.dirty = {}, {}

    def make(self):
        sample, rng, place = self.sample, self.rng, self.place
        x_name, y_name = sample.case.loss.record.inputs.names
        x_dtype, y_dtype = self._one_of(self.palette.floats), self._label_dtype()
        sample.x, sample.y = self._rounded(sample.x, x_dtype), self._rounded(sample.y, y_dtype)
        mask, given_mask = self._mask()
        missing = self._missing(y_dtype)
        share = 0 if missing is None else 0.3
        marked = self._of_pixels(rng.uniform(size=sample.y.shape) < share)
        known = mask & ~(marked if marked.shape == sample.units else sample.any_of_entry(marked))
        rows = sample.any_of_entry(known)
        hidden = self._of_elements(~known)
        self._put(x_name, sample.x, x_dtype, hidden)
        self._put_labels(y_name, y_dtype, marked, missing, mask)
        self._put_mask(given_mask)
        weight = self._weight(~rows)
        self._put_options(x_dtype, ~rows, hidden)
        self._say(**place.keywords)
        weight = np.broadcast_to(weight * self._class_weight(), sample.entries)
        way = self._way()
        exact = sample.exact(known)
        numbers = np.arange(math.prod(sample.entries)).reshape(sample.entries)
        return Call(
            sample.case,
            self.backend,
            self.arguments,
            self.dirty,
            place.of_terms(exact),
            place.of_entries(numbers),
            place.of_elements(sample.owners(known)),
            place.of_elements(sample.derivative(exact, "slope")),
            place.of_elements(sample.derivative(exact, "curvature")),
            place.of_entries(sample.counted(known)),
            place.of_entries(weight),
            place.of_elements(hidden),
            way,
            sample.has_class_indices,
        )

    def _one_of(self, values):
        return values[self.rng.integers(len(values))]

    def _rounded(self, array, dtype):
        return asnumpy(native(self.backend, array, dtype))

    def _say(self, **keywords):
        self.arguments.update(keywords)
        self.dirty.update(keywords)

    def _put(self, name, array, dtype, hidden=None, place=None):
        """Add an array, and the same with anything where it is hidden."""
        layout, array = self._one_of(self.palette.layouts), np.asarray(array)
        place = place or self.place.of_elements
        clean = native(self.backend, place(array), dtype, layout)
        self._say(**{name: clean})
        if hidden is not None and hidden.any():
            poison = 99 if array.dtype.kind in "iu" else self._one_of(POISONS)
            with np.errstate(over="ignore"):
                bad = place(np.where(hidden, poison, array))
                self.dirty[name] = native(self.backend, bad, dtype, layout)

    def _of_elements(self, units):
        """Repeat what is of each unit along its elements."""
        rest = (1,) * (self.sample.x.ndim - units.ndim)
        return np.broadcast_to(units.reshape(units.shape + rest), self.sample.x.shape)

    def _of_pixels(self, array):
        """Make an array the same along the axis that class indices lack."""
        axis = self.sample.class_axis
        return array if axis is None else np.broadcast_to(array.take([0], axis), array.shape)

    def _label_dtype(self):
        y, floating = self.sample.y, self._one_of(self.palette.floats)
        if np.any(y != np.round(y)) or np.isinf(y).any():
            return floating
        kinds = [*self.palette.integers, *(self.palette.unsigned if np.all(y >= 0) else [])]
        if self.sample.holds_classes:
            return self._one_of(kinds)
        kinds = kinds if np.any((y < 0) | (y > 1)) else [*kinds, "bool"]
        return self._one_of([*kinds, floating, floating, floating])

    def _missing(self, dtype):
        if dtype == "bool" or self.rng.uniform() < 0.6:
            return None
        if "int" in dtype:
            return 77 if dtype == "uint8" else self._one_of([-77, (-77, -78)])
        return self._one_of([math.nan, -77.0, (math.nan, -77.0)])

    def _put_labels(self, name, dtype, marked, missing, mask):
        labels, hidden, axis = self.sample.y, ~mask, self.sample.class_axis
        if axis is not None:
            labels = np.broadcast_to(labels.argmax(axis, keepdims=True), labels.shape)
            hidden = np.broadcast_to(hidden.all(axis, keepdims=True), labels.shape)
        if missing is not None:
            mark = missing[0] if isinstance(missing, tuple) else missing
            labels = np.where(marked, np.asarray(mark, labels.dtype), labels)
        hidden = hidden if hidden.shape == labels.shape else self._of_elements(hidden)
        hidden = None if dtype == "bool" else hidden & ~marked
        self._put(name, labels, dtype, hidden, self.place.of_labels)
        if missing is not None:
            self._say(missing=missing)

    def _broadcast(self, array):
        """Return an array, some axes of which have size 1, in full and as it is."""
        index = [slice(0, 1) if self.rng.uniform() < 0.3 else slice(None) for _ in array.shape]
        part = array[tuple(index)] if 0 not in array.shape and self.rng.integers(2) else array
        return np.broadcast_to(part, array.shape), part

    def _mask(self):
        kind, units = self._one_of(["none", "scalar", "array", "array", "array"]), self.sample.units
        if kind == "none":
            return np.ones(units, bool), None
        if kind == "scalar":
            value = bool(self.rng.integers(2))
            return np.full(units, value), value
        mask = self.rng.uniform(size=units) < self._one_of([0.7, 0.7, 0.1, 0])
        axis = self.sample.class_axis
        if axis is None or self.rng.integers(2):
            return self._broadcast(mask)
        full, part = self._broadcast(mask.take([0], axis))
        return np.broadcast_to(full, units), part

    def _put_mask(self, mask):
        if isinstance(mask, bool):
            self._say(mask=self._one_of([mask, np.bool_(mask), float(mask), int(mask)]))
        elif mask is not None:
            axis, dtype = self.sample.class_axis, self._one_of(self.palette.masks)
            is_of_pixels = axis is not None and mask.shape[axis] == 1 and self.rng.integers(2)
            place = self.place.of_labels if is_of_pixels else self.place.of_elements
            self._put("mask", mask, dtype, place=place)

    def _weight(self, hidden):
        kind, entries = self._one_of(["none", "scalar", "array", "array"]), self.sample.entries
        if kind == "none":
            return np.ones(entries)
        if kind == "scalar":
            value = self._one_of([0.0, 1, 2.5])
            self._say(weight=value)
            return np.full(entries, float(value))
        full, part = self._broadcast(self.rng.integers(0, 5, entries) / 2)
        own = hidden if part.shape == entries else None
        self._put("weight", part, self._one_of(self.palette.floats), own)
        return full

    def _put_options(self, dtype, hidden_entries, hidden):
        sample = self.sample
        for name, value in sample.options.items():
            if not isinstance(value, np.ndarray):
                self._say(**{name: value})
                continue
            is_floating = value.dtype.kind == "f"
            own = self._one_of([dtype, self.palette.floats[0]]) if is_floating else value.dtype.name
            sample.options[name] = self._rounded(value, own)
            if name in sample.per_class:
                self._say(**{name: native(self.backend, value, own)})
            else:
                unseen = hidden_entries if value.shape == sample.entries else hidden
                self._put(name, value, own, unseen if is_floating else None)

    def _class_weight(self):
        sample, name = self.sample, "class_weight"
        takes_one = name in sample.case.loss.record.parameters and not sample.row
        if not takes_one or not sample.entries or self.rng.uniform() < 0.7:
            return 1.0
        numbers = self.rng.integers(0, 5, sample.entries[-1]) / 2
        self._say(class_weight=native(self.backend, numbers, self._one_of(self.palette.floats)))
        return numbers

    def _way(self):
        case, place = self.sample.case, self.place
        reductions = case.reductions
        if case.needs_whole_call and place.ndim > 2:
            reductions.remove("macro")  # needs a named axis of the classes, which groups have not
        parameters = case.loss.record.parameters
        has_class_rows = "class_axis" in parameters and "spatial_axes" not in parameters
        if self.sample.row and has_class_rows and len(self.sample.entries) > 2:
            reductions = [name for name in reductions if name != "macro"]
        axes = place.keywords.get("spatial_axes", ())
        if len(axes) == place.ndim > 1 and "class_axis" not in place.keywords:
            reductions = [name for name in reductions if name != "sums"]  # of one region
        shape = place.of_entries(np.empty(self.sample.entries)).shape
        way, keywords = draw_way(self.rng, reductions, shape, place.class_axis)
        if isinstance(keywords.get("divisor"), np.ndarray):
            dtype = self._one_of(self.palette.floats)
            keywords["divisor"] = native(self.backend, keywords["divisor"], dtype)
        self._say(**keywords)
        return way
