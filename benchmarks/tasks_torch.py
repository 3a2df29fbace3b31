"""torch tasks, eager and compiled, on two threads."""

import dataclasses
import functools

import numpy as np
import torch
import torch.nn.functional as F
from arrays import entrywise, rows, with_nan
from indexed import indexed
from task import Target, Task

import maskloss as ml

LOGITS = ml.binary_cross_entropy_with_logits, F.binary_cross_entropy_with_logits


def differentiated(function, *leaves):
    """Return a run that computes `function` and its gradients."""
    made = functools.cache(lambda: [torch.tensor(leaf, requires_grad=True) for leaf in leaves])

    def run():
        value = function(*made())
        gradients = torch.autograd.grad(value, made())
        return value.detach().numpy(), *(part.numpy() for part in gradients)

    return run


def task(name, peer, target, ours, theirs, leaves, bad, *, double=None, compiled=False, **options):
    """Return a task; `bad` is the first array with a NaN, `double` computes in float64."""
    exact = double and differentiated(double, *(leaf.astype(float) for leaf in leaves))
    if compiled:
        ours, theirs = torch.compile(ours, fullgraph=True), torch.compile(theirs)
    return Task(
        f"torch, {name}",
        peer,
        target,
        differentiated(ours, *leaves),
        differentiated(theirs, *leaves),
        exact,
        differentiated(theirs, bad, *leaves[1:]),
        **options,
    )


def focal(x, y, *, reduction):
    """Compute torchvision's formula with its defaults."""
    p = torch.sigmoid(x)
    entropy = F.binary_cross_entropy_with_logits(x, y, reduction=reduction)
    right = p * y + (1 - p) * (1 - y)
    return (0.25 * y + 0.75 * (1 - y)) * entropy * (1 - right) ** 2


def entrywise_task(name, ours, theirs, share, target, sizes, *, shape=None, **options):
    x, y, mask = entrywise(shape or sizes.entries, share)
    labels, known = torch.tensor(y), torch.tensor(mask)

    def idiom(x, labels=labels):
        return (theirs(x, labels, reduction="none") * known).sum() / known.sum()

    return task(
        name,
        "(loss * mask).sum() / mask.sum()",
        target,
        lambda x: ours(x, labels, mask=known),
        idiom,
        [x],
        with_nan(x, mask),
        double=functools.partial(idiom, labels=labels.double()),
        **options,
    )


def rows_task(name, ignored, target, sizes, **options):
    x, y = rows(sizes.classes, ignored)
    labels = torch.tensor(y)

    def theirs(x):
        return F.cross_entropy(x, labels)

    return task(
        name,
        "F.cross_entropy",
        target,
        lambda x: ml.cross_entropy(x, labels, missing=-100),
        theirs,
        [x],
        with_nan(x, y >= 0),
        double=theirs,
        **options,
    )


def linear(name, ignored, target, sizes):
    """Measure no errors: a gradient is a sum that cancels, exact relative to its terms only."""
    rng = np.random.default_rng(0)
    (number, classes), width = sizes.classes, sizes.features
    features = rng.normal(size=(number, width)).astype("float32")
    weight = rng.normal(0, 0.1, (classes, width)).astype("float32")
    y = rows(sizes.classes, ignored)[1]
    labels = torch.tensor(y)
    return task(
        name,
        "F.linear_cross_entropy",
        target,
        lambda x, weight: ml.linear_cross_entropy(x, weight, labels, missing=-100),
        lambda x, weight: F.linear_cross_entropy(x, weight, labels),
        [features, weight],
        with_nan(features, y >= 0),
    )


def by_hand(x, y):
    x.requires_grad_()
    value = F.binary_cross_entropy_with_logits(x, y)
    return value.detach(), *torch.autograd.grad(value, [x])


def by_loops(sizes):
    """Return the first task with compiled loops on our side."""

    def run(task):
        with ml.fused():
            return task.ours()

    task = entrywise_task("BCE, compiled loops", *LOGITS, 0.3, Target(), sizes)
    return dataclasses.replace(task, ours=functools.partial(run, task))


def of_entries(name, ours, theirs, share, time, *, memory=None, **options):
    target = Target(time, memory)
    return functools.partial(entrywise_task, name, ours, theirs, share, target, **options)


TASKS = (
    of_entries("BCE", *LOGITS, 0.3, 1.4, memory=3.0),
    by_loops,
    of_entries("BCE, 5 % observed", *LOGITS, 0.05, 1.8),
    of_entries("focal", ml.sigmoid_focal_loss, focal, 0.3, 1.4),
    of_entries("Huber", ml.huber_loss, F.huber_loss, 0.3, 1.0),
    of_entries("MSE", ml.mse_loss, F.mse_loss, 0.3, 1.0),
    functools.partial(rows_task, "cross-entropy, half ignored", 0.5, Target(1.6)),
    functools.partial(rows_task, "cross-entropy, 85 % ignored", 0.85, Target(4.0)),
    functools.partial(linear, "linear cross-entropy, half ignored", 0.5, Target(2.0, 4.0)),
    functools.partial(linear, "linear cross-entropy, 85 % ignored", 0.85, Target(5.0, 4.0)),
    of_entries("compiled BCE", *LOGITS, 0.3, 1.0, compiled=True),
    of_entries("compiled focal", ml.sigmoid_focal_loss, focal, 0.3, None, compiled=True),
    functools.partial(rows_task, "compiled cross-entropy", 0.5, Target(0.8), compiled=True),
    of_entries("8 x 10", *LOGITS, 0.3, 0.5, shape=(8, 10), repeat=200),
    functools.partial(indexed, "torch", torch.from_numpy, by_hand),
)
