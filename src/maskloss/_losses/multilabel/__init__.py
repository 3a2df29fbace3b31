"""Losses that compare the labels of a row with each other.

May import: `_arrays`, `_inputs`, `_math`, `_formula`, `_loss`, `_losses/binary`.
"""
