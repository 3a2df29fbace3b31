"""Losses of the overlap of regions.

May import: `_arrays`, `_inputs`, `_math`, `_formula`, `_loss`.
"""
