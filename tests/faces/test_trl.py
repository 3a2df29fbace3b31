"""The recipes for TRL give the numbers of TRL's own losses."""

import copy
import os

import pytest
import torch

os.environ["HF_HUB_OFFLINE"] = "1"  # read when it is imported

import trl
from datasets import Dataset
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

import maskloss as ml
import maskloss.torch as mt
from helpers import pages

pytestmark = pytest.mark.filterwarnings("ignore")  # TRL and transformers warn of each other

WORDS = {word: k for k, word in enumerate(["<pad>", "<eos>", *"abcdefghij"])}
RECIPES = {}
for block in pages.blocks_of("docs/faces/trl.md"):
    exec(compile(block, "trl.md", "exec"), RECIPES)


def small_model():
    torch.manual_seed(0)
    sizes = {"hidden_size": 8, "intermediate_size": 8, "num_attention_heads": 2}
    config = LlamaConfig(
        vocab_size=len(WORDS), num_hidden_layers=2, pad_token_id=0, eos_token_id=1, **sizes
    )
    return LlamaForCausalLM(config)


def tokenizer():
    words = Tokenizer(models.WordLevel(WORDS, unk_token="<pad>"))
    words.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    special = {"pad_token": "<pad>", "eos_token": "<eos>", "unk_token": "<pad>"}
    return PreTrainedTokenizerFast(tokenizer_object=words, **special)


def settings(kind, path, **given):
    options = {
        "output_dir": str(path),
        "per_device_train_batch_size": 2,
        "gradient_accumulation_steps": 2,
        "num_train_epochs": 1,
        "learning_rate": 0.5,
        "lr_scheduler_type": "constant",
        "optim": "sgd",
        "max_grad_norm": 0.0,
        "gradient_checkpointing": False,
        "use_cpu": True,
        "bf16": False,
        "report_to": "none",
        "save_strategy": "no",
        "logging_strategy": "no",
        "disable_tqdm": True,
        "seed": 0,
    }
    return getattr(trl, f"{kind}Config")(**{**options, **given})


def assert_same(model, other):
    torch.testing.assert_close(dict(model.state_dict()), dict(other.state_dict()))


# Supervised fine-tuning


def sentences(rows=8, columns=6):
    generator = torch.Generator().manual_seed(0)
    tokens = torch.randint(2, len(WORDS), (rows, columns), generator=generator)
    labels = torch.where(torch.rand(rows, columns, generator=generator) < 0.4, -100, tokens)
    return tokens, labels


def fine_tuned(path, trainer, hook=None, collator=None, model=None, **columns):
    model = small_model() if model is None else model
    tokens, labels = sentences()
    data = {"input_ids": tokens.tolist(), "labels": labels.tolist(), **columns}
    arguments = settings(
        "SFT",
        path,
        dataset_kwargs={"skip_prepare_dataset": True},
        remove_unused_columns=not columns,
    )
    given = {"train_dataset": Dataset.from_dict(data), "data_collator": collator}
    made = trainer(model, arguments, processing_class=tokenizer(), **given)
    made.compute_loss_func = hook
    made.train()
    return model


@pytest.mark.parametrize("trainer", [RECIPES["TokenTrainer"], trl.SFTTrainer])
def test_sft_trains_as_trl_does(tmp_path, trainer):
    """Also with half the labels missing, and accumulated batches of different counts."""
    ours = fine_tuned(tmp_path, trainer, RECIPES["hook"])
    assert_same(ours, fine_tuned(tmp_path, trl.SFTTrainer))
    with pytest.raises(AssertionError):
        assert_same(ours, small_model())


@pytest.mark.parametrize("trainer", [RECIPES["TokenTrainer"], trl.SFTTrainer])
def test_sft_takes_weights_of_tokens(tmp_path, trainer):
    weights = torch.rand(sentences()[0].shape)

    def collate(rows):
        return {name: torch.tensor([row[name] for row in rows]) for name in rows[0]} | {
            "attention_mask": torch.ones(len(rows), 6, dtype=torch.long)
        }

    def trained(given):
        model = small_model()
        loss = mt.MaskedCrossEntropyLoss(missing=-100)
        hook = mt.compute_loss_func(loss, shift=True, weight="importance", model=model)
        column = given.tolist()
        return fine_tuned(tmp_path, trainer, hook, collate, model, importance=column)

    ones = trained(torch.ones_like(weights))
    assert_same(ones, fine_tuned(tmp_path, trl.SFTTrainer))
    assert_same(trained(torch.zeros_like(weights)), small_model())
    with pytest.raises(AssertionError):
        assert_same(trained(weights), ones)


# Preferences

PAIRS = [
    {"prompt": "a b", "chosen": " c d e", "rejected": " f"},
    {"prompt": "c", "chosen": " g", "rejected": " h i j a"},
]


def preferring(path, kind, **options):
    model, reference = small_model(), small_model()
    with torch.no_grad():
        for parameter in reference.parameters():
            parameter += 0.3 * torch.randn_like(parameter)
    trainer = kind(
        model,
        reference,
        settings("DPO", path, **options),
        train_dataset=Dataset.from_list(PAIRS),
        processing_class=tokenizer(),
    )
    batch = next(iter(trainer.get_train_dataloader()))
    return trainer, batch


def gradients(trainer, batch):
    trainer.model.zero_grad()
    value = trainer.compute_loss(trainer.model, batch)
    value.backward()
    named = trainer.model.named_parameters()
    return value.detach(), {name: parameter.grad.clone() for name, parameter in named}


@pytest.mark.parametrize("beta", [0.1, 2.0])
def test_dpo_has_the_value_and_gradients_of_trl(tmp_path, beta):
    want, _ = preferring(tmp_path, trl.DPOTrainer, beta=beta)
    ours, batch = preferring(tmp_path, RECIPES["PreferenceTrainer"], beta=beta)
    ours.ref_model.load_state_dict(want.ref_model.state_dict())
    torch.testing.assert_close(gradients(ours, batch), gradients(want, batch))


def test_dpo_trains(tmp_path):
    trainer, _ = preferring(tmp_path, RECIPES["PreferenceTrainer"])
    before = copy.deepcopy(trainer.model)
    trainer.train()
    with pytest.raises(AssertionError):
        assert_same(trainer.model, before)


# Policies


def rewarded(path, kind, **options):
    """Return a trainer, and a batch of four answers, the last without a token that counts."""
    trainer = kind(
        small_model(),
        lambda completions, **_: [float(len(text)) for text in completions],
        settings("GRPO", path, num_generations=2, max_completion_length=5, **options),
        train_dataset=Dataset.from_list([{"prompt": "a b"}, {"prompt": "c"}] * 4),
        processing_class=tokenizer(),
    )
    trainer.current_gradient_accumulation_steps = trainer.args.gradient_accumulation_steps
    generator = torch.Generator().manual_seed(0)
    ids = torch.randint(2, len(WORDS), (4, 7), generator=generator)
    mask = (torch.arange(5) < torch.tensor([5, 3, 1, 0])[:, None]).long()
    batch = {
        "prompt_ids": ids[:, :2],
        "prompt_mask": torch.ones(4, 2, dtype=torch.long),
        "completion_ids": ids[:, 2:],
        "completion_mask": mask,
        "advantages": torch.tensor([1.0, -0.5, 2.0, 1.0]),
        "old_per_token_logps": torch.randn(4, 5, generator=generator) - 2.5,
        "num_items_in_batch": mask.sum(),
    }
    return trainer, batch


def test_grpo_has_the_value_and_gradients_of_trl(tmp_path):
    want, batch = rewarded(tmp_path, trl.GRPOTrainer, loss_type="grpo", beta=0.0)
    ours, _ = rewarded(tmp_path, RECIPES["PolicyTrainer"])
    torch.testing.assert_close(gradients(ours, batch), gradients(want, batch))


def token_mean(trainer, batch):
    # TRL spreads the tokens of one generation over the accumulated steps.
    args = trainer.args
    steps = args.gradient_accumulation_steps / args.steps_per_generation
    return {"divisor": batch["num_items_in_batch"] * steps}


def sequence_means(trainer, batch):
    tokens = batch["completion_mask"].sum(dim=1, keepdim=True).clamp(min=1)
    return {"weight": 1 / tokens, "divisor": 4 * trainer.args.gradient_accumulation_steps}


def bare_mean(trainer, batch):
    tokens = batch["completion_mask"].sum()
    return {"divisor": tokens * trainer.args.gradient_accumulation_steps}


def constant_length(trainer, _):
    return {"divisor": 4 * 5 * trainer.args.gradient_accumulation_steps}


@pytest.mark.parametrize(
    ("options", "mean", "keywords"),
    [
        ({"loss_type": "grpo", "delta": 1.5}, sequence_means, {"dual_clip": 1.5}),
        ({"loss_type": "bnpo", "epsilon_high": 0.28}, bare_mean, {"epsilon_high": 0.28}),
        ({"loss_type": "dr_grpo"}, constant_length, {}),
        ({"loss_type": "dapo"}, token_mean, {}),
        (
            {"loss_type": "cispo", "epsilon_high": 1.5},
            token_mean,
            {"loss_type": "cispo", "epsilon_high": 0.5},
        ),
        ({"loss_type": "sapo"}, sequence_means, {"loss_type": "sapo"}),
    ],
    ids=lambda value: value.get("loss_type") if isinstance(value, dict) else "",
)
def test_the_means_of_grpo(tmp_path, options, mean, keywords):
    trainer, batch = rewarded(tmp_path, trl.GRPOTrainer, beta=0.0, **options)
    want, slopes = gradients(trainer, batch)
    trainer.model.zero_grad()
    parts = (("prompt_ids", "completion_ids"), ("prompt_mask", "completion_mask"))
    ids, seen = (torch.cat([batch[name] for name in names], dim=1) for names in parts)
    new, *_ = trainer._get_per_token_logps_and_entropies(trainer.model, ids, seen, 5)
    advantages, mask = batch["advantages"][:, None], batch["completion_mask"]
    value = ml.clipped_policy_loss(
        new, batch["old_per_token_logps"], advantages, mask=mask, **mean(trainer, batch), **keywords
    )
    value.backward()
    torch.testing.assert_close(value.detach(), want)
    got = {name: parameter.grad for name, parameter in trainer.model.named_parameters()}
    torch.testing.assert_close(got, slopes)


def test_grpo_trains(tmp_path):
    trainer, _ = rewarded(tmp_path, RECIPES["PolicyTrainer"], per_device_train_batch_size=4)
    before = copy.deepcopy(trainer.model)
    trainer.train()
    with pytest.raises(AssertionError):
        assert_same(trainer.model, before)
