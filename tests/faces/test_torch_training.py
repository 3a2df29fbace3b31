"""Inside Lightning and transformers, accumulated gradients are those of one big batch."""

import copy
import os
import re

import pytest
import torch
from torch.nn.functional import binary_cross_entropy_with_logits
from torch.utils.data import DataLoader, TensorDataset

import maskloss.torch as mt
from helpers import pages
from helpers.torch_steps import NAN, table

os.environ["HF_HUB_OFFLINE"] = "1"  # read when it is imported, by Lightning as well
import lightning

RATE = 0.5


def step_by_hand(model, x, y):
    """One step of gradient descent along the mean squared error of what is observed."""
    known = ~torch.isnan(y)
    model.zero_grad()
    ((model(x)[known] - y[known]) ** 2).mean().backward()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter -= RATE * parameter.grad


def assert_same(model, other):
    torch.testing.assert_close(dict(model.state_dict()), dict(other.state_dict()))


def assert_other(model, other):
    with pytest.raises(AssertionError):
        assert_same(model, other)


class Regression(lightning.LightningModule):
    def __init__(self, model, loss):
        super().__init__()
        self.model, self.loss = model, loss

    def training_step(self, batch, _):
        x, y = batch
        return self.loss(self.model(x), y)

    def validation_step(self, batch, _):
        self.training_step(batch, _)

    def on_before_optimizer_step(self, _):
        if isinstance(self.loss, mt.AccumulatedMean):
            steps = self.trainer.accumulate_grad_batches
            self.loss.divide_gradients(self.parameters(), steps=steps)

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=RATE)


def fit(model, loss, batches, accumulate):
    trainer = lightning.Trainer(
        accelerator="cpu",
        devices=1,
        max_epochs=1,
        accumulate_grad_batches=accumulate,
        val_check_interval=1,  # in the middle of what is accumulated
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
    )
    model = copy.deepcopy(model)
    trainer.fit(Regression(model, loss), batches, batches)
    return model


@pytest.mark.filterwarnings("ignore:The '.*_dataloader' does not have many workers")
@pytest.mark.filterwarnings("ignore:.isinstance.treespec, LeafSpec.. is deprecated:FutureWarning")
def test_lightning():
    x, y = table(14)
    batches = DataLoader(TensorDataset(x, y), batch_size=2)
    start = torch.nn.Linear(3, 2)
    by_hand = copy.deepcopy(start)
    for rows in (slice(0, 6), slice(6, 12), slice(12, 14)):  # the last three steps are one
        step_by_hand(by_hand, x[rows], y[rows])
    loss = mt.MaskedMSELoss(missing=NAN)
    assert_same(fit(start, mt.AccumulatedMean(loss), batches, accumulate=3), by_hand)
    assert_other(fit(start, loss, batches, accumulate=3), by_hand)


def trained(model, data, tmp_path, *, batch, accumulate, **hook):
    from transformers import Trainer, TrainingArguments

    arguments = TrainingArguments(
        output_dir=str(tmp_path),
        per_device_train_batch_size=batch,
        gradient_accumulation_steps=accumulate,
        num_train_epochs=2,
        learning_rate=RATE,
        lr_scheduler_type="constant",
        optim="sgd",
        max_grad_norm=0.0,
        use_cpu=True,
        report_to="none",
        save_strategy="no",
        logging_strategy="no",
        disable_tqdm=True,
    )
    model = copy.deepcopy(model)
    Trainer(model, arguments, train_dataset=data, **hook).train()
    return model


SMALL = {
    "vocab_size": 16,
    "hidden_size": 8,
    "intermediate_size": 8,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
}


def tokens(rows, columns=5):
    return torch.randint(1, 16, (rows, columns), generator=torch.Generator().manual_seed(0))


def test_trainer(tmp_path):
    from transformers import BertConfig, BertForSequenceClassification

    config = BertConfig(
        **SMALL, num_labels=2, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0
    )
    start, words = BertForSequenceClassification(config), tokens(6)
    labels = torch.where(torch.isnan(table(6)[1]), -100, (table(6)[1] > 0).to(torch.float32))
    data = [{"input_ids": w, "labels": l} for w, l in zip(words, labels, strict=True)]

    by_hand, known = copy.deepcopy(start).train(), labels >= 0
    for _ in range(2):
        by_hand.zero_grad()
        logits = by_hand(input_ids=words).logits
        binary_cross_entropy_with_logits(logits[known], labels[known]).backward()
        with torch.no_grad():
            for parameter in by_hand.parameters():
                parameter -= RATE * (0 if parameter.grad is None else parameter.grad)

    loss = mt.MaskedBCEWithLogitsLoss(missing=-100)
    hook = {"compute_loss_func": mt.compute_loss_func(loss)}
    assert_same(trained(start, data, tmp_path, batch=2, accumulate=3, **hook), by_hand)
    assert_same(trained(start, data, tmp_path, batch=6, accumulate=1, **hook), by_hand)
    own = {"compute_loss_func": lambda outputs, labels, **_: loss(outputs.logits, labels) / 3}
    assert_other(trained(start, data, tmp_path, batch=2, accumulate=3, **own), by_hand)


def test_trainer_of_a_causal_language_model(tmp_path):
    from transformers import LlamaConfig, LlamaForCausalLM

    start, words = LlamaForCausalLM(LlamaConfig(**SMALL)), tokens(6)
    labels = torch.where(torch.arange(5) < torch.arange(6)[:, None], -100, words)
    data = [{"input_ids": w, "labels": l} for w, l in zip(words, labels, strict=True)]
    loss = mt.compute_loss_func(mt.MaskedCrossEntropyLoss(missing=-100), shift=True)
    with_hook = trained(start, data, tmp_path, batch=2, accumulate=3, compute_loss_func=loss)
    assert_same(with_hook, trained(start, data, tmp_path, batch=2, accumulate=3))
    assert_other(with_hook, start)


def test_the_hook_takes_the_missing_of_the_trainer_only():
    with pytest.raises(ValueError, match=re.escape("must have missing=-100")):
        mt.compute_loss_func(mt.MaskedMSELoss(missing=NAN))
    with pytest.raises(TypeError, match="must be a module of maskloss"):
        mt.compute_loss_func(torch.nn.MSELoss())


def test_the_hook_moves_the_loss_to_the_logits():
    loss = mt.MaskedBCEWithLogitsLoss(missing=-100, pos_weight=torch.ones(2))
    logits, labels = torch.zeros(1, 2, device="meta"), torch.zeros(1, 2, device="meta")
    assert mt.compute_loss_func(loss)((logits,), labels).is_meta


def test_the_page_runs():
    pages.run("docs/faces/torch.md")
