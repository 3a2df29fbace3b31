"""Learn preferences by TRL's DPOTrainer from answers with unreadable letters, more in bad ones."""

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


def fit(rows, ignored=-1):
    model = letters.model()
    before = copy.deepcopy(model)
    with tempfile.TemporaryDirectory() as folder:
        arguments = DPOConfig(
            output_dir=folder,
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
        trainer.train()
    return model, before


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
    """Return prompts with the true continuation, and with one of shuffled letters.

    The letters of the two are unreadable with the given probabilities.
    """
    rng = np.random.default_rng(seed)
    decode = np.asarray(list(letters.TOKENS), dtype=object)
    rows = []
    for text in letters.texts(count, 32, seed):
        chosen, rejected = text[8:], rng.permutation(text[8:])
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
    train, test = pairs(1000, (0.1, 0.6), seed=0), pairs(300, (0, 0), seed=1)
    complete = [row for row in train if letters.UNREADABLE not in "".join(row.values())]
    scores = {
        "masked": accuracy(fit(train, letters.TOKENS[letters.UNREADABLE]), test),
        "missing as a letter": accuracy(fit(train), test),
        "incomplete rows dropped": accuracy(fit(complete), test),
    }
    gaps.report(scores, "accuracy")
