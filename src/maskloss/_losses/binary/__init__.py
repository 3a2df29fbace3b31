"""Losses of independent binary labels.

May import: `_arrays`, `_inputs`, `_math`, `_formula`, `_loss`.
"""
