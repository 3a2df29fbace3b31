"""Counts of several batches, in objectives and in float16, and torchmetrics, on observed labels."""

import pytest
import torch

import maskloss as ml
import maskloss.torch as mt


def test_an_objective_of_known_counts_adds_up_over_batches():
    torch.manual_seed(0)
    heads = {
        "kind": ml.Head(ml.cross_entropy, missing=-1, weight=0.5),
        "size": ml.Head(ml.mse_loss, missing=0, weight=2.0),
    }
    objective = mt.MultiObjective(heads, learn_weights=False)
    model, big = torch.nn.Linear(3, 5), torch.nn.Linear(3, 5)
    big.load_state_dict(model.state_dict())
    x = torch.randn(8, 3)
    targets = {
        "kind": torch.tensor([0, -1, 2, 3, -1, -1, 1, 0]),
        "size": torch.tensor([0.0, 0.0, 0.0, 1.5, -2.0, 0.0, 3.0, 0.5]),
    }

    def total(of, rows, **keywords):
        outputs = of(x[rows])
        predictions = {"kind": outputs[:, :4], "size": outputs[:, 4]}
        batch = {name: labels[rows] for name, labels in targets.items()}
        return objective(predictions, batch, **keywords).total

    total(big, slice(None)).backward()
    counts = {"kind": 5, "size": 4}
    for rows in (slice(0, 2), slice(2, 5), slice(5, 8)):
        total(model, rows, divisor=counts).backward()
    torch.testing.assert_close(
        [p.grad for p in model.parameters()], [p.grad for p in big.parameters()]
    )


def test_an_objective_over_batches_that_are_counted_first():
    torch.manual_seed(0)
    heads = {
        "kind": ml.Head(ml.cross_entropy, missing=-1, weight=0.5),
        "size": ml.Head(ml.mse_loss, missing=0, weight=2.0, reduction="weighted_mean"),
    }
    objective = mt.MultiObjective(heads)
    mean, x = mt.AccumulatedMean(objective), torch.randn(6, 5, requires_grad=True)
    targets = {
        "kind": torch.tensor([0, -1, 2, 3, -1, -1]),
        "size": torch.tensor([0.0, 0.0, 0.0, 1.5, -2.0, 0.0]),
    }

    def call(of, rows):
        batch = {name: labels[rows] for name, labels in targets.items()}
        return of({"kind": x[rows, :4], "size": x[rows, 4]}, batch)

    inputs = [x, objective.log_variances]
    whole = call(objective, slice(None))
    want = torch.autograd.grad(whole.total, inputs)
    with pytest.raises(RuntimeError, match="must know the counts of the step"):
        call(mean, slice(None))
    with pytest.raises(RuntimeError, match="must know the counts of the step"):
        mean.divide_gradients(objective.parameters())
    rows = (slice(0, 2), slice(2, 6))
    mean.start(sum(ml.count(objective, {k: v[r] for k, v in targets.items()}) for r in rows))
    got = torch.autograd.grad(sum(call(mean, r).total for r in rows), inputs)
    torch.testing.assert_close(got, want)
    torch.testing.assert_close(mean.finish(), whole.total.detach(), check_dtype=False)
    assert call(mean.eval(), slice(None)).total == whole.total


def test_torchmetrics_of_observed_labels():
    classification = pytest.importorskip("torchmetrics.classification")
    torch.manual_seed(0)
    scores, labels = torch.rand(50, 3), torch.randint(-1, 2, (50, 3))
    known = labels != -1
    want = ((scores > 0.5) == labels)[known].float().mean()
    metric = classification.BinaryAccuracy()
    for rows in (slice(0, 20), slice(20, 50)):
        metric.update(scores[rows][known[rows]], labels[rows][known[rows]])
    torch.testing.assert_close(metric.compute(), want)
    metric = classification.MultilabelAccuracy(3, average="micro", ignore_index=-1)
    metric.update(scores, labels)
    torch.testing.assert_close(metric.compute(), want)


def test_sums_as_the_states_of_a_torchmetric():
    """States that torchmetrics adds over processes, or here over two metrics."""
    torchmetrics = pytest.importorskip("torchmetrics")

    class MaskedLoss(torchmetrics.Metric):
        full_state_update = False

        def __init__(self):
            super().__init__()
            for name in ml.Sums._fields:
                self.add_state(name, torch.zeros(()).double(), dist_reduce_fx="sum")

        def update(self, x, y):
            for name, part in ml.mse_loss(x, y, missing=0, reduction="sums")._asdict().items():
                setattr(self, name, getattr(self, name) + part)

        def compute(self):
            return ml.Sums(self.total, self.count, self.weight).mean()

    x, y = torch.arange(6.0), torch.tensor([1.0, 0.0, 0.0, 4.0, 0.0, 9.0])
    metrics = [MaskedLoss(), MaskedLoss()]
    for metric, rows in zip(metrics, (slice(0, 1), slice(1, 6)), strict=True):
        metric.update(x[rows], y[rows])
    metrics[0].merge_state(metrics[1])
    want = ml.mse_loss(x, y, missing=0)
    torch.testing.assert_close(metrics[0].compute(), want, check_dtype=False)


@pytest.mark.parametrize("is_counted", [False, True])
def test_a_scaler_of_float16_skips_the_step_of_a_sum_and_none_of_a_mean(is_counted):
    torch.manual_seed(0)
    logits = torch.nn.Parameter(torch.zeros(1, 500))
    labels = torch.randint(-1, 2, (400, 500)).float()
    loss = mt.MaskedBCEWithLogitsLoss(missing=-1, reduction="mean" if is_counted else "sum")
    count = ml.count(loss, labels).count
    scaler = torch.amp.GradScaler("cpu")
    optimizer = torch.optim.SGD([logits], lr=1.0)
    with torch.autocast("cpu", dtype=torch.float16):
        outputs = torch.ones(400, 1) @ logits  # of float16
        value = loss(outputs, labels, **({"divisor": count} if is_counted else {}))
    scaler.scale(value).backward()
    scaler.step(optimizer)
    assert bool((logits != 0).any()) == is_counted
