"""Fine-tune a language model by TRL's SFTTrainer on scanned text of which a fifth is unreadable.

Where the mark of an unreadable letter is a label, a fifth of the probability goes to the mark.
"""

import tempfile

import gaps
import letters
import numpy as np
import torch
from datasets import Dataset
from transformers import Trainer
from trl import SFTConfig, SFTTrainer

import maskloss as ml
from maskloss.torch import MaskedCrossEntropyLoss, compute_loss_func


class TokenTrainer(SFTTrainer):
    """Trains with a hook, and runs the model only once."""

    compute_loss = Trainer.compute_loss


def fit(tokens, labels, seed):
    hook = compute_loss_func(MaskedCrossEntropyLoss(missing=-100), shift=True)
    model = letters.model(seed)
    with tempfile.TemporaryDirectory() as folder:
        arguments = SFTConfig(
            output_dir=folder,
            seed=seed,
            max_steps=60,
            per_device_train_batch_size=32,
            learning_rate=1e-2,
            gradient_checkpointing=False,
            use_cpu=True,
            bf16=False,
            report_to="none",
            save_strategy="no",
            disable_tqdm=True,
            logging_strategy="no",
            dataset_kwargs={"skip_prepare_dataset": True},
        )
        data = Dataset.from_dict({"input_ids": tokens.tolist(), "labels": labels.tolist()})
        given = {"train_dataset": data, "processing_class": letters.tokenizer()}
        trainer = TokenTrainer(model, arguments, **given)
        trainer.compute_loss_func = hook
        trainer.train()
    return model


def bits_per_letter(model, tokens):
    tokens = torch.from_numpy(tokens)
    with torch.no_grad():
        logits = model.eval()(tokens).logits[:, :-1]
    return ml.cross_entropy(logits, tokens[:, 1:]).item() / np.log(2)


if __name__ == "__main__":
    runs = []
    for seed in range(3):
        text, test = np.split(letters.texts(2300, 48, seed), [2000])
        rng = np.random.default_rng(seed)
        share = np.where(rng.uniform(size=(len(text), 1)) < 0.03, 1.0, 0.8)  # a few scans are clean
        is_known = rng.uniform(size=text.shape) < share
        scan = np.where(is_known, text, letters.TOKENS[letters.UNREADABLE])
        is_complete = is_known.all(axis=1)
        ways = {
            "masked": (scan, np.where(is_known, text, -100)),
            "missing as a letter": (scan, scan),
            "incomplete rows dropped": (text[is_complete], text[is_complete]),
        }
        runs.append({name: bits_per_letter(fit(*way, seed), test) for name, way in ways.items()})
    gaps.report(runs, "bits per letter", sign=-1)
