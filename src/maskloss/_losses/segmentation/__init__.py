"""Losses of the overlap of regions.

May import: `_docstrings`, `_arrays`, `_inputs`, `_math`, `_formula`, `_loss`.
"""
