"""Tasks of torch, eager and compiled, on two threads."""

import functools

import numpy as np
import torch
import torch.nn.functional as F
from arrays import entrywise, rows
from contest import Task
from tasks_numpy import exact_bce

import maskloss as ml


def differentiated(x, function):
    """Return a run that gives the value of `function` and its gradient by x."""
    x = torch.tensor(x, requires_grad=True)

    def run():
        x.grad = None
        value = function(x)
        value.backward()
        return value.detach().numpy(), x.grad.numpy()

    return run


def idiom(loss, x, y, mask):
    return (loss(x, y, reduction="none") * mask).sum() / mask.sum()


def focal(x, y, *, reduction):
    """The formula of torchvision, with its defaults."""
    p = torch.sigmoid(x)
    entropy = F.binary_cross_entropy_with_logits(x, y, reduction=reduction)
    right = p * y + (1 - p) * (1 - y)
    return (0.25 * y + 0.75 * (1 - y)) * entropy * (1 - right) ** 2


def entrywise_task(name, ours, theirs, share, target, sizes, *, exact=None):
    x, y, mask = entrywise(sizes, share)
    labels, known = torch.tensor(y), torch.tensor(mask)
    bad = x.copy()
    bad[tuple(np.argwhere(~mask)[0])] = np.nan
    return Task(
        f"torch, {name}",
        "(loss * mask).sum() / mask.sum()",
        target,
        differentiated(x, lambda x: ours(x, labels, mask=known)),
        differentiated(x, lambda x: idiom(theirs, x, labels, known)),
        None if exact is None else lambda: exact(x, y, mask),
        differentiated(bad, lambda x: idiom(theirs, x, labels, known)),
    )


LOGITS = ml.binary_cross_entropy_with_logits, F.binary_cross_entropy_with_logits


def rows_task(ignored, target, sizes):
    x, y = rows(sizes, ignored)
    labels = torch.tensor(y)
    bad = x.copy()
    bad[np.argwhere(y < 0)[0]] = np.nan
    return Task(
        f"torch, cross-entropy, {ignored:.0%} ignored",
        "F.cross_entropy",
        target,
        differentiated(x, lambda x: ml.cross_entropy(x, labels, missing=-100)),
        differentiated(x, lambda x: F.cross_entropy(x, labels)),
        poisoned=differentiated(bad, lambda x: F.cross_entropy(x, labels)),
    )


def compiled(sizes):
    x, y, mask = entrywise(sizes, 0.3)
    labels, known = torch.tensor(y), torch.tensor(mask)
    ours, theirs = LOGITS
    return Task(
        "torch.compile, BCE",
        "the idiom, compiled",
        1.0,
        differentiated(x, torch.compile(lambda x: ours(x, labels, mask=known), fullgraph=True)),
        differentiated(x, torch.compile(lambda x: idiom(theirs, x, labels, known))),
    )


def compiled_rows(sizes):
    x, y = rows(sizes, 0.5)
    labels = torch.tensor(y)
    return Task(
        "torch.compile, cross-entropy",
        "F.cross_entropy, compiled",
        0.8,
        differentiated(x, torch.compile(lambda x: ml.cross_entropy(x, labels, missing=-100))),
        differentiated(x, torch.compile(lambda x: F.cross_entropy(x, labels))),
    )


def small(_):
    rng = np.random.default_rng(0)
    x, mask = rng.normal(size=(8, 10)).astype("float32"), rng.random((8, 10)) < 0.3
    labels, known = torch.tensor(mask.astype("float32")), torch.tensor(mask)
    ours, theirs = LOGITS
    return Task(
        "torch, 8 x 10",
        "(loss * mask).sum() / mask.sum()",
        0.5,
        differentiated(x, lambda x: ours(x, labels, mask=known)),
        differentiated(x, lambda x: idiom(theirs, x, labels, known)),
        repeat=200,
    )


def linear(ignored, target, sizes):
    rng = np.random.default_rng(0)
    (number, classes), width = sizes.classes, sizes.features
    features = rng.normal(size=(number, width)).astype("float32")
    weight = torch.tensor(rng.normal(0, 0.1, (classes, width)).astype("float32"))
    labels = torch.tensor(rows(sizes, ignored)[1])
    weight.requires_grad_()

    def ours(x):
        return ml.linear_cross_entropy(x, weight, labels, missing=-100)

    def theirs(x):
        return F.cross_entropy(F.linear(x, weight), labels)

    return Task(
        f"torch, linear cross-entropy, {ignored:.0%} ignored",
        "F.cross_entropy(F.linear())",
        target,
        differentiated(features, ours),
        differentiated(features, theirs),
    )


TASKS = (
    functools.partial(entrywise_task, "BCE", *LOGITS, 0.3, 1.4, exact=exact_bce),
    functools.partial(entrywise_task, "BCE, 5 % observed", *LOGITS, 0.05, 1.8, exact=exact_bce),
    functools.partial(entrywise_task, "focal", ml.sigmoid_focal_loss, focal, 0.3, 1.4),
    functools.partial(entrywise_task, "Huber", ml.huber_loss, F.huber_loss, 0.3, 1.0),
    functools.partial(entrywise_task, "MSE", ml.mse_loss, F.mse_loss, 0.3, 1.0),
    functools.partial(rows_task, 0.5, 1.6),
    functools.partial(rows_task, 0.85, 4.0),
    functools.partial(linear, 0.5, 2.0),
    functools.partial(linear, 0.85, 5.0),
    compiled,
    compiled_rows,
    small,
)
