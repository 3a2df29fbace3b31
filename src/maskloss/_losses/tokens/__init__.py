"""Losses of language models: of log-probabilities of tokens and of whole sequences.

May import: `_arrays`, `_inputs`, `_math`, `_formula`, `_loss`, `_losses/categorical`.
"""
