"""Linear layers with gaps in their labels, and their losses by way of the logits."""

import functools
from dataclasses import dataclass

import numpy as np
import pytest

import maskloss as ml
from helpers import comparison
from helpers.frameworks import asnumpy

CLASSES, DEPTH = 5, 3


@dataclass(frozen=True)
class Setting:
    """A loss of a linear layer, that of logits, and how to call both."""

    name: str
    loss: object
    of_logits: object
    lead: tuple = (7,)
    indexed: bool = False
    has_bias: bool = True
    keywords: tuple = ()

    @property
    def entries(self):
        is_elements = self.loss is ml.linear_binary_cross_entropy
        return (*self.lead, CLASSES) if is_elements else self.lead

    def make(self, poison=None):
        """Return parameters, labels and keywords as NumPy arrays, of which some is not observed."""
        rng = np.random.default_rng(0)
        features = rng.normal(size=(*self.lead, DEPTH))
        weight, bias = rng.normal(size=(CLASSES, DEPTH)), rng.normal(size=CLASSES)
        if "teacher_weight" in self.keywords:
            labels = rng.normal(size=(*self.lead, 2))
        elif self.indexed:
            labels = rng.integers(0, CLASSES, self.lead)
        else:
            labels = rng.dirichlet(np.ones(CLASSES), self.lead)
        mask = rng.permutation(np.arange(np.prod(self.entries)) % 3 > 0).reshape(self.entries)
        mask[(-1,) * len(self.lead)] = False
        weights = rng.uniform(0.5, 2.0, self.entries)
        options = {
            "class_weight": np.asarray([0.5, 2.0, 1.0, 0.1, 3.0]),
            "pos_weight": rng.uniform(0.5, 2.0, self.entries),
            "teacher_weight": rng.normal(size=(CLASSES, 2)),
            "teacher_bias": rng.normal(size=CLASSES),
            "class_mask": np.arange(CLASSES) != 2,
        }
        if not self.has_bias:  # of each row
            options["class_mask"] = rng.random((*self.lead, CLASSES)) < 0.7
        if poison is not None:
            rows = mask if mask.shape == self.lead else mask.any(-1)
            features[~rows] = poison
            labels[~mask] = -100 if self.indexed else poison
            weights[~mask] = poison
            if mask.shape != self.lead:
                options["pos_weight"][~mask] = poison
        keywords = {"mask": mask, "weight": weights, **{k: options[k] for k in self.keywords}}
        return [features, weight, *([bias] if self.has_bias else [])], labels, keywords


CE = functools.partial(Setting, loss=ml.linear_cross_entropy, of_logits=ml.cross_entropy)


BCE = functools.partial(
    Setting,
    loss=ml.linear_binary_cross_entropy,
    of_logits=ml.binary_cross_entropy_with_logits,
)


def distillation(name, *, divergence, **keywords):
    """Return a setting of the divergence from a teacher."""
    losses = (ml.linear_distillation_loss, ml.distillation_loss)
    options = {"divergence": divergence, "temperature": 3.0}
    return Setting(name, *(functools.partial(loss, **options) for loss in losses), **keywords)


assert_all_close = functools.partial(comparison.assert_all_close, epsilons=64, least=0.1)


SETTINGS = [
    CE("classes", indexed=True, keywords=("class_weight",)),
    CE("probabilities of a grid", lead=(3, 4), has_bias=False),
    BCE("labels", keywords=("pos_weight",)),
    BCE("labels of a grid", lead=(3, 4), has_bias=False, keywords=("class_weight",)),
    distillation(
        "features of a teacher",
        divergence="forward",
        keywords=("teacher_weight", "teacher_bias", "class_mask"),
    ),
    distillation(
        "features of a teacher of a grid",
        divergence="jsd",
        lead=(3, 4),
        has_bias=False,
        keywords=("teacher_weight", "class_mask"),
    ),
    distillation("logits of a teacher", divergence="reverse"),
]


KINDS = [SETTINGS[0], SETTINGS[2]]


def by_setting(settings=SETTINGS):
    return pytest.mark.parametrize("setting", settings, ids=lambda setting: setting.name)


def numbers(value):
    """Return a value, or the parts of sums, as NumPy arrays."""
    return list(map(asnumpy, value)) if isinstance(value, ml.Sums) else [asnumpy(value)]


def on(backend, setting, poison=None, dtype="float32"):
    """Return parameters, and the loss of these alone."""

    def array(value):
        return backend.asarray(value.astype(dtype) if value.dtype.kind == "f" else value)

    parameters, labels, keywords = setting.make(poison)
    labels, keywords = array(labels), {name: array(value) for name, value in keywords.items()}

    def bind(loss, **more):
        def function(features, weight, *bias):
            return loss(features, weight, labels, *bias, **keywords, **more)

        return function

    return list(map(array, parameters)), bind


def by_way_of_logits(setting, **more):
    """Return value and gradients in NumPy: those of all logits, times the layer's."""
    parameters, labels, keywords = setting.make()
    features, weight, *bias = parameters
    if "teacher_weight" in keywords:
        labels = labels @ keywords.pop("teacher_weight").T + keywords.pop("teacher_bias", 0.0)
    loss = ml.value_and_grad(setting.of_logits)
    value, slope = loss(sum(bias, features @ weight.T), labels, class_axis=-1, **keywords, **more)
    rows = slope.reshape(-1, CLASSES)
    gradients = [slope @ weight, rows.T @ features.reshape(-1, DEPTH), rows.sum(0)]
    return value, gradients[: len(parameters)]
