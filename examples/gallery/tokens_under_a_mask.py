"""
Tokens under a mask
===================

A language model is trained on the answers, not on the prompts, and not on the padding. Both are
marked by -100. The logits of a large vocabulary would fill the memory;
:func:`~maskloss.linear_cross_entropy` never holds them.
"""

import tracemalloc

import matplotlib.pyplot as plt
import numpy as np

import maskloss as ml

# %%
# 512 positions, a hidden size of 64, a vocabulary of 20000 tokens. Prompts take the first 300.
rng = np.random.default_rng(0)
hidden = rng.normal(size=(512, 64)).astype("float32")
vocabulary = (0.1 * rng.normal(size=(20000, 64))).astype("float32")
tokens = rng.integers(0, 20000, 512)
tokens[:300] = -100

# %%
# Loss and gradient, with all logits and without.
every_logit = ml.value_and_grad(ml.cross_entropy)
in_chunks = ml.value_and_grad(ml.linear_cross_entropy)


def peak(call):
    tracemalloc.start()
    value = call()
    used = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    return value, used


whole, used_whole = peak(lambda: every_logit(hidden @ vocabulary.T, tokens, missing=-100)[0])
chunks, used_chunks = peak(lambda: in_chunks(hidden, vocabulary, tokens, missing=-100)[0])
np.testing.assert_allclose(whole, chunks, rtol=1e-5)

# %%
# The same loss, in less memory. The second call returns the gradients of hidden states and
# vocabulary as well.
figure, axis = plt.subplots(figsize=(6, 2), layout="constrained")
axis.barh(["all logits", "in chunks"], [used_whole, used_chunks], color=["#999999", "#0072B2"])
axis.set(xlabel="peak memory, MB")
axis.invert_yaxis()
plt.show()
