"""Shared by the examples of language models: English text, a tokenizer and a model of letters."""

import os
from pydoc_data.topics import topics

os.environ["HF_HUB_OFFLINE"] = "1"  # read when it is imported

import numpy as np
import torch
from tokenizers import Regex, Tokenizer, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

LETTERS = " abcdefghijklmnopqrstuvwxyz"
UNREADABLE = "#"
SPECIAL = ("<pad>", "<eos>", UNREADABLE)
TOKENS = {token: number for number, token in enumerate((*SPECIAL, *LETTERS))}
PAD, END = TOKENS["<pad>"], TOKENS["<eos>"]


def texts(count, length, seed=0):
    """Return pieces of the documentation that Python brings, as rows of tokens."""
    letters = "".join(a if a in LETTERS else " " for a in " ".join(topics.values()).lower())
    numbers = np.asarray([TOKENS[a] for a in " ".join(letters.split())])
    starts = np.random.default_rng(seed).permutation(len(numbers) // length)[:count] * length
    return numbers[starts[:, None] + np.arange(length)]


def tokenizer():
    """Return a tokenizer whose tokens are letters."""
    letters = Tokenizer(models.WordLevel(TOKENS, unk_token=UNREADABLE))
    letters.pre_tokenizer = pre_tokenizers.Split(Regex("."), "isolated")
    return PreTrainedTokenizerFast(
        tokenizer_object=letters, pad_token="<pad>", eos_token="<eos>", unk_token=UNREADABLE
    )


def model(seed=0):
    """Return a causal language model of two layers."""
    torch.manual_seed(seed)
    torch.set_num_threads(1)  # one thread is fastest for small layers
    config = LlamaConfig(
        vocab_size=len(TOKENS),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        max_position_embeddings=64,
        pad_token_id=PAD,
        bos_token_id=END,
        eos_token_id=END,
    )
    return LlamaForCausalLM(config)
