"""Losses of lists of items with relevances, and what they share.

May import: `_arrays`, `_inputs`, `_math`, `_formula`, `_loss`.
"""
