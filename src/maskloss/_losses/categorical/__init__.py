"""Losses of one class among several, and what they share.

May import: `_arrays`, `_inputs`, `_math`, `_formula`, `_loss`, `_losses/binary`.
"""
