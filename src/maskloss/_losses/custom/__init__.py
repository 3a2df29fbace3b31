"""`masked_mean`: reduce losses that the user computes.

May import: `_arrays`, `_inputs`, `_formula`, `_loss`.
"""
