"""The hook for the Trainer of transformers: what it takes from models and batches."""

import copy
import pickle
import re
from types import SimpleNamespace

import pytest
import torch

import maskloss as ml
import maskloss.torch as mt
from helpers.torch_steps import NAN

LOGITS = torch.tensor([[0.5, -1.0], [2.0, 0.0]])
LABELS = torch.tensor([[1.0, -100.0], [0.0, 1.0]])
LOSS = mt.MaskedBCEWithLogitsLoss(missing=-100)


class Model(torch.nn.Module):
    """A model that refuses inputs that it does not know."""

    def __init__(self):
        super().__init__()
        self.net = torch.nn.Linear(3, 2)

    def forward(self, features):
        return {"logits": self.net(features)}


# What models return


@pytest.mark.parametrize(
    "outputs",
    [
        {"logits": LOGITS, "hidden": None},
        {"loss": torch.tensor(0.0), "logits": LOGITS},
        (LOGITS, "hidden"),
        [LOGITS],
        LOGITS,
        SimpleNamespace(logits=LOGITS),
    ],
    ids=["dict", "with a loss", "tuple", "list", "tensor", "attribute"],
)
def test_outputs_with_logits(outputs):
    got = mt.compute_loss_func(LOSS)(outputs, LABELS, num_items_in_batch=4)
    torch.testing.assert_close(got, LOSS(LOGITS, LABELS, divisor=4))


@pytest.mark.parametrize(
    ("outputs", "says"),
    [
        ({"loss": LOGITS}, "got a dict of 'loss'"),
        ({"logits": None, "loss": LOGITS}, "got a dict of 'logits', 'loss'"),
        ({}, "got a dict of nothing"),
        ((), "got 0 items"),
        (("hidden", LOGITS), "got 2 items with str in their place"),
        (None, "got NoneType"),
    ],
)
def test_outputs_without_logits_are_refused(outputs, says):
    with pytest.raises(ValueError, match=f"must return its logits.*{says}"):
        mt.compute_loss_func(LOSS)(outputs, LABELS)


def test_a_batch_without_labels_is_refused():
    with pytest.raises(ValueError, match="must have a column 'labels'"):
        mt.compute_loss_func(LOSS)({"logits": LOGITS}, None)


# Which losses it takes


def test_missing_may_be_a_tuple_of_the_trainers_label():
    loss = mt.MaskedBCEWithLogitsLoss(missing=(-100,))
    got = mt.compute_loss_func(loss)({"logits": LOGITS}, LABELS)
    torch.testing.assert_close(got, LOSS(LOGITS, LABELS))
    with pytest.raises(ValueError, match=re.escape("must have missing=-100")):
        mt.compute_loss_func(mt.MaskedBCEWithLogitsLoss(missing=(-100, NAN)))
    with pytest.raises(ValueError, match=re.escape("must have missing=-100")):
        mt.compute_loss_func(mt.MaskedBCEWithLogitsLoss())


@pytest.mark.parametrize(
    ("loss", "says"),
    [
        (mt.MaskedLinearCrossEntropyLoss(missing=-100), "takes features and a layer"),
        (mt.LinearBinaryCrossEntropyLoss(missing=-100), "takes features and a layer"),
        (mt.MaskedGaussianNLLLoss(missing=-100), "needs var"),
        (mt.MultiObjective({"kind": ml.Head(ml.mse_loss)}), 'heads .* counts="loss"'),
        (torch.nn.MSELoss(), r"module of maskloss\.torch, got MSELoss"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_losses_of_other_arrays_are_refused_when_the_hook_is_made(loss, says):
    with pytest.raises(TypeError, match=says):
        mt.compute_loss_func(loss)


@pytest.mark.parametrize("reduction", ["weighted_mean", "mean_over_all", "macro", "samples"])
def test_means_that_the_trainer_does_not_count_are_refused(reduction):
    loss = mt.MaskedBCEWithLogitsLoss(missing=-100, reduction=reduction)
    with pytest.raises(ValueError, match=f'{reduction}.*counts="loss"'):
        mt.compute_loss_func(loss)


@pytest.mark.parametrize("reduction", ["none", "sum", "sums"])
@pytest.mark.parametrize("counts", ["trainer", "loss"])
def test_what_is_no_mean_is_refused_when_the_hook_is_made(reduction, counts):
    loss = mt.MaskedBCEWithLogitsLoss(missing=-100, reduction=reduction)
    with pytest.raises(ValueError, match=f"must have the reduction.*{reduction}"):
        mt.compute_loss_func(loss, counts=counts)


def test_rows_of_labels_are_refused():
    hook = mt.compute_loss_func(mt.MaskedMultiLabelSoftMarginLoss(missing=-100))
    with pytest.raises(ValueError, match=r'a row of labels.*counts="loss"'):
        hook({"logits": LOGITS}, LABELS, num_items_in_batch=3)


def test_a_hook_that_counts_is_attached():
    hook = mt.compute_loss_func(LOSS, counts="loss")
    with pytest.raises(RuntimeError, match=r"hook\.attach\(trainer\)"):
        hook({"logits": LOGITS}, LABELS)
    with torch.no_grad():
        assert hook({"logits": LOGITS}, LABELS) == LOSS(LOGITS, LABELS)
    with pytest.raises(ValueError, match="must have this hook"):
        hook.attach(SimpleNamespace(compute_loss_func=None))
    with pytest.raises(ValueError, match='counts="loss"'):
        mt.compute_loss_func(LOSS).attach(None)
    with pytest.raises(ValueError, match="must be one of 'trainer', 'loss'"):
        mt.compute_loss_func(LOSS, counts="labels")


# Pickling and weights


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda hook: pickle.loads(pickle.dumps(hook))])
def test_the_hook_can_be_copied(copied):
    loss = mt.MaskedBCEWithLogitsLoss(missing=-100, pos_weight=torch.tensor([1.0, 3.0]))
    hook = mt.compute_loss_func(loss)
    got = copied(hook)({"logits": LOGITS}, LABELS, num_items_in_batch=3)
    torch.testing.assert_close(got, hook({"logits": LOGITS}, LABELS, num_items_in_batch=3))


@pytest.mark.parametrize("shift", [False, True])
def test_weights_are_taken_from_the_batch(shift):
    model, features = Model(), torch.randn(4, 5, 3)
    labels = torch.randint(0, 2, (4, 5))
    weights = torch.rand(4, 5)
    loss = mt.MaskedCrossEntropyLoss(missing=-100)
    hook = mt.compute_loss_func(loss, shift=shift, weight="importance", model=model)
    outputs = model(features=features, importance=weights)
    got = hook(outputs, labels, num_items_in_batch=9)
    seen = slice(1, None) if shift else slice(None)
    logits = outputs["logits"][:, :-1] if shift else outputs["logits"]
    want = loss(logits, labels[:, seen], weight=weights[:, seen], divisor=9)
    torch.testing.assert_close(got, want)
    # The weights of one batch are not those of the next.
    outputs = model(features=features)
    with pytest.raises(ValueError, match=r"column 'importance' of weights.*remove_unused_columns"):
        hook(outputs, labels)


def test_a_hook_is_pickled_with_its_model():
    model, features, labels = Model(), torch.randn(2, 3), torch.tensor([[1, -100], [0, 1]])
    loss = mt.MaskedBCEWithLogitsLoss(missing=-100)
    hook = mt.compute_loss_func(loss, weight="importance", model=model)
    other, another = pickle.loads(pickle.dumps((model, hook)))
    weights = torch.rand(2, 2)
    want = hook(model(features=features, importance=weights), labels)
    torch.testing.assert_close(another(other(features=features, importance=weights), labels), want)


def test_shift_is_not_for_objectives():
    objective = mt.MultiObjective({"kind": ml.Head(ml.mse_loss)})
    with pytest.raises(TypeError, match="`shift` moves one tensor of logits"):
        mt.compute_loss_func(objective, shift=True, counts="loss")


@pytest.mark.parametrize("shift", ["no", 1, None])
def test_shift_is_a_flag(shift):
    with pytest.raises(TypeError, match="`shift` must be True or False"):
        mt.compute_loss_func(LOSS, shift=shift)


def test_shift_moves_no_classes():
    loss = mt.MaskedCrossEntropyLoss(missing=-100, class_axis=1)
    mt.compute_loss_func(loss)
    with pytest.raises(ValueError, match="where class_axis=1 has the classes"):
        mt.compute_loss_func(loss, shift=True)


@pytest.mark.parametrize(
    ("axis", "logits", "labels"),
    [
        (-1, (2, 3), (2, 3)),  # shares of classes, without tokens
        (-2, (2, 3, 4), (2, 4)),
        (-3, (2, 3, 4, 5), (2, 4, 5)),
    ],
)
def test_shift_moves_no_classes_of_a_negative_axis(axis, logits, labels):
    hook = mt.compute_loss_func(
        mt.MaskedCrossEntropyLoss(missing=-100, class_axis=axis), shift=True
    )
    labels = torch.ones(labels, dtype=torch.float32 if labels == logits else torch.int64)
    with pytest.raises(ValueError, match=f"where class_axis={axis} has the classes"):
        hook(torch.zeros(logits), labels, num_items_in_batch=4)


def test_shift_moves_tokens_of_several_labels_each():
    """As of the codebooks of sounds: logits (batch, tokens, classes, codebooks)."""
    loss = mt.MaskedCrossEntropyLoss(missing=-100, class_axis=-2)
    logits = torch.rand(2, 4, 3, 5, generator=torch.Generator().manual_seed(0))
    labels = torch.arange(40).reshape(2, 4, 5) % 3
    got = mt.compute_loss_func(loss, shift=True)(logits, labels, num_items_in_batch=30)
    torch.testing.assert_close(got, loss(logits[:, :3], labels[:, 1:]))


def test_shift_needs_tokens():
    hook = mt.compute_loss_func(mt.MaskedCrossEntropyLoss(missing=-100), shift=True)
    with pytest.raises(ValueError, match=r"`shift` needs labels of shape \(batch, tokens\)"):
        hook({"logits": LOGITS}, torch.tensor([0, 1]), num_items_in_batch=2)


def test_a_batch_without_its_weights_is_refused_before_the_step():
    hook = mt.compute_loss_func(LOSS, weight="importance", model=Model(), counts="loss")
    arguments = SimpleNamespace(n_gpu=1)
    trainer = SimpleNamespace(compute_loss_func=hook, args=arguments)
    trainer.get_batch_samples = lambda *_: ([{"labels": LABELS}], None)
    hook.attach(trainer)
    with pytest.raises(ValueError, match="must have the column 'importance' of weights"):
        trainer.get_batch_samples()


def test_weights_and_the_model_go_together():
    with pytest.raises(ValueError, match="`weight` and `model` go together"):
        mt.compute_loss_func(LOSS, weight="importance")
    with pytest.raises(ValueError, match="`weight` and `model` go together"):
        mt.compute_loss_func(LOSS, model=Model())


def trained(model, data, hook, path):
    """Train one step of three batches, with a hook that counts attached."""
    from transformers import Trainer, TrainingArguments

    arguments = TrainingArguments(
        output_dir=str(path),
        per_device_train_batch_size=2,
        gradient_accumulation_steps=3,
        num_train_epochs=1,
        learning_rate=0.5,
        lr_scheduler_type="constant",
        optim="sgd",
        max_grad_norm=0.0,
        use_cpu=True,
        report_to="none",
        save_strategy="no",
        logging_strategy="no",
        disable_tqdm=True,
        remove_unused_columns=False,
    )
    collate = torch.utils.data.default_collate
    data = {"train_dataset": data, "data_collator": collate}
    trainer = Trainer(model, arguments, **data, compute_loss_func=hook)
    (hook.attach(trainer) if hook.counts == "loss" else trainer).train()


def stepped(model, value):
    """Return the parameters after one step along the gradient of a value."""
    value.backward()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter -= 0.5 * parameter.grad
    return dict(model.state_dict())


REDUCTIONS = ("mean", "weighted_mean", "mean_over_all", "macro", "samples")


@pytest.mark.parametrize(
    "loss",
    [
        *(mt.MaskedBCEWithLogitsLoss(missing=-1, reduction=name) for name in REDUCTIONS),
        mt.MaskedMultiLabelSoftMarginLoss(missing=-1),
    ],
    ids=str,
)
def test_a_hook_that_counts(tmp_path, loss):
    model, other = Model(), Model()
    other.load_state_dict(model.state_dict())
    features, weights = torch.randn(6, 3), torch.rand(6, 2)
    labels = torch.where(torch.rand(6, 2) < 0.3, -1.0, torch.randint(0, 2, (6, 2)))
    if isinstance(loss, mt.MaskedMultiLabelSoftMarginLoss):
        weights = weights[:, 0]
    columns = ("features", "labels", "importance")
    rows = zip(features, labels, weights, strict=True)
    data = [dict(zip(columns, row, strict=True)) for row in rows]
    hook = mt.compute_loss_func(loss, weight="importance", model=model, counts="loss")
    trained(model, data, hook, tmp_path)
    want = stepped(other, loss(other(features)["logits"], labels, weight=weights))
    torch.testing.assert_close(dict(model.state_dict()), want)


class TwoHeads(Model):
    """A model whose logits are a dict."""

    def forward(self, features):
        out = self.net(features)
        return {"logits": {"kind": out[:, 0], "size": out[:, 1]}}


def test_a_hook_of_an_objective(tmp_path):
    model, other = TwoHeads(), TwoHeads()
    other.load_state_dict(model.state_dict())
    kind = ml.Head(ml.binary_cross_entropy_with_logits, missing=-1)
    objective = mt.MultiObjective({"kind": kind, "size": ml.Head(ml.mse_loss, missing=9)})
    features = torch.randn(6, 3)
    targets = {
        "kind": torch.tensor([1.0, -1.0, 0.0, -1.0, 1.0, 1.0]),
        "size": torch.tensor([9.0, 9.0, 0.5, 9.0, -1.0, 1.0]),
    }
    data = [
        {"features": x, "labels": {name: column[k] for name, column in targets.items()}}
        for k, x in enumerate(features)
    ]
    hook = pickle.loads(pickle.dumps(mt.compute_loss_func(objective, counts="loss")))
    trained(model, data, hook, tmp_path)
    want = stepped(other, objective(other(features)["logits"], targets).total)
    torch.testing.assert_close(dict(model.state_dict()), want)


def test_the_trainer_passes_weights(tmp_path):
    model, other = Model(), Model()
    other.load_state_dict(model.state_dict())
    features, weights = torch.randn(6, 3), torch.rand(6, 2)
    labels = torch.where(torch.rand(6, 2) < 0.3, -100.0, torch.randint(0, 2, (6, 2)))
    columns = ("features", "labels", "importance")
    data = [
        dict(zip(columns, row, strict=True)) for row in zip(features, labels, weights, strict=True)
    ]
    hook = mt.compute_loss_func(LOSS, weight="importance", model=model)
    trained(model, data, hook, tmp_path)
    want = stepped(other, LOSS(other(features)["logits"], labels, weight=weights))
    torch.testing.assert_close(dict(model.state_dict()), want)
