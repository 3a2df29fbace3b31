"""The table of functions of labels and mask: how to call each, and what it should give."""

import functools
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pytest

import maskloss as ml
from tables.oracles import labels as oracles

MISSING = -9
CLASSES = 5


@dataclass(frozen=True)
class Weighting:
    """A function that gives weights, how to call it, and where its weights go.

    Attributes
    ----------
    make : callable
        ``make(rng)`` gives labels and mask.
    oracle : callable
        ``oracle(labels, **options)`` of lists with None where missing.
    keyword : str
        The keyword of a loss that takes the weights.
    options : dict
        Keywords; arrays are converted to the backend's.
    """

    name: str
    function: Callable
    make: Callable
    oracle: Callable
    keyword: str
    options: dict = field(default_factory=dict)

    @property
    def is_indexed(self):
        return "classes" in self.options

    def arrays(self, seed=0):
        return self.make(np.random.default_rng(seed))

    def exact(self, labels, mask):
        """Return the weights of NumPy arrays, in float64."""
        known = [y if m else None for y, m in zip(labels.flat, mask.flat, strict=True)]
        known = [None if y is None else y.item() for y in known]
        if labels.ndim > 1 and not self.is_indexed:
            size = labels.shape[-1]
            known = [known[k : k + size] for k in range(0, len(known), size)]
        options = {k: v.tolist() if np.ndim(v) else v for k, v in self.options.items()}
        return np.asarray(self.oracle(known, **options), float)


def _multilabel(rng, rows=(7,)):
    """Rows and classes of every kind: without a label, without a positive, without a negative."""
    labels = rng.integers(0, 2, (*rows, CLASSES)).astype(float)
    mask = rng.uniform(0, 1, labels.shape) < 0.7
    labels[..., 1], labels[..., 3] = 0, 1
    mask[..., 2] = False
    labels[..., 4, :] = 0
    mask[..., 5, :] = False
    labels[..., :2, 0] = 0, 1
    mask[..., :2, 0] = True
    return labels, mask


def _volume(rng):
    return _multilabel(rng, (2, 7))


def _soft(rng):
    return rng.uniform(0, 1, (6, CLASSES)), rng.uniform(0, 1, (6, CLASSES)) < 0.7


def _full(rng):
    labels, mask = _multilabel(rng)
    return labels, np.ones_like(mask)


def _nothing(rng):
    labels, mask = _multilabel(rng)
    return labels, np.zeros_like(mask)


def _of_one_class(rng):
    labels, mask = _multilabel(rng)
    return labels[:, 0], mask[:, 0]


def _indices(rng, shape=(40,)):
    """Class indices of which one is never observed, and one is never there."""
    labels = rng.integers(0, CLASSES - 1, shape)
    return labels, (rng.uniform(0, 1, shape) < 0.7) & (labels != 1)


def _image(rng):
    return _indices(rng, (2, 3, 8))


def _no_index(rng):
    labels, mask = _indices(rng)
    return labels, np.zeros_like(mask)


def _along_last(function):
    """Name the class axis, as labels of more than two dimensions must."""
    return functools.partial(function, class_axis=-1)


def _class_balanced(name, make, **options):
    keyword = "class_weight" if "classes" in options else "weight"
    function, oracle = _along_last(ml.class_balanced_weight), oracles.class_balanced
    return Weighting(f"class_balanced{name}", function, make, oracle, keyword, options)


def _inverse(name, make, **options):
    keyword = "class_weight" if "classes" in options else "weight"
    function, oracle = ml.inverse_frequency_weight, oracles.inverse_frequency
    return Weighting(f"inverse_frequency{name}", function, make, oracle, keyword, options)


def _balanced(name, make, oracle=oracles.balanced_pos):
    function = _along_last(ml.balanced_pos_weight)
    return Weighting(f"balanced_pos{name}", function, make, oracle, "pos_weight")


def _distribution(name, make, **options):
    function, oracle = _along_last(ml.distribution_balanced_weight), oracles.distribution_balanced
    return Weighting(f"distribution_balanced{name}", function, make, oracle, "weight", options)


def _partial(name, make, **options):
    function, oracle = _along_last(ml.partial_label_weight), oracles.partial_label
    return Weighting(f"partial_label{name}", function, make, oracle, "weight", options)


WEIGHTINGS = [
    _class_balanced("", _multilabel),
    _class_balanced(", beta 0.9", _volume, beta=0.9),
    _class_balanced(", beta 0", _multilabel, beta=0),
    _class_balanced(", beta 1", _multilabel, beta=1),
    _class_balanced(", soft", _soft, beta=0.99),
    _class_balanced(", nothing observed", _nothing),
    _class_balanced(", indices", _indices, classes=CLASSES),
    _class_balanced(", image", _image, classes=CLASSES, beta=0.99),
    _class_balanced(", no index observed", _no_index, classes=CLASSES),
    _inverse("", _multilabel),
    _inverse(", all observed", _full),
    _inverse(", soft", _soft),
    _inverse(", nothing observed", _nothing),
    _inverse(", indices", _indices, classes=CLASSES),
    _inverse(", image", _image, classes=CLASSES),
    _balanced("", _multilabel),
    _balanced(", volume", _volume),
    _balanced(", soft", _soft),
    _balanced(", nothing observed", _nothing),
    _balanced(", one class", _of_one_class, oracles.balanced_pos_of_one_class),
    _distribution("", _multilabel),
    _distribution(", VOC", _volume, mu=0.3, alpha=0, beta=3),
    _distribution(", soft", _soft),
    _distribution(", nothing observed", _nothing),
    _distribution(", counts", _multilabel, counts=np.asarray([30.0, 2.0, 0.0, 900.0, 7.0])),
    _distribution(", shares", _volume, counts=np.asarray([0.3, 0.02, 0.0, 0.9, 0.07])),
    _partial("", _multilabel),
    _partial(", by the number observed", _volume, alpha=1, beta=0, gamma=-1),
    _partial(", square", _multilabel, alpha=-2.0, beta=3.0, gamma=2.0),
    _partial(", all observed", _full),
    _partial(", nothing observed", _nothing),
]


def by_weighting(weightings=WEIGHTINGS):
    """Run a test on each of the functions."""
    return pytest.mark.parametrize("case", weightings, ids=lambda case: case.name)
