"""Train by TRL's GRPOTrainer with a judge that gives no reward to most of the good answers.

TRL leaves an answer without a reward out of the mean of its group, and gives it no gradient.
"""

import tempfile

import gaps
import letters
import numpy as np
import torch
from datasets import Dataset
from trl import GRPOConfig, GRPOTrainer

import maskloss as ml

GROUP = 8


class PolicyTrainer(GRPOTrainer):
    """Trains with a loss of maskloss."""

    def compute_loss(self, model, inputs, **_):
        parts = (("prompt_ids", "completion_ids"), ("prompt_mask", "completion_mask"))
        ids, seen = (torch.cat([inputs[name] for name in names], dim=1) for names in parts)
        mask, advantages = inputs["completion_mask"], inputs["advantages"][:, None]
        new, *_ = self._get_per_token_logps_and_entropies(model, ids, seen, mask.shape[1])
        old = inputs.get("old_per_token_logps", new.detach())
        mean = {"weight": 1 / mask.sum(dim=1, keepdim=True).clamp(min=1), "divisor": len(mask)}
        loss = ml.clipped_policy_loss(new, old, advantages, mask=mask, **mean)
        return loss / self.args.gradient_accumulation_steps


def reward(completion):
    """Return the share of vowels in an answer."""
    return sum(letter in "aeiou" for letter in completion) / 8


def judged(completions, rng):
    """Return the rewards, of which two thirds of the good ones are missing."""
    rewards = map(reward, completions)
    return [None if r > 0.25 and rng.uniform() < 0.67 else r for r in rewards]


def fit(treat, seed):
    rng = np.random.default_rng(seed)
    model, prompts = letters.model(seed), letters.texts(400, 8, seed)
    decode = np.asarray(list(letters.TOKENS), dtype=object)
    with tempfile.TemporaryDirectory() as folder:
        arguments = GRPOConfig(
            output_dir=folder,
            seed=seed,
            max_steps=30,
            per_device_train_batch_size=4 * GROUP,
            num_generations=GROUP,
            max_completion_length=8,
            learning_rate=1e-2,
            gradient_checkpointing=False,
            use_cpu=True,
            bf16=False,
            report_to="none",
            save_strategy="no",
            disable_tqdm=True,
            logging_strategy="no",
        )
        trainer = PolicyTrainer(
            model,
            lambda completions, **_: treat(judged(completions, rng)),
            arguments,
            train_dataset=Dataset.from_dict({"prompt": ["".join(decode[p]) for p in prompts]}),
            processing_class=letters.tokenizer(),
        )
        trainer.train()
    return model


def mean_reward(model, seed):
    torch.manual_seed(seed)
    tokens = torch.from_numpy(letters.texts(200, 8, seed=100 + seed))
    answers = model.eval().generate(tokens, do_sample=True, max_new_tokens=8)[:, 8:]
    return float(np.mean([reward(text) for text in letters.tokenizer().batch_decode(answers)]))


def as_zero(rewards):
    return [0.0 if reward is None else reward for reward in rewards]


def complete_groups(rewards):
    groups = np.asarray(rewards, dtype=float).reshape(-1, GROUP)
    groups[np.isnan(groups).any(axis=1)] = np.nan
    return [None if np.isnan(reward) else reward for reward in groups.ravel()]


if __name__ == "__main__":
    treatments = {
        "masked": list,
        "missing as 0": as_zero,
        "incomplete groups dropped": complete_groups,
    }
    runs = [
        {name: mean_reward(fit(treat, seed), seed) for name, treat in treatments.items()}
        for seed in range(3)
    ]
    gaps.report(runs, "mean reward")
