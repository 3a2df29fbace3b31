"""A case of the table with other shapes: entries and elements of rows drawn from its arrays.

The axes of a row, or the axis of the classes, come last.
"""

import math
from dataclasses import dataclass, field

import numpy as np

import maskloss as ml
from fuzz.shapes import at_most
from tables import cases
from tables.oracles import multilabel, partial
from tables.oracles.exact import Exact

# Regions of a softmax depend on others at their pixels, which samples of rows have not.
CASES = [case for case in cases.CASES if not case.of_pixels]

# Losses of the whole prediction that count its classes: each shape has an oracle of its own.
OF_SHAPE = {
    ml.two_way_loss: lambda shape, axis: multilabel.two_way_of_shapes(shape, class_axis=axis),
    ml.expected_positive_loss: lambda shape, axis: partial.expected_positive(shape[axis]),
    ml.role_loss: lambda shape, axis: partial.role(shape[axis]),
}

# The losses that do not count every list with an observed item: which labels, or
# events, a counted one has.
COUNTED = {
    ml.softmax_ranking_loss: lambda labels: max(labels) > 0,
    ml.list_mle_loss: lambda labels: len(labels) > 1,
    ml.pairwise_hinge_loss: lambda labels: max(labels) > min(labels),
    ml.pairwise_logistic_loss: lambda labels: max(labels) > min(labels),
    ml.two_way_loss: lambda labels: max(labels) > 0,
    ml.cox_loss: lambda events: max(events) > 0,
}

# The losses whose rows are pairs.
OF_PAIRS = (ml.preference_loss, ml.orpo_loss)


@dataclass
class Sample:
    """Arrays of a case in float64 or integers.

    Attributes
    ----------
    entries, row : tuple of int
        The shapes of the entries and of a row.
    per_entry, per_class : set of str
        The keywords that hold one number per entry (or element), and per class.
    class_axis : int, optional
        The axis of the prediction along which labels, here one-hot, are given as class indices.
    """

    case: object
    oracle: object
    x: object
    y: object
    entries: tuple
    row: tuple
    options: dict = field(default_factory=dict)
    per_entry: set = field(default_factory=set)
    per_class: set = field(default_factory=set)
    class_axis: int | None = None

    @property
    def has_class_indices(self):
        """Whether the labels are class indices, one for each row."""
        is_of_rows = self.y.ndim < self.x.ndim and self.case.loss is not ml.ensemble_crps_loss
        return is_of_rows or self.class_axis is not None

    @property
    def holds_classes(self):
        """Whether the labels are numbers of classes."""
        is_listed = self.case.loss is ml.multilabel_margin_loss and "multi_hot" not in self.options
        return self.has_class_indices or is_listed

    @property
    def units(self):
        """The shape of what is observed one by one."""
        return self.x.shape if self.case.coupled else self.entries

    def any_of_entry(self, marked):
        return marked.any(tuple(range(len(self.entries), marked.ndim)))

    def counted(self, mask):
        """Return which entries count, given which units are observed."""
        count = COUNTED.get(self.case.loss, len)
        if not self.case.coupled and not self.case.needs_whole_call:
            return mask
        counted = np.zeros(self.entries, bool)
        for lead, places in self._lists(mask):
            first = (*lead, places[0]) if self.case.needs_whole_call else lead
            deciding = self.options.get("events", self.y)
            counted[first] = bool(count(np.ravel(deciding[lead])[places]))
        return counted

    def _lists(self, mask):
        """Iterate over the observed items of the lists, in rows or in groups of a row."""
        for lead in np.ndindex(self.entries[: len(self.entries) - self.case.needs_whole_call]):
            known = np.ravel(mask[lead])
            groups = self.options.get("groups", np.zeros(known.size))
            for group in set(groups[known]):
                yield lead, np.flatnonzero(known & (groups == group))

    def owners(self, mask):
        """Return the number of the entry that depends on each element."""
        owners = np.arange(math.prod(self.entries)).reshape(self.entries)
        for lead, places in self._lists(mask) if self.case.needs_whole_call else ():
            owners[lead][places] = owners[lead][places[0]]
        axes = (1,) * (self.x.ndim - owners.ndim)
        return np.broadcast_to(owners.reshape(self.entries + axes), self.x.shape)

    def derivative(self, exact, part):
        """Lay out the slopes or curvatures of {entry: Exact} as the prediction."""
        rows = [[float(v) for v in getattr(term, part)] for term in exact.values()]
        return np.asarray(rows, float).reshape(self.x.shape)

    def exact(self, mask):
        """Return {entry: Exact} of the arrays, given which units are observed."""
        if self.case.is_batchwise:
            return self.oracle(self.x, self.y, mask, **self.options)
        if self.case.needs_whole_call:

            def own(lead):
                lined_up = {k: self.options[k][lead] for k in self.per_entry}
                return self.options | lined_up

            return {
                (*lead, k): exact
                for lead in np.ndindex(self.entries[:-1])
                for k, exact in enumerate(
                    self.oracle(*(a[lead].tolist() for a in (self.x, self.y, mask)), **own(lead))
                )
            }
        return {entry: self._exact(entry, mask) for entry in np.ndindex(self.entries)}

    def _exact(self, entry, mask):
        if not self.x[entry].size:
            return Exact(0.0, [], [])

        def elements(array):
            row = array[entry]
            return np.ravel(row).tolist() if np.ndim(row) else row.item()

        options = dict(self.options)
        for name in self.per_entry:
            options[name] = elements(options[name])
        for name in self.per_class if not self.row else ():
            options[name] = options[name][entry[-1]]
        observed = (np.ravel(mask[entry]).tolist(),) if self.case.coupled else ()
        return self.oracle(np.ravel(self.x[entry]).tolist(), elements(self.y), *observed, **options)


def draw(rng, shapes):
    """Return a case at random with shapes at random."""
    case = CASES[rng.integers(len(CASES))]
    x, y = case.make(rng)
    shape = x.shape
    axes = (len(shape) - 1,) if case.needs_whole_call else case.row_axes(shape)
    length = int(np.prod([shape[k] for k in axes]))
    entries, row = _shapes(rng, shapes, case, axes, length)
    picked = rng.integers(0, x.size // length, entries)
    elements = rng.permutation(length)[: int(np.prod(row))]

    def of_elements(array):
        last = np.moveaxis(array, axes, range(-len(axes), 0)) if axes else array
        return last.reshape(-1, length)[picked][..., elements].reshape(entries + row)

    def lined_up(array):
        return of_elements(array) if array.shape == shape else array.reshape(-1)[picked]

    if case.has_pixel_indices:
        return _of_pixels(rng, Sample(case, case.oracle, of_elements(x), None, entries, row))
    sample = Sample(case, case.oracle, of_elements(x), lined_up(y), entries, row)
    classes = elements if row else rng.integers(0, shape[-1], entries[-1:])
    _put_options(sample, shape, lined_up, classes)
    if case.needs_whole_call:
        sample.entries, sample.row = entries + row, ()
    sample.y = _labels(rng, sample)
    return sample


def _put_options(sample, shape, lined_up, classes):
    """Add the options of the case, whose arrays have elements of its shape or classes."""
    for name, value in sample.case.options.items():
        if isinstance(value, np.ndarray):
            is_lined_up = name in sample.case.lined_up(shape)
            if not is_lined_up and not sample.entries + sample.row:
                # A prediction without dimensions has no classes.
                if name in sample.case.loss.record.required:
                    sample.options[name] = float(value[0])
                continue
            (sample.per_entry if is_lined_up else sample.per_class).add(name)
            if name == "transition":
                value = _among(value, classes)
            else:
                value = lined_up(value) if is_lined_up else value[classes]
        if not name.endswith(("_axis", "_axes")):
            sample.options[name] = value


def _among(transition, classes):
    """Return the probabilities of the labels that are left."""
    left = transition[np.ix_(classes, classes)]
    return left / left.sum(-1, keepdims=True)


def _of_pixels(rng, sample):
    """Give a sample one-hot labels along an axis at random."""
    axes = [axis for axis, size in enumerate(sample.x.shape) if size]
    sample.class_axis = axis = int(axes[rng.integers(len(axes))])
    classes = sample.x.shape[axis]
    one_hot = np.eye(classes)[rng.integers(0, classes, np.delete(sample.x.shape, axis))]
    sample.y = np.moveaxis(one_hot, -1, axis)
    return sample


def _labels(rng, sample):
    """Return labels that fit the classes that are left."""
    case, y = sample.case, sample.y
    if sample.holds_classes:
        return _in_range(rng, sample)
    if case.loss is ml.candidate_cross_entropy:
        return np.where(np.arange(y.shape[-1]) == 0, 1, y)  # each row has a candidate
    if case.loss is ml.distillation_loss:
        return np.where(
            (np.arange(y.shape[-1]) == 0) & np.isinf(y), 0.0, y
        )  # a teacher has a class
    if case.oracle.__module__.endswith("categorical") and sample.row and case.loss is not ml.kl_div:
        return y / y.sum(-1, keepdims=True)
    return y


def _in_range(rng, sample):
    """Return class indices of the classes that are left."""
    y, classes = sample.y, sample.row[-1]
    if "class_mask" in sample.options:
        return rng.choice(np.flatnonzero(sample.options["class_mask"]), y.shape)
    return np.where(y >= classes, y % classes, y) if classes else y


def _shapes(rng, shapes, case, axes, length):
    if not axes:
        least = 1 if case.is_batchwise else 0
        return shapes.of_entries(rng, rng.integers(least, shapes.most_axes + 1)), ()
    if case.is_whole:
        least = 2 * (case.loss in OF_SHAPE)
        whole = shapes.of_entries(rng, rng.integers(2, shapes.most_axes + 1), least)
        return (), at_most(length, whole, least)
    # The derivatives of the oracle are infinite at the probability 1 of an only class, and a fair
    # score needs pairs.
    losses_of_two = {ml.softmax_focal_loss, ml.active_passive_loss, ml.ensemble_crps_loss}
    least = 2 if case.loss in losses_of_two else 1
    is_filled = case.has_pixel_indices or not case.coupled
    row = shapes.of_row(rng, len(axes), least if is_filled else 0)
    if "class_mask" in case.options or case.loss in OF_PAIRS:
        row = (length,)  # with all classes, some of which take part
    row = at_most(length, row)
    entries = max(2, shapes.most_axes - (len(row) > 1))
    return shapes.of_entries(rng, rng.integers(0, entries)), row
