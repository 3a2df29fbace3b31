"""Learn by TRL's DPOTrainer to prefer true answers, where most bad ones are hard to read.

A rejected answer has one letter in seven wrong, and six in ten unreadable. Where unreadable letters
count, the model learns that they are bad, and less about wrong letters; the answers of the test are
clean. The loss of a batch must also equal a plain loop over the readable letters of each answer.
"""

import copy
import tempfile

import gaps
import letters
import numpy as np
import torch
from datasets import Dataset
from trl import DPOConfig, DPOTrainer

import maskloss as ml


class PreferenceTrainer(DPOTrainer):
    """Trains with a loss of maskloss, of all tokens but the ignored ones."""

    ignored = -1

    def compute_loss(self, model, inputs, **_):
        tokens = inputs["input_ids"]
        mask = inputs["completion_mask"] * (tokens != self.ignored)
        logits = model(tokens, attention_mask=inputs["attention_mask"]).logits
        scores = ml.sequence_log_probability(logits, tokens, mask=mask, shift=True)
        reference = self.compute_ref_log_probs(self.ref_model, {**inputs, "completion_mask": mask})
        pairs = scores.unflatten(0, (2, -1))  # chosen and rejected
        return ml.preference_loss(pairs, torch.stack(reference), beta=self.beta, pair_axis=0)


def fit(rows, seed, ignored=-1):
    model = letters.model(seed)
    before = copy.deepcopy(model)
    with tempfile.TemporaryDirectory() as folder:
        arguments = DPOConfig(
            output_dir=folder,
            seed=seed,
            max_steps=40,
            per_device_train_batch_size=16,
            learning_rate=1e-2,
            gradient_checkpointing=False,
            use_cpu=True,
            bf16=False,
            report_to="none",
            save_strategy="no",
            disable_tqdm=True,
            logging_strategy="no",
        )
        given = {"train_dataset": Dataset.from_list(rows), "ref_model": before}
        trainer = PreferenceTrainer(
            model, args=arguments, processing_class=letters.tokenizer(), **given
        )
        trainer.ignored = ignored
        check(trainer)
        trainer.train()
    return model, before


def check(trainer):
    """Compare the loss of a batch with a loop over the tokens that count."""
    batch = next(iter(trainer.get_train_dataloader()))
    model = copy.deepcopy(trainer.ref_model)
    for parameter in model.parameters():
        parameter.data += 0.02 * torch.randn(parameter.shape)
    gains = torch.zeros(len(batch["input_ids"]), dtype=torch.float64)
    with torch.no_grad():
        loss = trainer.compute_loss(model, batch)
        for network, sign in ((model, 1), (trainer.ref_model.eval(), -1)):
            given = {name: batch[name] for name in ("input_ids", "attention_mask")}
            log_probabilities = network(**given).logits.double().log_softmax(dim=-1)
            for row, tokens in enumerate(batch["input_ids"]):
                for place, token in enumerate(tokens):
                    if batch["completion_mask"][row, place] and token != trainer.ignored:
                        gains[row] += sign * log_probabilities[row, place - 1, token]
    chosen, rejected = gains.unflatten(0, (2, -1))
    plain = -torch.nn.functional.logsigmoid(trainer.beta * (chosen - rejected)).mean()
    torch.testing.assert_close(loss.double(), plain, rtol=1e-5, atol=0)


def accuracy(models, rows):
    """Return how often the chosen answer gains more probability than the rejected one."""
    tokenize = letters.tokenizer()
    gains = []
    for name in ("chosen", "rejected"):
        texts = [row["prompt"] + row[name] for row in rows]
        tokens = tokenize(texts, return_tensors="pt", return_token_type_ids=False)["input_ids"]
        with torch.no_grad():
            after, before = (
                ml.sequence_log_probability(model.eval()(tokens).logits, tokens, shift=True)
                for model in models
            )
        gains.append(after - before)
    return float((gains[0] > gains[1]).float().mean())


def pairs(count, unreadable, seed):
    """Return prompts with the true continuation, and with one that has some wrong letters.

    The letters of the two are unreadable with the given probabilities.
    """
    rng = np.random.default_rng(seed)
    decode = np.asarray(list(letters.TOKENS), dtype=object)
    first = len(letters.SPECIAL)
    rows = []
    for text in letters.texts(count, 32, seed):
        chosen, wrong = text[8:], rng.integers(first, len(decode), size=24)
        rejected = np.where(rng.uniform(size=24) < 0.15, wrong, chosen)
        # A few scans are clean.
        share = np.asarray(unreadable) * (rng.uniform() > 0.03)
        answers = [
            np.where(rng.uniform(size=24) < p, letters.TOKENS[letters.UNREADABLE], tokens)
            for p, tokens in zip(share, (chosen, rejected), strict=True)
        ]
        parts = ("".join(decode[tokens]) for tokens in (text[:8], *answers))
        rows.append(dict(zip(("prompt", "chosen", "rejected"), parts, strict=True)))
    return rows


if __name__ == "__main__":
    runs = []
    for seed in gaps.SEEDS:
        train = pairs(1000, (0.1, 0.6), seed=2 * seed)
        test = pairs(500, (0, 0), seed=2 * seed + 1)
        complete = [row for row in train if letters.UNREADABLE not in "".join(row.values())]
        run = {
            "masked": accuracy(fit(train, seed, letters.TOKENS[letters.UNREADABLE]), test),
            "missing as a letter": accuracy(fit(train, seed), test),
            "incomplete rows dropped": accuracy(fit(complete, seed), test),
        }
        runs.append(run)
    gaps.report(runs, "accuracy")
